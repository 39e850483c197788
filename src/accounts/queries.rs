//! Every statement on accounts, sessions and refresh tokens.
use entity::{account, refresh_token, session};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

/// Writes a new account; a unique violation when the address has one.
pub(super) async fn insert_account(db: &impl ConnectionTrait, row: account::Model) -> Result<(), DbErr> {
    account::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes a new session.
pub(super) async fn insert_session(db: &impl ConnectionTrait, row: session::Model) -> Result<(), DbErr> {
    session::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes a new refresh token; a unique violation when its session has a live one.
pub(super) async fn insert_refresh_token(
    db: &impl ConnectionTrait,
    row: refresh_token::Model,
) -> Result<(), DbErr> {
    refresh_token::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
