//! What the calendar brings about without anybody's doing: sales that begin or are about to end, and days of release.
use chrono::{DateTime, NaiveDate, Utc};
use entity::sale;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries::{products, sales};
use crate::error::Result;

/// When a product costs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleSpan {
    /// UUIDv7.
    pub id: Uuid,
    /// What is sold.
    pub product: Uuid,
    /// UTC, inclusive.
    pub starts_at: DateTime<Utc>,
    /// UTC, exclusive.
    pub ends_at: DateTime<Utc>,
}

impl From<sale::Model> for SaleSpan {
    fn from(row: sale::Model) -> Self {
        Self { id: row.id, product: row.product_id, starts_at: row.starts_at, ends_at: row.ends_at }
    }
}

/// The sales that began after `from` and until `to`, in no order.
pub async fn sales_begun(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<SaleSpan>> {
    Ok(sales::begun(db, from, to).await?.into_iter().map(SaleSpan::from).collect())
}

/// The sales that end after `from` and until `to`, in no order.
pub async fn sales_ending(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<SaleSpan>> {
    Ok(sales::ended(db, from, to).await?.into_iter().map(SaleSpan::from).collect())
}

/// A sale of a product.
pub async fn sale(db: &impl ConnectionTrait, product: Uuid, id: Uuid) -> Result<Option<SaleSpan>> {
    Ok(sales::one(db, product, id).await?.map(SaleSpan::from))
}

/// The products in the store that are released on a day after `from` and until `to`, and were there before that day.
pub async fn released_in(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Vec<Uuid>> {
    let rows = products::released_in(db, from, to).await?;
    let waited = rows
        .into_iter()
        .filter(|(_, day, published_at)| published_at.is_none_or(|published| published.date_naive() < *day));
    Ok(waited.map(|(id, ..)| id).collect())
}
