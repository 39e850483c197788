//! Statements on the tickets of streams.
use chrono::{DateTime, Utc};
use entity::stream_ticket::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use uuid::Uuid;

/// Adds a ticket.
pub(in crate::notifications) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The ticket of a digest, neither used nor expired.
fn is_unused(hash: &[u8], now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::TicketHash.eq(hash))
        .add(Column::UsedAt.is_null())
        .add(Column::ExpiresAt.gt(now))
}

/// A ticket; none when it is unknown, used or expired.
pub(in crate::notifications) async fn unused(
    db: &impl ConnectionTrait,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(is_unused(hash, now)).one(db).await
}

/// Uses a ticket up; false when it is unknown, used or expired.
pub(in crate::notifications) async fn take(
    tx: &impl ConnectionTrait,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let taken = Entity::update_many().set(used).filter(is_unused(hash, now)).exec(tx).await?;
    Ok(taken.rows_affected == 1)
}

/// Removes the tickets that expired before a time, and says how many.
pub(in crate::notifications) async fn prune(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(tx).await?.rows_affected)
}

/// Removes the tickets of an account.
pub(in crate::notifications) async fn delete_of(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
