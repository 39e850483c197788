//! Proving again who one is, on a session that is signed in already.
use entity::session;
use sea_orm::ActiveValue::{Set, Unchanged};

use super::{Account, limits, login::INVALID_CREDENTIALS, own_password, profile, queries, second_factor};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    values::Password,
};

/// What one proves it by.
pub(super) enum Proof {
    /// The account's password.
    Password(Password),
    /// A code of its second factor, or a recovery code.
    Code(String),
}

/// Notes on the session that its owner was there just now; 401 `invalid_credentials` or `invalid_totp`, 409
/// `no_password`.
///
/// Every failed attempt, by password or by code, leaves through here.
pub(super) async fn reauthenticate(app: &App, who: &Account, proof: &Proof) -> Result<()> {
    match proof {
        Proof::Password(password) => {
            let row = profile::find(app, who.id).await?;
            let compared = own_password::compare(app, row, password, || INVALID_CREDENTIALS.into()).await?;
            note(app, who, Evidence::Hash(&compared.password_hash)).await?;
        }
        Proof::Code(code) => {
            let counted = limits::proof(app, who.id, limits::Proven::ByCode).await?;
            let outcome = note(app, who, Evidence::Code(code)).await;
            counted.conclude(app, &outcome).await?;
            outcome?;
        }
    }
    app.identity.forget(who.session).await;
    Ok(())
}

/// What is judged behind the lock on the account's row.
enum Evidence<'a> {
    /// The hash that the password was compared with must still be the account's.
    Hash(&'a str),
    /// A code, which is used up.
    Code(&'a str),
}

async fn note(app: &App, who: &Account, evidence: Evidence<'_>) -> Result<()> {
    let evidence = &evidence;
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            match evidence {
                Evidence::Hash(hash) if row.password_hash != *hash => return Err(INVALID_CREDENTIALS.into()),
                Evidence::Hash(_) => {}
                Evidence::Code(code) => second_factor::prove(tx, app, &row, code).await?,
            }
            let proven = session::ActiveModel {
                id: Unchanged(who.session),
                proven_at: Set(app.clock.now()),
                ..Default::default()
            };
            Ok(queries::update_session(tx, proven).await?)
        })
        .await
}
