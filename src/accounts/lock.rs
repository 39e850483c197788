//! The lock under which everything that an account buys or is given happens one after the other.
use std::collections::HashSet;

use entity::account;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::LockType,
};
use uuid::Uuid;

use super::queries;
use crate::error::{NOT_FOUND, Result};

/// Locks an account until the transaction ends; 404 when there is none, or it was erased.
///
/// It is the weaker of the two exclusive locks, so that rows which point to the account may still be written. On
/// SQLite there is one writer anyway.
pub async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<()> {
    hold(tx, account::Entity::find_by_id(id).filter(account::Column::ErasedAt.is_null())).await
}

/// Locks an account, erased or not, until the transaction ends; 404 when there is none. For what is left of an erased one: its
/// orders and their money. Nothing personal is written under it.
pub async fn lock_remains(tx: &impl ConnectionTrait, id: Uuid) -> Result<()> {
    hold(tx, account::Entity::find_by_id(id)).await
}

async fn hold(tx: &impl ConnectionTrait, account: Select<account::Entity>) -> Result<()> {
    let id = account.select_only().column(account::Column::Id).lock(LockType::NoKeyUpdate);
    id.into_tuple::<Uuid>().one(tx).await?.map(drop).ok_or(NOT_FOUND.into())
}

/// Those of some accounts that were not erased, none of which is until the transaction ends. Nothing else waits for it.
pub async fn hold_living(tx: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let living = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Id.is_in(ids.iter().copied()))
        .filter(account::Column::ErasedAt.is_null())
        .order_by_asc(account::Column::Id)
        .lock(LockType::KeyShare);
    Ok(living.into_tuple::<Uuid>().all(tx).await?.into_iter().collect())
}

/// Whether there is any account.
pub async fn has_accounts(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(queries::has_accounts(db).await?)
}

/// Whether there is such an account.
pub async fn exists(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(account::Entity::find_by_id(id).count(db).await? > 0)
}

/// Whether an account may sign in: neither suspended nor erased.
pub async fn is_active(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    let row = queries::account(db, id).await?;
    Ok(row.is_some_and(|row| row.status == account::Status::Active))
}
