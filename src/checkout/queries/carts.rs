//! Statements on carts.
use chrono::{DateTime, Utc};
use entity::cart_item::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

/// What is in an account's cart, oldest first.
pub(crate) async fn cart(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .order_by_asc(Column::AddedAt)
        .order_by_asc(Column::ProductId)
        .all(db)
        .await
}

/// Puts a product into a cart; one that is in there stays where it is, and costs what is chosen now.
pub(crate) async fn put_in_cart(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let there = OnConflict::columns([Column::AccountId, Column::ProductId])
        .update_columns([Column::Amount, Column::Currency])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes products out of a cart.
pub(crate) async fn take_out_of_cart(
    tx: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What is in an account's cart since when, by product, from behind one.
pub(crate) async fn cart_rows(
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

/// Takes everything out of a cart.
pub(crate) async fn empty_cart(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// At most `limit` accounts into whose carts nothing was put since a time.
pub(crate) async fn old_carts(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::AccountId)
        .group_by(Column::AccountId)
        .having(Column::AddedAt.max().lt(since))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Takes out of carts what was put there before a time.
pub(crate) async fn empty_carts(
    tx: &impl ConnectionTrait,
    accounts: &[Uuid],
    before: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::AddedAt.lt(before))
        .exec(tx)
        .await?;
    Ok(())
}
