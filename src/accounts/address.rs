//! Where mail to an account goes.
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::{
    error::{Error, Result},
    values::Email,
};

/// The address of an account, read when something is sent; none when the account is gone.
pub async fn address(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Email>> {
    let Some(row) = queries::account(db, id).await? else { return Ok(None) };
    Email::parse(&row.email).map(Some).map_err(|invalid| Error::unexpected(invalid.message))
}
