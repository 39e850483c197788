//! Every statement on the catalog's tables: what every slice reads is here, the rest in a file per table group.
pub(super) mod builds;
pub(super) mod labels;
pub(super) mod media;
pub(super) mod offered;
pub(super) mod parts;
pub(super) mod products;
pub(super) mod published;
pub(super) mod relations;
pub(super) mod sales;
pub(super) mod shown;
pub(super) mod slugs;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{product, product_price, sale};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, JoinType, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

pub(super) use labels::{categories, tags};
pub(super) use parts::translations;

use super::{Market, price::Base};

/// One product, whatever its status.
pub(super) async fn product(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<product::Model>, DbErr> {
    product::Entity::find_by_id(id).one(db).await
}

/// The product that has a slug at present.
pub(super) async fn product_by_slug(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<product::Model>, DbErr> {
    product::Entity::find().filter(product::Column::Slug.eq(slug)).one(db).await
}

/// Whether there is any product.
pub(super) async fn has_products(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(product::Entity::find().one(db).await?.is_some())
}

/// Products by id, in no order.
pub(super) async fn products(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<product::Model>, DbErr> {
    product::Entity::find().filter(product::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// What products cost in a market, the country's own price, else the one for everywhere; and the sales of theirs that run.
pub(super) async fn prices(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    market: &Market,
    now: DateTime<Utc>,
) -> Result<(HashMap<Uuid, Base>, HashMap<Uuid, sale::Model>), DbErr> {
    let running = product_price::Entity::belongs_to(sale::Entity)
        .from(product_price::Column::ProductId)
        .to(sale::Column::ProductId)
        .on_condition(move |_, sale| {
            let col = |column| Expr::col((sale.clone(), column));
            Condition::all().add(col(sale::Column::StartsAt).lte(now)).add(col(sale::Column::EndsAt).gt(now))
        })
        .into();
    let rows = product_price::Entity::find()
        .join(JoinType::LeftJoin, running)
        .select_also(sale::Entity)
        .filter(product_price::Column::ProductId.is_in(ids.iter().copied()))
        .filter(product_price::Column::Currency.eq(market.currency.as_str()))
        .filter(product_price::Column::Country.is_in([market.country.as_str(), ""]))
        .all(db)
        .await?;
    let (mut prices, mut sales) = (HashMap::new(), HashMap::new());
    for (row, sale) in rows {
        sales.extend(sale.map(|sale| (sale.product_id, sale)));
        if row.country.is_empty() {
            prices.entry(row.product_id).or_insert(Base::from(&row));
        } else {
            prices.insert(row.product_id, Base::from(&row));
        }
    }
    Ok((prices, sales))
}

/// Lets PostgreSQL count what is in the catalog's tables, by which it chooses its plans. It does so by itself, but
/// minutes later: until then a list of a catalog just imported is ten times slower. SQLite's plans need no counts.
pub(super) async fn count_anew(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(
            "ANALYZE product, product_price, product_tag, product_category, product_platform, product_language, \
             product_translation",
        )
        .await?;
    }
    Ok(())
}
