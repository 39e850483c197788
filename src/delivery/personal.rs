//! What deliveries hold of a person: taken along, and erased.
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries;
use crate::{app::App, catalog::stamped, error::Result};

/// Grants changed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 1_000;

/// The download links that an account was given, from behind one.
pub async fn exported_downloads(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::grants_of(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let download = json!({
            "id": row.id, "product_id": row.product_id, "build_id": row.build_id, "file": row.file_name,
            "created_at": row.created_at, "expires_at": row.expires_at, "delivered_at": row.delivered_at,
            "delivered_bytes": row.delivered_bytes, "sent_bytes": row.sent_bytes, "ip": row.ip,
        });
        (row.id, download)
    });
    Ok(told.collect())
}

/// Takes an account's download links away, the open ones too, and the copies that bear its name.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    queries::delete_grants(tx, account).await?;
    stamped::erase(tx, account).await
}

/// Forgets from where downloads were asked for before a moment; says how many.
pub async fn forget_addresses(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::forget_addresses(tx, before, BATCH).await?)).await
}
