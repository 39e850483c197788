//! Statements on money that no order waits for, and on what people must look at.
use chrono::{DateTime, Utc};
use entity::{
    payment, payment_flag,
    payment_return::{ActiveModel, Column, Entity, Model, Status},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Set, TryInsertResult, sea_query::OnConflict,
};
use uuid::Uuid;

/// Money that goes back, unless that of its payment does already; says whether it did not.
pub(crate) async fn insert_return(tx: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let known = OnConflict::column(Column::PaymentId).do_nothing().to_owned();
    let inserted = Entity::insert(row.into_active_model()).on_conflict(known).try_insert();
    Ok(matches!(inserted.exec_without_returning(tx).await?, TryInsertResult::Inserted(1..)))
}

/// The return of a payment.
pub(crate) async fn payment_return(db: &impl ConnectionTrait, payment: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(payment).one(db).await
}

/// The returns of payments.
pub(crate) async fn payment_returns(
    db: &impl ConnectionTrait,
    payments: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(Column::PaymentId.is_in(payments.iter().copied())).all(db).await
}

/// Notes how a return ended, if it stands where it may end from; says whether it did.
pub(crate) async fn return_ended(
    tx: &impl ConnectionTrait,
    payment: Uuid,
    from: &[Status],
    to: Status,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let change = ActiveModel { status: Set(to), settled_at: Set(Some(at)), ..Default::default() };
    let ended = Entity::update_many()
        .set(change)
        .filter(Column::PaymentId.eq(payment))
        .filter(Column::Status.is_in(from.iter().copied()))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// The payments whose returns were begun before a moment and wait for their provider, by id, behind one.
pub(crate) async fn waiting_returns(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Uuid>, DbErr> {
    let mut waiting = Entity::find()
        .select_only()
        .column(Column::PaymentId)
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::CreatedAt.lt(before));
    if let Some(payment) = after {
        waiting = waiting.filter(Column::PaymentId.gt(payment));
    }
    waiting.order_by_asc(Column::PaymentId).limit(most).into_tuple().all(db).await
}

/// Why people must look at a payment.
pub(crate) async fn insert_flag(
    tx: &impl ConnectionTrait,
    id: Uuid,
    payment: &payment::Model,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = payment_flag::Model {
        id,
        order_id: payment.order_id,
        payment_id: payment.id,
        reason: reason.to_owned(),
        at,
    };
    payment_flag::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Why people must look at orders, from the first.
pub(crate) async fn flags(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<payment_flag::Model>, DbErr> {
    payment_flag::Entity::find()
        .filter(payment_flag::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(payment_flag::Column::Id)
        .all(db)
        .await
}
