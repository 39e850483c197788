//! Every statement on API keys.
use chrono::{DateTime, Utc};
use entity::api_key;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

/// The API key of a digest, whether live or not.
pub(super) async fn api_key(
    db: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(api_key::Column::TokenHash.eq(token_hash)).one(db).await
}

/// The API key of an id, whether live or not.
pub(super) async fn api_key_of_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).one(db).await
}

/// The keys of an account that are not revoked.
fn kept_api_keys(account: Uuid) -> Select<api_key::Entity> {
    api_key::Entity::find()
        .filter(api_key::Column::AccountId.eq(account))
        .filter(api_key::Column::RevokedAt.is_null())
}

/// How many keys of an account are not revoked.
pub(super) async fn count_api_keys(db: &impl ConnectionTrait, account: Uuid) -> Result<u64, DbErr> {
    kept_api_keys(account).count(db).await
}

/// The keys of an account that are not revoked, newest first: those made before `after`.
pub(super) async fn api_keys(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<api_key::Model>, DbErr> {
    kept_api_keys(account)
        .filter(Condition::all().add_option(after.map(|after| api_key::Column::Id.lt(after))))
        .order_by_desc(api_key::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The keys of an account, revoked ones too, the oldest first: those made after `after`.
pub(super) async fn all_api_keys(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<api_key::Model>, DbErr> {
    api_key::Entity::find()
        .filter(api_key::Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| api_key::Column::Id.gt(after))))
        .order_by_asc(api_key::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Writes a new key.
pub(super) async fn insert_api_key(db: &impl ConnectionTrait, row: api_key::Model) -> Result<(), DbErr> {
    api_key::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Revokes a key of an account; false when there is none that isn't revoked.
pub(super) async fn revoke_api_key(
    tx: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = api_key::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let done = api_key::Entity::update_many()
        .set(revoked)
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::AccountId.eq(account))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes the use of a key, unless one was noted after `since`.
pub(super) async fn use_api_key(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    let last = api_key::Column::LastUsedAt;
    api_key::Entity::update_many()
        .set(api_key::ActiveModel { last_used_at: Set(Some(now)), ..Default::default() })
        .filter(api_key::Column::Id.eq(id))
        .filter(Condition::any().add(last.is_null()).add(last.lte(since)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes the keys of an account.
pub(super) async fn delete_api_keys(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    api_key::Entity::delete_many().filter(api_key::Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
