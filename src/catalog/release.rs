//! Releases: when what was sold before can be delivered, which is on its day and not before there is something.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Product, licenses, queries};
use crate::error::{Error, Result};

/// When a product is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release(Option<DateTime<Utc>>);

impl Release {
    /// The moment, once it has come.
    pub fn come(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.filter(|at| *at <= now)
    }
}

/// Those that are sold before they are released whose day is after one day and until another, whatever became of them since.
pub async fn preorders_of_days(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Uuid>> {
    Ok(queries::products::preorders_of_days(db, from, to).await?)
}

/// When products are released, whether they are pre-orders or not.
pub async fn releases(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Release>> {
    of_rows(db, &queries::products(db, ids).await?).await
}

/// Those of some products that are sold before they are released, and were not released yet.
pub async fn awaited(db: &impl ConnectionTrait, ids: &[Uuid], now: DateTime<Utc>) -> Result<HashSet<Uuid>> {
    awaited_of(db, &queries::products(db, ids).await?, now).await
}

/// Those of some products that were sold before they were released, and are released now.
pub async fn releases_come(db: &impl ConnectionTrait, ids: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let rows = queries::products(db, ids).await?;
    let awaited = awaited_of(db, &rows, now).await?;
    let come = rows.into_iter().filter(|row| row.preorder && !awaited.contains(&row.id));
    Ok(come.map(|row| row.id).collect())
}

/// Those that [`awaited`] names, of rows that were read already.
pub(super) async fn awaited_of(
    db: &impl ConnectionTrait,
    rows: &[Product],
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>> {
    let rows: Vec<Product> = rows.iter().filter(|row| row.preorder).cloned().collect();
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let releases = of_rows(db, &rows).await?.into_iter();
    Ok(releases.filter(|(_, release)| release.come(now).is_none()).map(|(id, _)| id).collect())
}

async fn of_rows(db: &impl ConnectionTrait, rows: &[Product]) -> Result<HashMap<Uuid, Release>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let built = queries::builds::first_released(db, &ids).await?;
    let keyed = licenses::with_keys(db, &ids).await?;
    let release = |row: &Product| {
        let day = row.release_date.map_or(DateTime::UNIX_EPOCH, |day| day.and_time(NaiveTime::MIN).and_utc());
        let there = built.get(&row.id).copied().or_else(|| keyed.contains(&row.id).then_some(day));
        (row.id, Release(there.map(|at| at.max(day))))
    };
    Ok(rows.iter().map(release).collect())
}

/// 422 unless a product, as it was just written, can be made one that is sold before it is released: its day is to come,
/// and nothing was delivered yet, neither builds nor licence keys.
pub(super) async fn require_to_come(
    tx: &impl ConnectionTrait,
    row: &Product,
    now: DateTime<Utc>,
) -> Result<()> {
    let to_come = row.release_date.is_some_and(|day| day > now.date_naive());
    if to_come
        && queries::builds::first_released(tx, &[row.id]).await?.is_empty()
        && queries::builds::with_released(tx, &[row.id]).await?.is_empty()
        && licenses::with_keys(tx, &[row.id]).await?.is_empty()
    {
        return Ok(());
    }
    Err(Error::field("preorder", "not_to_come", "needs a release date to come, and nothing to deliver yet"))
}
