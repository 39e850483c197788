//! Statements on what payment providers told.
use chrono::{DateTime, Utc};
use entity::{
    payment,
    provider_event::{ActiveModel, Column, Entity, Model},
    refund,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Set, TryInsertResult, sea_query::OnConflict,
};
use uuid::Uuid;

/// Keeps an event, unless it was told before; says whether it did.
pub(crate) async fn insert_event(tx: &impl ConnectionTrait, event: Model) -> Result<bool, DbErr> {
    let known = OnConflict::columns([Column::Provider, Column::EventId]).do_nothing().to_owned();
    let inserted = Entity::insert(event.into_active_model()).on_conflict(known).try_insert();
    Ok(matches!(inserted.exec_without_returning(tx).await?, TryInsertResult::Inserted(1..)))
}

/// One event.
pub(crate) async fn event(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Notes what became of an event, unless it was applied before; says whether it did.
pub(crate) async fn applied(
    tx: &impl ConnectionTrait,
    id: Uuid,
    outcome: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let change = ActiveModel {
        applied_at: Set(Some(at)),
        outcome: Set(Some(outcome.to_owned())),
        ..Default::default()
    };
    let waiting =
        Entity::update_many().set(change).filter(Column::Id.eq(id)).filter(Column::AppliedAt.is_null());
    Ok(waiting.exec(tx).await?.rows_affected == 1)
}

/// Removes what was received before a moment and applied; says how many.
pub(crate) async fn forget_events(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let old =
        Entity::delete_many().filter(Column::ReceivedAt.lt(before)).filter(Column::AppliedAt.is_not_null());
    Ok(old.exec(tx).await?.rows_affected)
}

/// The payment that a provider knows by a reference.
pub(crate) async fn payment_of(
    db: &impl ConnectionTrait,
    provider: &str,
    reference: &str,
) -> Result<Option<payment::Model>, DbErr> {
    payment::Entity::find()
        .filter(payment::Column::Provider.eq(provider))
        .filter(payment::Column::ProviderRef.eq(reference))
        .one(db)
        .await
}

/// Payments that a provider opened before a moment and that are still open, by id, behind one.
pub(crate) async fn waiting_payments(
    db: &impl ConnectionTrait,
    provider: &str,
    before: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<payment::Model>, DbErr> {
    use payment::{Column, Status};
    let mut select = payment::Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::Status.is_in([Status::Pending, Status::Declined]))
        .filter(Column::CreatedAt.lt(before));
    if let Some(id) = after {
        select = select.filter(Column::Id.gt(id));
    }
    select.order_by_asc(Column::Id).limit(most).all(db).await
}

/// Refunds that were decided before a moment and that no provider confirmed yet, by id, behind one.
pub(crate) async fn waiting_refunds(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Uuid>, DbErr> {
    use refund::{Column, Status};
    let mut waiting = refund::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::CreatedAt.lt(before));
    if let Some(id) = after {
        waiting = waiting.filter(Column::Id.gt(id));
    }
    waiting.order_by_asc(Column::Id).limit(most).into_tuple().all(db).await
}

/// Events that were kept before a moment and not applied yet, by id, behind one.
pub(crate) async fn waiting_events(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Uuid>, DbErr> {
    let mut waiting = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AppliedAt.is_null())
        .filter(Column::ReceivedAt.lt(before));
    if let Some(id) = after {
        waiting = waiting.filter(Column::Id.gt(id));
    }
    waiting.order_by_asc(Column::Id).limit(most).into_tuple().all(db).await
}
