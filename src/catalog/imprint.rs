//! What only feeds say of a product: since when it is there, when it was changed, which languages it speaks, which sale
//! runs on it.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries::{products, sales};
use crate::error::Result;

/// What feeds say of a product beside its summary.
#[derive(Clone, Debug)]
pub struct Imprint {
    /// Its name in addresses.
    pub slug: String,
    /// BCP 47, sorted.
    pub languages: Vec<String>,
    /// UTC, of the first publication.
    pub published_at: DateTime<Utc>,
    /// UTC, of the last edit.
    pub updated_at: DateTime<Utc>,
}

/// A sale that runs.
#[derive(Clone, Copy, Debug)]
pub struct RunningSale {
    /// UUIDv7.
    pub id: Uuid,
    /// UTC, inclusive.
    pub starts_at: DateTime<Utc>,
}

/// The imprints of products by id, whatever their status.
pub async fn imprints(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Imprint>> {
    let rows = products::imprints(db, ids).await?;
    let imprint = |row: products::ImprintRow| {
        let imprint = Imprint {
            slug: row.slug,
            languages: serde_json::from_value(row.languages).unwrap_or_default(),
            published_at: row.published_at.unwrap_or(row.created_at),
            updated_at: row.updated_at,
        };
        (row.id, imprint)
    };
    Ok(rows.into_iter().map(imprint).collect())
}

/// The sales that run at a moment, by product.
pub async fn running_sales(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, RunningSale>> {
    let running = sales::running(db, ids, now).await?;
    let sale =
        |row: entity::sale::Model| (row.product_id, RunningSale { id: row.id, starts_at: row.starts_at });
    Ok(running.into_iter().map(sale).collect())
}
