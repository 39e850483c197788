//! Sales, and the prices of before.
use chrono::{DateTime, Utc};
use entity::{price_change, product, sale};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::catalog::Market;

/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 1000;

/// The sales of products that run at a moment, in no order.
pub(in crate::catalog) async fn running(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<sale::Model>, DbErr> {
    sale::Entity::find()
        .filter(sale::Column::ProductId.is_in(products.iter().copied()))
        .filter(sale::Column::StartsAt.lte(now))
        .filter(sale::Column::EndsAt.gt(now))
        .all(db)
        .await
}

/// The sales of products that share time with the span, in no order.
pub(in crate::catalog) async fn between(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<sale::Model>, DbErr> {
    sale::Entity::find()
        .filter(sale::Column::ProductId.is_in(products.iter().copied()))
        .filter(sale::Column::StartsAt.lt(to))
        .filter(sale::Column::EndsAt.gt(from))
        .all(db)
        .await
}

/// The sales of products that run at a moment or are to come then, in no order.
pub(in crate::catalog) async fn ending_after(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<sale::Model>, DbErr> {
    sale::Entity::find()
        .filter(sale::Column::ProductId.is_in(products.iter().copied()))
        .filter(sale::Column::EndsAt.gt(now))
        .all(db)
        .await
}

/// The sales that begin after a moment and until another, in no order.
pub(in crate::catalog) async fn begun(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<sale::Model>, DbErr> {
    use sale::Column::StartsAt;
    sale::Entity::find().filter(StartsAt.gt(from)).filter(StartsAt.lte(to)).all(db).await
}

/// The sales that end after a moment and until another, in no order.
pub(in crate::catalog) async fn ended(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<sale::Model>, DbErr> {
    use sale::Column::EndsAt;
    sale::Entity::find().filter(EndsAt.gt(from)).filter(EndsAt.lte(to)).all(db).await
}

/// The next moment at which any sale begins or ends.
pub(in crate::catalog) async fn next_boundary(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    use sale::Column::{EndsAt, StartsAt};
    let begins = sale::Entity::find().filter(StartsAt.gt(now)).order_by_asc(StartsAt).one(db).await?;
    let ends = sale::Entity::find().filter(EndsAt.gt(now)).order_by_asc(EndsAt).one(db).await?;
    Ok(begins.map(|sale| sale.starts_at).into_iter().chain(ends.map(|sale| sale.ends_at)).min())
}

/// A product's sales behind a place, the latest first.
pub(in crate::catalog) async fn page(
    db: &impl ConnectionTrait,
    product: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Result<Vec<sale::Model>, DbErr> {
    let mut select = sale::Entity::find().filter(sale::Column::ProductId.eq(product));
    if let Some((starts_at, id)) = after {
        let place = Expr::tuple([Expr::col(sale::Column::StartsAt), Expr::col(sale::Column::Id)]);
        select = select.filter(place.lt(Expr::tuple([Expr::value(starts_at), Expr::value(id)])));
    }
    select.order_by_desc(sale::Column::StartsAt).order_by_desc(sale::Column::Id).limit(limit).all(db).await
}

/// One sale of a product.
pub(in crate::catalog) async fn one(
    db: &impl ConnectionTrait,
    product: Uuid,
    id: Uuid,
) -> Result<Option<sale::Model>, DbErr> {
    sale::Entity::find_by_id(id).filter(sale::Column::ProductId.eq(product)).one(db).await
}

/// New sales.
pub(in crate::catalog) async fn insert(
    tx: &impl ConnectionTrait,
    rows: Vec<sale::Model>,
) -> Result<(), DbErr> {
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        sale::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Lets a sale end.
pub(in crate::catalog) async fn end(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = sale::ActiveModel { id: Unchanged(id), ends_at: Set(now), ..Default::default() };
    sale::Entity::update(row).validate()?.exec(tx).await?;
    Ok(())
}

/// Removes a sale.
pub(in crate::catalog) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    sale::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Notes prices that were set; what is set twice at one moment was the latter.
pub(in crate::catalog) async fn note_changes(
    tx: &impl ConnectionTrait,
    rows: Vec<price_change::Model>,
) -> Result<(), DbErr> {
    use price_change::Column::{Amount, At, Country, Currency, ProductId};
    for rows in rows.chunks(ROWS) {
        let again = OnConflict::columns([ProductId, Currency, Country, At]).update_column(Amount).to_owned();
        price_change::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model))
            .on_conflict(again)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// What was set for a market until a moment, in no order.
pub(in crate::catalog) async fn changes(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    market: &Market,
    until: DateTime<Utc>,
) -> Result<Vec<price_change::Model>, DbErr> {
    use price_change::Column::{At, Country, Currency, ProductId};
    price_change::Entity::find()
        .filter(ProductId.is_in(products.iter().copied()))
        .filter(Currency.eq(market.currency.as_str()))
        .filter(Country.is_in([market.country.as_str(), ""]))
        .filter(At.lt(until))
        .all(db)
        .await
}

/// When products were first published, if they were.
pub(in crate::catalog) async fn published(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<Vec<(Uuid, Option<DateTime<Utc>>)>, DbErr> {
    product::Entity::find()
        .select_only()
        .columns([product::Column::Id, product::Column::PublishedAt])
        .filter(product::Column::Id.is_in(products.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// A price in the history of a product: when, currency, country.
pub(in crate::catalog) type ChangePlace = (DateTime<Utc>, String, String);

/// A product's prices as they were set, behind a place, the latest first.
pub(in crate::catalog) async fn history(
    db: &impl ConnectionTrait,
    product: Uuid,
    after: Option<ChangePlace>,
    limit: u64,
) -> Result<Vec<price_change::Model>, DbErr> {
    use price_change::Column::{At, Country, Currency, ProductId};
    let mut select = price_change::Entity::find().filter(ProductId.eq(product));
    if let Some((at, currency, country)) = after {
        let place = Expr::tuple([Expr::col(At), Expr::col(Currency), Expr::col(Country)]);
        let after = Expr::tuple([Expr::value(at), Expr::value(currency), Expr::value(country)]);
        select = select.filter(place.lt(after));
    }
    select.order_by_desc(At).order_by_desc(Currency).order_by_desc(Country).limit(limit).all(db).await
}
