//! Statements on gifts.
use chrono::{DateTime, Utc};
use entity::{
    gift::{ActiveModel, Column, Entity, Model, Status},
    order,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use uuid::Uuid;

/// A new gift; an order is one at most.
pub(crate) async fn insert_gift(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One gift.
pub(crate) async fn gift(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One gift that an account paid for.
pub(crate) async fn gift_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    let paid = Entity::find_by_id(id).filter(Column::Status.ne(Status::Ordered));
    paid.filter(Column::AccountId.eq(account)).one(db).await
}

/// The gift of a token's digest.
pub(crate) async fn gift_of_token(
    db: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(token_hash)).one(db).await
}

/// Those of some orders that are gifts.
pub(crate) async fn gifts_of_orders(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::OrderId.is_in(orders.iter().copied())).all(db).await
}

/// The gifts that an account paid for, newest first, from behind `after`.
pub(crate) async fn gifts_sent(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.ne(Status::Ordered))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.lt(after))))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Every gift that an account ordered, the oldest first, from behind `after`.
pub(crate) async fn gifts_ordered(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    some(db, Column::AccountId, account, after, limit).await
}

/// The gifts that an account claimed, the oldest first, from behind `after`.
pub(crate) async fn gifts_claimed(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    some(db, Column::ClaimedBy, account, after, limit).await
}

async fn some(
    db: &impl ConnectionTrait,
    whose: Column,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(whose.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Orders by their ids.
pub(crate) async fn orders_by_id(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<order::Model>, DbErr> {
    order::Entity::find().filter(order::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// A gift's order is paid; false unless it waited for that.
pub(crate) async fn gift_given(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let given = ActiveModel { status: Set(Status::Given), ..Default::default() };
    move_gift(tx, id, Status::Ordered, given).await
}

/// A gift is somebody's, and nothing of it is to be mailed; false unless it was nobody's.
pub(crate) async fn gift_claimed(
    tx: &impl ConnectionTrait,
    id: Uuid,
    claimer: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let claimed = ActiveModel { claimed_by: Set(Some(claimer)), ..ended(Status::Claimed, at) };
    move_gift(tx, id, Status::Given, claimed).await
}

/// A gift is its buyer's, and nothing of it is to be mailed; false unless it was nobody's.
pub(crate) async fn gift_taken_back(
    tx: &impl ConnectionTrait,
    id: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    move_gift(tx, id, Status::Given, ended(Status::TakenBack, at)).await
}

fn ended(status: Status, at: DateTime<Utc>) -> ActiveModel {
    ActiveModel { status: Set(status), ended_at: Set(Some(at)), ..unaddressed() }
}

/// Without what leads to whom it was for.
fn unaddressed() -> ActiveModel {
    ActiveModel { email: Set(None), message: Set(None), ..Default::default() }
}

async fn move_gift(
    tx: &impl ConnectionTrait,
    id: Uuid,
    from: Status,
    change: ActiveModel,
) -> Result<bool, DbErr> {
    let moved = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(from))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// A gift was mailed; false unless that was for the first time.
pub(crate) async fn gift_sent(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let sent = Entity::update_many()
        .set(ActiveModel { sent_at: Set(Some(at)), ..Default::default() })
        .filter(Column::Id.eq(id))
        .filter(Column::SentAt.is_null())
        .exec(tx)
        .await?;
    Ok(sent.rows_affected == 1)
}

/// Removes the gift of an order that was not paid.
pub(crate) async fn delete_gift(tx: &impl ConnectionTrait, order: Uuid) -> Result<(), DbErr> {
    let unpaid = Condition::all().add(Column::OrderId.eq(order)).add(Column::Status.eq(Status::Ordered));
    Entity::delete_many().filter(unpaid).exec(tx).await?;
    Ok(())
}

/// Takes from the gift of an order what leads to whom it was for.
pub(crate) async fn forget_recipient(tx: &impl ConnectionTrait, order: Uuid) -> Result<(), DbErr> {
    Entity::update_many().set(unaddressed()).filter(Column::OrderId.eq(order)).exec(tx).await?;
    Ok(())
}

/// Takes from the gifts of a buyer what leads to whom they were for.
pub(crate) async fn forget_recipients(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::update_many().set(unaddressed()).filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
