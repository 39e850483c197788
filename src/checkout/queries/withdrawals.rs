//! Statements on withdrawals.
use chrono::{DateTime, Utc};
use entity::{
    withdrawal::{ActiveModel, Column, Entity, Model},
    withdrawal_line,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use uuid::Uuid;

/// A withdrawal that is stated, in the place of one of the same order that was not confirmed.
pub(crate) async fn put_withdrawal(
    tx: &impl ConnectionTrait,
    row: &Model,
    lines: &[Uuid],
) -> Result<(), DbErr> {
    let open = Entity::delete_many().filter(Column::OrderId.eq(row.order_id));
    open.filter(Column::ConfirmedAt.is_null()).exec(tx).await?;
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    let line = |line: &Uuid| withdrawal_line::Model { withdrawal_id: row.id, line_id: *line };
    let lines = lines.iter().map(line).map(IntoActiveModel::into_active_model);
    withdrawal_line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

/// The latest withdrawal from an order.
pub(crate) async fn latest_withdrawal(
    db: &impl ConnectionTrait,
    order: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::OrderId.eq(order)).order_by_desc(Column::Id).one(db).await
}

/// One withdrawal.
pub(crate) async fn withdrawal(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The withdrawals from orders, each order's from the first.
pub(crate) async fn withdrawals(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// The lines that a withdrawal is from.
pub(crate) async fn withdrawn_lines(db: &impl ConnectionTrait, withdrawal: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let rows = withdrawal_line::Entity::find()
        .filter(withdrawal_line::Column::WithdrawalId.eq(withdrawal))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.line_id).collect())
}

/// Notes that a withdrawal was confirmed, unless it was; says whether it did.
pub(crate) async fn confirm_withdrawal(
    tx: &impl ConnectionTrait,
    id: Uuid,
    refund: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let change =
        ActiveModel { refund_id: Set(Some(refund)), confirmed_at: Set(Some(at)), ..Default::default() };
    let done = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::ConfirmedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
