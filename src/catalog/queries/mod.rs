//! Every statement on the catalog's tables.
pub(super) mod builds;

use std::collections::HashMap;

use entity::{product, product_price, product_translation};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Market;

/// One product, whatever its status.
pub(super) async fn product(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<product::Model>, DbErr> {
    product::Entity::find_by_id(id).one(db).await
}

/// Products by id, in no order.
pub(super) async fn products(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<product::Model>, DbErr> {
    product::Entity::find().filter(product::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// What products cost in a market, minor units: the country's own price, else the one for everywhere.
pub(super) async fn prices(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    market: &Market,
) -> Result<HashMap<Uuid, i64>, DbErr> {
    let rows = product_price::Entity::find()
        .filter(product_price::Column::ProductId.is_in(ids.iter().copied()))
        .filter(product_price::Column::Currency.eq(market.currency.as_str()))
        .filter(product_price::Column::Country.is_in([market.country.as_str(), ""]))
        .all(db)
        .await?;
    let mut prices = HashMap::new();
    for row in rows {
        if row.country.is_empty() {
            prices.entry(row.product_id).or_insert(row.amount);
        } else {
            prices.insert(row.product_id, row.amount);
        }
    }
    Ok(prices)
}

/// The translations of products, in no order.
pub(super) async fn translations(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<product_translation::Model>, DbErr> {
    product_translation::Entity::find()
        .filter(product_translation::Column::ProductId.is_in(ids.iter().copied()))
        .all(db)
        .await
}
