//! What a library holds of a person: taken along, and erased.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result};

/// What stands in the place of staff's words on somebody who was erased.
const ERASED: &str = "(erased)";

/// The rights of an account, lost ones too, from behind one.
pub async fn exported_entitlements(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_of(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let right = json!({
            "id": row.id, "product_id": row.product_id, "source": row.source, "source_id": row.source_id,
            "status": row.status, "granted_at": row.granted_at, "revoked_at": row.revoked_at,
            "last_downloaded_at": row.last_downloaded_at, "download_begun_at": row.download_begun_at,
        });
        (row.id, right)
    });
    Ok(told.collect())
}

/// What staff gave to an account and why, from behind a gift. Who of them it was is not the account's.
pub async fn exported_grants(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::grants_to(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let gift = json!({
            "id": row.id, "product_id": row.product_id, "reason": row.reason, "granted_at": row.granted_at,
        });
        (row.id, gift)
    });
    Ok(told.collect())
}

/// Takes away what staff wrote on an account. Its rights stay, for they are what its orders gave.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::blank_reasons(tx, account, ERASED).await?)
}
