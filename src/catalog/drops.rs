//! Prices that fell: told to who waits for that.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use entity::product_price;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{Market, lowest::lowest, queries::sales};
use crate::error::Result;

/// The shortest time that both databases tell apart.
const INSTANT: Duration = Duration::microseconds(1);

/// What a product cost just before a moment, and less from it on; minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceDrop {
    /// Before.
    pub before: i64,
    /// From then on.
    pub after: i64,
}

/// By how much the price of a product fell in a market at a moment, by a sale or for good; none when it did not, or costs
/// more again by now.
pub async fn price_drop(
    db: &impl ConnectionTrait,
    product: Uuid,
    market: &Market,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<PriceDrop>> {
    let end = at.max(now) + INSTANT;
    let changes = sales::changes(db, &[product], market, end).await?;
    let running = sales::between(db, &[product], at - INSTANT, end).await?;
    let costs = |from: DateTime<Utc>| lowest(&changes, &running, from, from + INSTANT);
    let (Some(before), Some(after), Some(present)) = (costs(at - INSTANT), costs(at), costs(at.max(now)))
    else {
        return Ok(None);
    };
    Ok((after < before && present <= after).then_some(PriceDrop { before, after: present }))
}

/// The products of which a price becomes lower, or a country's own one ends, so that the one for everywhere holds there.
pub(super) fn lowered(before: &[product_price::Model], after: &[product_price::Model]) -> BTreeSet<Uuid> {
    let key = |row: &product_price::Model| (row.product_id, row.currency.clone(), row.country.clone());
    let after: BTreeMap<_, i64> = after.iter().map(|row| (key(row), row.amount)).collect();
    let falls = |row: &&product_price::Model| match after.get(&key(row)) {
        Some(amount) => *amount < row.amount,
        None => !row.country.is_empty(),
    };
    before.iter().filter(falls).map(|row| row.product_id).collect()
}
