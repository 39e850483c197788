//! Every statement on passkeys and their ceremonies.
use chrono::{DateTime, Utc};
use entity::{passkey, passkey_ceremony};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// A new passkey; a unique violation when its authenticator made it known before.
pub(super) async fn insert_passkey(tx: &impl ConnectionTrait, row: passkey::Model) -> Result<(), DbErr> {
    passkey::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// An account's passkeys, the oldest first, from behind one.
pub(super) async fn passkeys(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<passkey::Model>, DbErr> {
    passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| passkey::Column::Id.gt(after))))
        .order_by_asc(passkey::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How many passkeys an account has.
pub(super) async fn count_passkeys(tx: &impl ConnectionTrait, account: Uuid) -> Result<u64, DbErr> {
    passkey::Entity::find().filter(passkey::Column::AccountId.eq(account)).count(tx).await
}

/// The passkey of an account that its authenticator calls so.
pub(super) async fn passkey(
    tx: &impl ConnectionTrait,
    account: Uuid,
    credential_id: &[u8],
) -> Result<Option<passkey::Model>, DbErr> {
    passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account))
        .filter(passkey::Column::CredentialId.eq(credential_id))
        .one(tx)
        .await
}

/// Notes that a passkey was used, with its counter as it stands then.
pub(super) async fn use_passkey(
    tx: &impl ConnectionTrait,
    id: Uuid,
    credential: String,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let used = passkey::ActiveModel {
        credential: Set(credential),
        last_used_at: Set(Some(at)),
        ..Default::default()
    };
    passkey::Entity::update_many().set(used).filter(passkey::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Deletes a passkey of an account; false when there is none.
pub(super) async fn delete_passkey(
    tx: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
) -> Result<bool, DbErr> {
    let gone = passkey::Entity::delete_many()
        .filter(passkey::Column::Id.eq(id))
        .filter(passkey::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Deletes an account's passkeys, and what it began to register.
pub(in crate::accounts) async fn delete_passkeys_of(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<(), DbErr> {
    passkey::Entity::delete_many().filter(passkey::Column::AccountId.eq(account)).exec(tx).await?;
    passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}

/// A ceremony that begins.
pub(super) async fn insert_ceremony(
    tx: &impl ConnectionTrait,
    row: passkey_ceremony::Model,
) -> Result<(), DbErr> {
    passkey_ceremony::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A ceremony that nobody ended yet.
pub(super) async fn ceremony(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<passkey_ceremony::Model>, DbErr> {
    passkey_ceremony::Entity::find_by_id(id).one(tx).await
}

/// Uses a ceremony up; false when another was first.
pub(super) async fn delete_ceremony(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(passkey_ceremony::Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

/// Removes the ceremonies that are worth nothing at that time.
pub(super) async fn delete_expired(tx: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<u64, DbErr> {
    let gone = passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::ExpiresAt.lte(at))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
