//! Statements on the tickets of streams.
use chrono::{DateTime, Utc};
use entity::stream_ticket::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

/// Adds a ticket.
pub(in crate::notifications) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a ticket up, and tells it to the one who did; none when it is unknown, used or expired.
pub(in crate::notifications) async fn take(
    tx: &impl ConnectionTrait,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let used = ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let mut taken = Entity::update_many()
        .set(used)
        .filter(Column::TicketHash.eq(hash))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(tx)
        .await?;
    Ok(taken.pop())
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
