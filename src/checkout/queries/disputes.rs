//! Statements on disputes.
use entity::{
    dispute::{ActiveModel, Column, Entity, Model, Status},
    payment,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, Set, TryInsertResult,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

/// A dispute, unless it was told before; says whether it was not.
pub(crate) async fn insert_dispute(tx: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let known = OnConflict::columns([Column::Provider, Column::Reference]).do_nothing().to_owned();
    let inserted = Entity::insert(row.into_active_model()).on_conflict(known).try_insert();
    Ok(matches!(inserted.exec_without_returning(tx).await?, TryInsertResult::Inserted(1..)))
}

/// Notes how an open dispute about a payment ended; says whether it did.
pub(crate) async fn end_dispute(tx: &impl ConnectionTrait, ended: &Model) -> Result<bool, DbErr> {
    let change = ActiveModel {
        status: Set(ended.status),
        amount: Set(ended.amount),
        ended_at: Set(ended.ended_at),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(change)
        .filter(Column::Provider.eq(ended.provider.as_str()))
        .filter(Column::Reference.eq(ended.reference.as_str()))
        .filter(Column::PaymentId.eq(ended.payment_id))
        .filter(Column::Status.eq(Status::Open))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Whether a dispute about a payment is open.
pub(crate) async fn has_open_dispute(tx: &impl ConnectionTrait, payment: Uuid) -> Result<bool, DbErr> {
    let open = Entity::find().filter(Column::PaymentId.eq(payment)).filter(Column::Status.eq(Status::Open));
    Ok(open.count(tx).await? > 0)
}

/// The disputes about payments.
pub(crate) async fn disputes(db: &impl ConnectionTrait, payments: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(Column::PaymentId.is_in(payments.iter().copied())).all(db).await
}

/// Counts what a bank took of a payment for which nothing was given back.
pub(crate) async fn lose(tx: &impl ConnectionTrait, payment: Uuid, amount: i64) -> Result<(), DbErr> {
    payment::Entity::update_many()
        .col_expr(payment::Column::Lost, Expr::col(payment::Column::Lost).add(amount))
        .filter(payment::Column::Id.eq(payment))
        .exec(tx)
        .await?;
    Ok(())
}
