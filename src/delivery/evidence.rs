//! What the store can show of its deliveries when a payment is disputed.
use chrono::{DateTime, Utc};
use entity::download_grant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result};

/// Downloads that are shown at most.
const MOST: u64 = 1_000;

/// A download that was asked for, and what of it was delivered.
#[derive(Debug, Serialize, ToSchema)]
pub struct DownloadEvidence {
    /// Of what.
    product_id: Uuid,
    /// Of which build.
    build_id: Uuid,
    /// Which file.
    file: String,
    /// UTC, when it was asked for.
    at: DateTime<Utc>,
    /// From where, while that is kept.
    #[schema(required)]
    ip: Option<String>,
    /// UTC, when the whole file had been sent; null where it was not, or where other servers sent it.
    #[schema(required)]
    delivered_at: Option<DateTime<Utc>>,
    /// Bytes that were sent.
    delivered_bytes: i64,
}

/// The downloads of some products that an account asked for, from the first; 1,000 at most.
pub async fn evidence(app: &App, account: Uuid, products: &[Uuid]) -> Result<Vec<DownloadEvidence>> {
    let rows = queries::grants_to(&app.db.read, account, products, MOST).await?;
    let shown = |row: download_grant::Model| DownloadEvidence {
        product_id: row.product_id,
        build_id: row.build_id,
        file: row.file_name,
        at: row.created_at,
        ip: row.ip,
        delivered_at: row.delivered_at,
        delivered_bytes: row.delivered_bytes,
    };
    Ok(rows.into_iter().map(shown).collect())
}
