//! Proving again who one is, on a session that is signed in already.
use entity::session;
use sea_orm::ActiveValue::{Set, Unchanged};

use super::{Account, hashing::Verdict, login::INVALID_CREDENTIALS, queries, second_factor};
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

/// Notes on the session that its owner was there just now; 401 `invalid_credentials` or `invalid_totp`.
///
/// Every failed attempt, by password or by code, leaves through here.
pub(super) async fn reauthenticate(app: &App, who: &Account, proof: &Proof) -> Result<()> {
    let compared = queries::account(&app.db.read, who.id).await?.ok_or(NOT_FOUND)?;
    if let Proof::Password(password) = proof
        && app.identity.hashing.verify(password, Some(&compared.password_hash)).await? == Verdict::Wrong
    {
        return Err(INVALID_CREDENTIALS.into());
    }
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            match proof {
                Proof::Password(_) if row.password_hash != compared.password_hash => {
                    return Err(INVALID_CREDENTIALS.into());
                }
                Proof::Password(_) => {}
                Proof::Code(code) => second_factor::prove(tx, app, &row, code).await?,
            }
            let proven = session::ActiveModel {
                id: Unchanged(who.session),
                proven_at: Set(app.clock.now()),
                ..Default::default()
            };
            Ok(queries::update_session(tx, proven).await?)
        })
        .await?;
    app.identity.forget(who.session).await;
    Ok(())
}
