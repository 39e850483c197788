//! Every statement on wishlists.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::wishlist_item::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, SelectStatement},
};
use uuid::Uuid;

/// Where a wish stands in its list.
pub(super) type Place = (DateTime<Utc>, Uuid);

/// Wishes of an account for products of `there` that are of none of `without`, newest first.
pub(super) async fn wishes(
    db: &impl ConnectionTrait,
    account: Uuid,
    there: SelectStatement,
    without: [SelectStatement; 2],
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let place = Expr::tuple([Expr::col(Column::AddedAt), Expr::col(Column::ProductId)]);
    let behind = after.map(|(at, id)| place.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    let without = without.map(|those| Column::ProductId.not_in_subquery(those));
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.in_subquery(there))
        .filter(without.into_iter().fold(Condition::all(), Condition::add))
        .filter(Condition::all().add_option(behind))
        .order_by_desc(Column::AddedAt)
        .order_by_desc(Column::ProductId)
        .limit(limit)
        .all(db)
        .await
}

/// Adds a wish; one that is there stays as it is.
pub(super) async fn wish(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = Model { account_id: account, product_id: product, added_at: at };
    let there = OnConflict::columns([Column::AccountId, Column::ProductId]).do_nothing().to_owned();
    Entity::insert(row.into_active_model()).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// How many wishes an account has, those that its list leaves out too.
pub(super) async fn count_wishes(db: &impl ConnectionTrait, account: Uuid) -> Result<u64, DbErr> {
    Entity::find().filter(Column::AccountId.eq(account)).count(db).await
}

/// Removes a wish.
pub(super) async fn unwish(tx: &impl ConnectionTrait, account: Uuid, product: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id((account, product)).exec(tx).await?;
    Ok(())
}

/// Removes the wishes for a product and for some bundles that are not younger than a time.
pub(super) async fn unwish_until(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    bundles: SelectStatement,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let either =
        Condition::any().add(Column::ProductId.eq(product)).add(Column::ProductId.in_subquery(bundles));
    Entity::delete_many()
        .filter(Column::AccountId.eq(account))
        .filter(either)
        .filter(Column::AddedAt.lte(at))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes every wish of an account.
pub(super) async fn unwish_all(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// Which of these products an account wishes for.
pub(super) async fn wished(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
) -> Result<HashSet<Uuid>, DbErr> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Who wishes for a product, by account.
pub(super) async fn wishers(
    db: &impl ConnectionTrait,
    product: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::ProductId.eq(product))
        .filter(Condition::all().add_option(after.map(|after| Column::AccountId.gt(after))))
        .order_by_asc(Column::AccountId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Every wish of an account, by product.
pub(super) async fn all_wishes(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::ProductId.gt(after))))
        .order_by_asc(Column::ProductId)
        .limit(limit)
        .all(db)
        .await
}
