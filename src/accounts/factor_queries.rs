//! Every statement on second factors.
use chrono::{DateTime, Utc};
use entity::{recovery_code, totp_factor};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use uuid::Uuid;

/// The secret of an account's codes, confirmed or not.
pub(super) async fn totp_factor(
    tx: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Option<totp_factor::Model>, DbErr> {
    totp_factor::Entity::find_by_id(account).one(tx).await
}

/// Writes a new secret of an account's codes, in place of the one before.
pub(super) async fn put_totp_factor(tx: &impl ConnectionTrait, row: totp_factor::Model) -> Result<(), DbErr> {
    use totp_factor::Column;
    let replace = OnConflict::column(Column::AccountId)
        .update_columns([Column::Sealed, Column::LastStep, Column::CreatedAt])
        .to_owned();
    totp_factor::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Uses the code of a step up; false when that or a later one was used before.
pub(super) async fn use_step(tx: &impl ConnectionTrait, account: Uuid, step: i64) -> Result<bool, DbErr> {
    let used = totp_factor::ActiveModel { last_step: Set(step), ..Default::default() };
    let done = totp_factor::Entity::update_many()
        .set(used)
        .filter(totp_factor::Column::AccountId.eq(account))
        .filter(totp_factor::Column::LastStep.lt(step))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes an account's recovery codes.
pub(super) async fn insert_recovery_codes(
    tx: &impl ConnectionTrait,
    account: Uuid,
    digests: Vec<Vec<u8>>,
) -> Result<(), DbErr> {
    let rows = digests.into_iter().map(|code_hash| {
        recovery_code::Model { account_id: account, code_hash, used_at: None }.into_active_model()
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// An account's recovery codes, used ones too; they are a handful.
pub(super) async fn recovery_codes(
    db: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Vec<recovery_code::Model>, DbErr> {
    recovery_code::Entity::find().filter(recovery_code::Column::AccountId.eq(account)).all(db).await
}

/// Uses a recovery code up; false when there is none of that digest, or it was used before.
pub(super) async fn use_recovery_code(
    tx: &impl ConnectionTrait,
    account: Uuid,
    digest: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = recovery_code::ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let done = recovery_code::Entity::update_many()
        .set(used)
        .filter(recovery_code::Column::AccountId.eq(account))
        .filter(recovery_code::Column::CodeHash.eq(digest))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Deletes an account's codes of both kinds; false when it had no secret.
pub(super) async fn delete_totp_factor(tx: &impl ConnectionTrait, account: Uuid) -> Result<bool, DbErr> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(totp_factor::Entity::delete_by_id(account).exec(tx).await?.rows_affected == 1)
}
