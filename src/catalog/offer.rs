//! What a product is offered for, and whether it can be bought at all.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::product;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Market, Price, Product, pricing,
    queries::{self, offered::Offered},
    relations::contents,
    release::awaited_of,
};
use crate::error::Result;

/// A product as it is offered in a market.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What is offered.
    pub product: Product,
    /// None where it isn't sold.
    pub price: Option<Price>,
    /// Whether there is something to deliver: a released build, licence keys, a release date to come, or what a bundle
    /// contains.
    pub deliverable: bool,
    /// Whether it is sold before it is released.
    pub preorder: bool,
    /// Whether it is sold with a licence key.
    pub with_key: bool,
    /// What is delivered of a bundle; empty for any other product.
    pub contents: Vec<Uuid>,
}

impl Offer {
    /// Whether it stands in the store.
    pub fn published(&self) -> bool {
        self.product.status == product::Status::Published
    }

    /// What it costs, if it can be bought.
    pub fn sold(&self) -> Option<&Price> {
        self.price.as_ref().filter(|_| self.published() && self.deliverable)
    }
}

/// Whether a product stands in the store, or did until it was archived.
pub async fn was_published(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(queries::product(db, id).await?.is_some_and(|row| row.status != product::Status::Draft))
}

/// Products as they are offered in a market at a moment, by id; read inside the transaction that sells them.
pub async fn offers(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    market: &Market,
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Offer>> {
    if ids.is_empty() {
        // A selection without bundles asks for the offers of no contents.
        return Ok(HashMap::new());
    }
    let rows = queries::offered::offered(db, ids).await?;
    let mut prices = pricing::prices(db, ids, market, now).await?;
    let today = now.date_naive();
    let bundles: Vec<Uuid> = rows.iter().filter(|row| row.is_bundle).map(|row| row.product.id).collect();
    let mut bundles = if bundles.is_empty() { HashMap::new() } else { contents(db, &bundles).await? };
    let ahead: Vec<Product> =
        rows.iter().map(|row| &row.product).filter(|row| row.preorder).cloned().collect();
    let awaited = awaited_of(db, &ahead, now).await?;
    let mut offer = |Offered { product, is_released, is_keyed, .. }: Offered| {
        let contents = bundles.remove(&product.id).unwrap_or_default();
        let price = prices.remove(&product.id);
        // Whether what a bundle contains can be delivered is judged by its own offers.
        let deliverable = !contents.is_empty()
            || is_released
            || is_keyed
            || product.release_date.is_some_and(|date| date > today);
        let preorder = awaited.contains(&product.id);
        (product.id, Offer { product, price, deliverable, preorder, with_key: is_keyed, contents })
    };
    Ok(rows.into_iter().map(&mut offer).collect())
}
