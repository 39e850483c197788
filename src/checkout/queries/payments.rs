//! Statements on payments and the ledger.
use chrono::{DateTime, Utc};
use entity::{
    ledger_entry, order,
    payment::{ActiveModel, Column, Entity, Model, Status},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Set, UpdateMany,
};
use uuid::Uuid;

/// Where a payment may still be paid, declined or closed.
pub(crate) const OPEN: [Status; 3] = [Status::Created, Status::Pending, Status::Declined];

/// A new payment.
pub(crate) async fn insert_payment(tx: &impl ConnectionTrait, payment: &Model) -> Result<(), DbErr> {
    Entity::insert(payment.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One payment.
pub(crate) async fn payment(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The order of a payment, and whose that is.
pub(crate) async fn order_of_payment(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<(Uuid, Uuid)>, DbErr> {
    let its = Entity::find_by_id(id).select_only().column(Column::OrderId).into_query();
    order::Entity::find()
        .select_only()
        .columns([order::Column::Id, order::Column::AccountId])
        .filter(order::Column::Id.in_subquery(its))
        .into_tuple()
        .one(db)
        .await
}

/// The order of an account that has a payment by a provider.
pub(crate) async fn order_paid_by(
    db: &impl ConnectionTrait,
    account: Uuid,
    payment: Uuid,
    provider: &str,
) -> Result<Option<order::Model>, DbErr> {
    let its = Entity::find_by_id(payment)
        .select_only()
        .column(Column::OrderId)
        .filter(Column::Provider.eq(provider))
        .into_query();
    order::Entity::find()
        .filter(order::Column::AccountId.eq(account))
        .filter(order::Column::Id.in_subquery(its))
        .one(db)
        .await
}

/// The payments of orders, each order's by attempt.
pub(crate) async fn payments(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    of_orders(orders).all(db).await
}

/// The same, each held until the transaction ends.
pub(crate) async fn lock_payments(tx: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    of_orders(orders).lock_exclusive().all(tx).await
}

fn of_orders(orders: &[Uuid]) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Attempt)
}

/// Notes what the provider answered, if nothing was known of the payment yet; says whether it did.
pub(crate) async fn opened(
    tx: &impl ConnectionTrait,
    id: Uuid,
    reference: &str,
    checkout_url: Option<String>,
) -> Result<bool, DbErr> {
    let change = ActiveModel {
        status: Set(Status::Pending),
        provider_ref: Set(Some(reference.to_owned())),
        checkout_url: Set(checkout_url),
        ..Default::default()
    };
    changed(Entity::update_many().set(change).filter(Column::Id.eq(id)), &[Status::Created], tx).await
}

/// Notes by which session a payment is known to its provider, where none is noted yet.
pub(crate) async fn note_session(tx: &impl ConnectionTrait, id: Uuid, session: &str) -> Result<(), DbErr> {
    let change = ActiveModel { provider_ref: Set(Some(session.to_owned())), ..Default::default() };
    let unknown = Entity::update_many().set(change).filter(Column::Id.eq(id));
    unknown.filter(Column::ProviderRef.is_null()).exec(tx).await?;
    Ok(())
}

/// Notes that a payment was captured, unless it is closed; says whether it did.
pub(crate) async fn captured(
    tx: &impl ConnectionTrait,
    id: Uuid,
    amount: i64,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let change = ActiveModel {
        status: Set(Status::Succeeded),
        captured: Set(amount),
        settled_at: Set(Some(at)),
        ..Default::default()
    };
    changed(Entity::update_many().set(change).filter(Column::Id.eq(id)), &OPEN, tx).await
}

/// Notes that a payment was declined, unless it is closed; says whether it did.
pub(crate) async fn declined(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let change = ActiveModel { status: Set(Status::Declined), ..Default::default() };
    changed(Entity::update_many().set(change).filter(Column::Id.eq(id)), &OPEN, tx).await
}

/// Notes that the open payments of an order could not be closed, and from when on that is tried again.
pub(crate) async fn put_off(
    tx: &impl ConnectionTrait,
    order: Uuid,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let change = ActiveModel { look_at: Set(Some(until)), ..Default::default() };
    changed(Entity::update_many().set(change).filter(Column::OrderId.eq(order)), &OPEN, tx).await?;
    Ok(())
}

/// Closes the open payments of an order.
pub(crate) async fn close_payments(
    tx: &impl ConnectionTrait,
    order: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let change =
        ActiveModel { status: Set(Status::Cancelled), settled_at: Set(Some(at)), ..Default::default() };
    changed(Entity::update_many().set(change).filter(Column::OrderId.eq(order)), &OPEN, tx).await?;
    Ok(())
}

async fn changed(
    update: UpdateMany<Entity>,
    from: &[Status],
    tx: &impl ConnectionTrait,
) -> Result<bool, DbErr> {
    let changed = update.filter(Column::Status.is_in(from.iter().copied())).exec(tx).await?;
    Ok(changed.rows_affected > 0)
}

/// Lines of the ledger.
pub(crate) async fn insert_entries(
    tx: &impl ConnectionTrait,
    entries: Vec<ledger_entry::Model>,
) -> Result<(), DbErr> {
    if !entries.is_empty() {
        let entries = entries.into_iter().map(IntoActiveModel::into_active_model);
        ledger_entry::Entity::insert_many(entries).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The ledger's lines of orders.
pub(crate) async fn entries(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<ledger_entry::Model>, DbErr> {
    ledger_entry::Entity::find()
        .filter(ledger_entry::Column::OrderId.is_in(orders.iter().copied()))
        .all(db)
        .await
}
