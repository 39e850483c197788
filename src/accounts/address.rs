//! Where mail to an account goes, and whose an address is.
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{language::language_of, queries};
use crate::{
    app::App,
    error::{Error, Result},
    languages::Language,
    values::Email,
};

/// The address of an account, read when something is sent; none when the account is gone or erased.
pub async fn address(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Email>> {
    let row = queries::account(db, id).await?.filter(|row| row.erased_at.is_none());
    let Some(row) = row else { return Ok(None) };
    Email::parse(&row.email).map(Some).map_err(|invalid| Error::unexpected(invalid.message))
}

/// Where and in which language an account is written to, read when something is sent; none when the account is gone or erased.
pub async fn correspondent(app: &App, id: Uuid) -> Result<Option<(Email, Language)>> {
    let row = queries::account(&app.db.read, id).await?.filter(|row| row.erased_at.is_none());
    let Some(row) = row else { return Ok(None) };
    let email = Email::parse(&row.email).map_err(|invalid| Error::unexpected(invalid.message))?;
    Ok(Some((email, language_of(app, &row))))
}

/// Whether an account is reached at its address: it was proven since, and nobody was erased.
pub async fn is_reached(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    let row = queries::account(db, id).await?;
    Ok(row.is_some_and(|row| row.email_verified && row.erased_at.is_none()))
}

/// The account that is reached at an address: it has it, and has proven it.
pub async fn reached_at(db: &impl ConnectionTrait, address: &Email) -> Result<Option<Uuid>> {
    let row = queries::account_by_email(db, address.as_str()).await?;
    Ok(row.filter(|row| row.email_verified).map(|row| row.id))
}

/// The account that has an address, if any does.
pub async fn by_address(db: &impl ConnectionTrait, address: &Email) -> Result<Option<Uuid>> {
    Ok(queries::account_by_email(db, address.as_str()).await?.map(|row| row.id))
}
