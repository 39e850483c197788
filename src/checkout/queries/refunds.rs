//! Statements on refunds.
use chrono::{DateTime, Utc};
use entity::{
    order, order_line, payment,
    refund::{ActiveModel, Column, Entity, Model, Status},
    refund_line,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set, sea_query::Expr,
};
use uuid::Uuid;

/// A refund with the lines it gives back; a line that was given back before is a unique violation.
pub(crate) async fn insert_refund(
    tx: &impl ConnectionTrait,
    refund: &Model,
    lines: &[Uuid],
) -> Result<(), DbErr> {
    Entity::insert(refund.clone().into_active_model()).exec_without_returning(tx).await?;
    let rows = lines
        .iter()
        .map(|line| refund_line::Model { line_id: *line, refund_id: refund.id }.into_active_model());
    refund_line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    order_line::Entity::update_many()
        .set(order_line::ActiveModel { refunded: Set(true), ..Default::default() })
        .filter(order_line::Column::Id.is_in(lines.iter().copied()))
        .exec(tx)
        .await?;
    let now = order::ActiveModel { refunded_at: Set(Some(refund.created_at)), ..Default::default() };
    order::Entity::update_many().set(now).filter(order::Column::Id.eq(refund.order_id)).exec(tx).await?;
    Ok(())
}

/// Counts an amount as given back, and what of it banks had taken before no longer as lost, unless that is more than is
/// left; says whether it did.
pub(crate) async fn give_back(
    tx: &impl ConnectionTrait,
    payment: Uuid,
    amount: i64,
    taken: i64,
) -> Result<bool, DbErr> {
    use payment::Column::{Captured, Lost, Refunded};
    let left = Expr::col(Captured).sub(Expr::col(Refunded));
    let counted = payment::Entity::update_many()
        .col_expr(Refunded, Expr::col(Refunded).add(amount))
        .col_expr(Lost, Expr::col(Lost).sub(taken))
        .filter(payment::Column::Id.eq(payment))
        .filter(payment::Column::Status.eq(payment::Status::Succeeded))
        .filter(left.gte(amount))
        .filter(Lost.gte(taken))
        .exec(tx)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// One refund.
pub(crate) async fn refund(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The refunds of orders, each order's from the first.
pub(crate) async fn refunds(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Which of these lines were given back, by which refund.
pub(crate) async fn refunded_lines(
    db: &impl ConnectionTrait,
    lines: &[Uuid],
) -> Result<Vec<refund_line::Model>, DbErr> {
    refund_line::Entity::find().filter(refund_line::Column::LineId.is_in(lines.iter().copied())).all(db).await
}

/// Notes that the provider gives the money back; news that comes twice changes nothing.
pub(crate) async fn refund_settled(
    tx: &impl ConnectionTrait,
    id: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let change =
        ActiveModel { status: Set(Status::Succeeded), settled_at: Set(Some(at)), ..Default::default() };
    Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(Status::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the provider can't send the money of a payment's refund back; says whether that is new.
pub(crate) async fn refund_failed(
    tx: &impl ConnectionTrait,
    payment: Uuid,
    id: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let change = ActiveModel { status: Set(Status::Failed), settled_at: Set(Some(at)), ..Default::default() };
    let failed = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::PaymentId.eq(payment))
        .filter(Column::Status.ne(Status::Failed))
        .exec(tx)
        .await?;
    Ok(failed.rows_affected == 1)
}

/// Blanks why an account's orders were given back.
pub(crate) async fn forget_reasons(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let theirs = order::Entity::find()
        .select_only()
        .column(order::Column::Id)
        .filter(order::Column::AccountId.eq(account))
        .into_query();
    Entity::update_many()
        .set(ActiveModel { reason: Set(String::new()), ..Default::default() })
        .filter(Column::OrderId.in_subquery(theirs))
        .exec(tx)
        .await?;
    Ok(())
}
