//! Every statement on identities, sign-ins on their way and codes.
use chrono::{DateTime, Utc};
use entity::{identity, oidc_sign_in, sign_in_code};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// Whose account somebody at a provider has.
pub(super) async fn identity(
    db: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<identity::Model>, DbErr> {
    identity::Entity::find()
        .filter(identity::Column::Issuer.eq(issuer))
        .filter(identity::Column::Subject.eq(subject))
        .one(db)
        .await
}

/// Who an account is at its providers, the oldest first: what was linked after `after`.
pub(in crate::accounts) async fn identities(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<identity::Model>, DbErr> {
    identity::Entity::find()
        .filter(identity::Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| identity::Column::Id.gt(after))))
        .order_by_asc(identity::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Writes a new identity; a unique violation when there is one of that issuer and subject.
pub(super) async fn insert_identity(tx: &impl ConnectionTrait, row: identity::Model) -> Result<(), DbErr> {
    identity::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a sign-in that begins.
pub(super) async fn insert_sign_in(tx: &impl ConnectionTrait, row: oidc_sign_in::Model) -> Result<(), DbErr> {
    oidc_sign_in::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The sign-in of a state's digest, used or not.
pub(super) async fn sign_in(
    tx: &impl ConnectionTrait,
    state_hash: &[u8],
) -> Result<Option<oidc_sign_in::Model>, DbErr> {
    oidc_sign_in::Entity::find_by_id(state_hash.to_vec()).one(tx).await
}

/// Uses a sign-in up; false when it is used or too old.
pub(super) async fn use_sign_in(
    tx: &impl ConnectionTrait,
    state_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = oidc_sign_in::ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let done = oidc_sign_in::Entity::update_many()
        .set(used)
        .filter(oidc_sign_in::Column::StateHash.eq(state_hash))
        .filter(oidc_sign_in::Column::UsedAt.is_null())
        .filter(oidc_sign_in::Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes a new code.
pub(super) async fn insert_code(tx: &impl ConnectionTrait, row: sign_in_code::Model) -> Result<(), DbErr> {
    sign_in_code::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The code of a digest, used or not.
pub(super) async fn code(
    db: &impl ConnectionTrait,
    code_hash: &[u8],
) -> Result<Option<sign_in_code::Model>, DbErr> {
    sign_in_code::Entity::find_by_id(code_hash.to_vec()).one(db).await
}

/// Uses a code up; false when it is used or too old.
pub(super) async fn use_code(
    tx: &impl ConnectionTrait,
    code_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = sign_in_code::ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let done = sign_in_code::Entity::update_many()
        .set(used)
        .filter(sign_in_code::Column::CodeHash.eq(code_hash))
        .filter(sign_in_code::Column::UsedAt.is_null())
        .filter(sign_in_code::Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes what could no longer be used at that time.
pub(super) async fn delete_expired(tx: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<u64, DbErr> {
    let sign_ins =
        oidc_sign_in::Entity::delete_many().filter(oidc_sign_in::Column::ExpiresAt.lte(at)).exec(tx).await?;
    let codes =
        sign_in_code::Entity::delete_many().filter(sign_in_code::Column::ExpiresAt.lte(at)).exec(tx).await?;
    Ok(sign_ins.rows_affected + codes.rows_affected)
}

/// Removes the identities and the codes of an account.
pub(in crate::accounts) async fn forget_account(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<(), DbErr> {
    sign_in_code::Entity::delete_many().filter(sign_in_code::Column::AccountId.eq(account)).exec(tx).await?;
    identity::Entity::delete_many().filter(identity::Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
