//! Every statement on endpoints, deliveries and attempts.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    webhook, webhook_attempt,
    webhook_delivery::{self, Column, Entity, Model, Status},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, Value},
};
use uuid::Uuid;

/// The endpoints there are, the newest first.
pub(super) async fn webhooks(
    db: &impl ConnectionTrait,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<webhook::Model>, DbErr> {
    webhook::Entity::find()
        .apply_if(before, |select, id| select.filter(webhook::Column::Id.lt(id)))
        .order_by_desc(webhook::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// One endpoint.
pub(super) async fn webhook(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<webhook::Model>, DbErr> {
    webhook::Entity::find_by_id(id).one(db).await
}

/// One endpoint, its row locked until the transaction ends.
pub(super) async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<webhook::Model>, DbErr> {
    webhook::Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The endpoints that are told something; none of them changes until the transaction ends.
pub(super) async fn hold_enabled(tx: &impl ConnectionTrait) -> Result<Vec<webhook::Model>, DbErr> {
    webhook::Entity::find()
        .filter(webhook::Column::Disabled.is_null())
        .order_by_asc(webhook::Column::Id)
        .lock_shared()
        .all(tx)
        .await
}

/// The endpoints that are told something.
pub(super) async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(webhook::Column::Disabled.is_null())
        .order_by_asc(webhook::Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// The places that are taken.
pub(super) async fn slots(db: &impl ConnectionTrait) -> Result<Vec<i32>, DbErr> {
    webhook::Entity::find().select_only().column(webhook::Column::Slot).into_tuple().all(db).await
}

/// Adds an endpoint; a unique violation when its place was taken meanwhile.
pub(super) async fn insert(tx: &impl ConnectionTrait, row: webhook::Model) -> Result<(), DbErr> {
    webhook::Entity::insert(row.into_active_model()).exec_without_returning(tx).await.map(drop)
}

/// Changes what is set of an endpoint.
pub(super) async fn update(
    tx: &impl ConnectionTrait,
    change: webhook::ActiveModel,
) -> Result<webhook::Model, DbErr> {
    change.update(tx).await
}

/// Deletes an endpoint with all it was told; false when there is none.
pub(super) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(webhook::Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

/// Adds deliveries, but for those of an event that the endpoint has already.
pub(super) async fn insert_deliveries(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let once = OnConflict::columns([Column::WebhookId, Column::EventId]).do_nothing().to_owned();
    Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(once)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Deliveries of an endpoint, the newest first.
pub(super) async fn deliveries(
    db: &impl ConnectionTrait,
    webhook: Uuid,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .apply_if(before, |select, id| select.filter(Column::Id.lt(id)))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// One delivery of an endpoint.
pub(super) async fn delivery(
    db: &impl ConnectionTrait,
    webhook: Uuid,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(Column::WebhookId.eq(webhook)).one(db).await
}

/// Pending, its time has come, and nobody sends it.
fn is_due(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::Status.eq(Status::Pending))
        .add(Column::NextAttemptAt.lte(now))
        .add(nobody_sends(now))
}

fn nobody_sends(now: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lte(now))
}

/// Some of an endpoint's deliveries that are due, those that wait longest first.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    webhook: Uuid,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WebhookId.eq(webhook))
        .filter(is_due(now))
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Takes a delivery under a lease and counts the attempt; none when it is due no longer.
pub(super) async fn claim(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    token: Uuid,
) -> Result<Option<Model>, DbErr> {
    let mut claimed = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(until))
        .col_expr(Column::LeaseToken, Expr::value(token))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .filter(is_due(now))
        .exec_with_returning(tx)
        .await?;
    Ok(claimed.pop())
}

/// How an attempt ended: what is written of its delivery.
pub(super) struct Ending {
    pub(super) status: Status,
    pub(super) next_attempt_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    pub(super) request: String,
}

/// Ends the attempt that bears a token; false when the lease was lost.
pub(super) async fn settle(
    tx: &impl ConnectionTrait,
    id: Uuid,
    token: Option<Uuid>,
    ending: Ending,
) -> Result<bool, DbErr> {
    let settled = Entity::update_many()
        .col_expr(Column::Status, Expr::value(ending.status))
        .col_expr(Column::NextAttemptAt, Expr::value(ending.next_attempt_at))
        .col_expr(Column::FinishedAt, Expr::value(ending.finished_at))
        .col_expr(Column::Request, Expr::value(ending.request))
        .col_expr(Column::LeaseUntil, none_of_time())
        .col_expr(Column::LeaseToken, Expr::value(None::<Uuid>))
        .filter(Column::Id.eq(id))
        .filter(Column::LeaseToken.eq(token))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

fn none_of_time() -> Expr {
    Expr::value(None::<DateTime<Utc>>)
}

/// Gives up what is on its way, untold; how many they were.
pub(super) async fn park(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let parked = Entity::update_many()
        .col_expr(Column::Status, Expr::value(Status::Failed))
        .col_expr(Column::NextAttemptAt, none_of_time())
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::LeaseUntil, none_of_time())
        .col_expr(Column::LeaseToken, Expr::value(None::<Uuid>))
        .filter(Column::Status.eq(Status::Pending))
        .exec(tx)
        .await?;
    Ok(parked.rows_affected)
}

/// Begins a delivery anew unless somebody sends it; false when somebody does.
pub(super) async fn begin_anew(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let begun = Entity::update_many()
        .col_expr(Column::Status, Expr::value(Status::Pending))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .col_expr(Column::FinishedAt, none_of_time())
        .filter(Column::Id.eq(id))
        .filter(nobody_sends(now))
        .exec(tx)
        .await?;
    Ok(begun.rows_affected == 1)
}

/// Gives up what waits for an endpoint. Whoever sends some of it at this moment still writes how that went: it keeps their lease,
/// and should they die nothing is left to be waited for.
pub(super) async fn give_up(
    tx: &impl ConnectionTrait,
    webhook: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(Status::Failed))
        .col_expr(Column::NextAttemptAt, none_of_time())
        .col_expr(Column::FinishedAt, Expr::value(now))
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::Status.eq(Status::Pending))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes an attempt, and forgets all of its delivery's but the last `most`.
pub(super) async fn insert_attempt(
    tx: &impl ConnectionTrait,
    row: webhook_attempt::Model,
    most: u64,
) -> Result<(), DbErr> {
    use webhook_attempt::{Column, Entity};
    let delivery = row.delivery_id;
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let last: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DeliveryId.eq(delivery))
        .order_by_desc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?;
    if let Some(oldest) = last.last() {
        let older = Column::DeliveryId.eq(delivery).and(Column::Id.lt(*oldest));
        Entity::delete_many().filter(older).exec(tx).await?;
    }
    Ok(())
}

/// The attempts of deliveries, oldest first.
pub(super) async fn attempts(
    db: &impl ConnectionTrait,
    deliveries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<webhook_attempt::Model>>, DbErr> {
    use webhook_attempt::{Column, Entity};
    let mut found: HashMap<Uuid, Vec<webhook_attempt::Model>> = HashMap::new();
    let rows = Entity::find()
        .filter(Column::DeliveryId.is_in(deliveries.iter().copied()))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    for row in rows {
        found.entry(row.delivery_id).or_default().push(row);
    }
    Ok(found)
}

/// Removes at most `limit` deliveries that were over before a time, and says how many.
pub(super) async fn prune(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(before).and(Column::Status.ne(Status::Pending)))
        .limit(limit)
        .into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(tx).await?.rows_affected)
}

/// Blanks what was sent of an account, and what was answered to that.
pub(super) async fn blank(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let theirs =
        Entity::find().select_only().column(Column::Id).filter(Column::AccountId.eq(account)).into_query();
    let nothing = || Expr::value(Value::String(None));
    webhook_attempt::Entity::update_many()
        .col_expr(webhook_attempt::Column::Reply, nothing())
        .filter(webhook_attempt::Column::DeliveryId.in_subquery(theirs))
        .exec(tx)
        .await?;
    webhook_delivery::Entity::update_many()
        .col_expr(Column::Request, nothing())
        .filter(Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}
