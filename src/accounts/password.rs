//! Changing one's password.
use entity::account;
use sea_orm::ActiveValue::{Set, Unchanged};

use super::{Account, hashing::is_no_password, links, notices::Notice, own_password, queries};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    events::Event,
    values::{NewPassword, Password},
};

/// 409: there is none to replace. A session alone must not be able to set the first one: the address's owner does.
const NO_PASSWORD: Refusal = Refusal::conflict(
    "no_password",
    "This account signs in elsewhere and has no password; `POST /auth/password/forgot` sets one.",
);

/// Replaces a password and revokes every other session; 422 at `current_password` when that is another one,
/// 409 `no_password` when there is none.
pub(super) async fn change(app: &App, who: &Account, current: &Password, new: NewPassword) -> Result<()> {
    let compared = queries::account(&app.db.read, who.id).await?.ok_or(NOT_FOUND)?;
    if is_no_password(&compared.password_hash) {
        return Err(NO_PASSWORD.into());
    }
    let compared = own_password::prove(app, who.id, current, not_current).await?;
    let hash = app.identity.hashing.hash(new).await?;
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.password_hash != compared.password_hash {
                return Err(not_current());
            }
            let now = app.clock.now();
            let changed = account::ActiveModel {
                id: Unchanged(row.id),
                password_hash: Set(hash.clone()),
                updated_at: Set(now),
                ..Default::default()
            };
            queries::update_account(tx, changed).await?;
            queries::revoke_sessions(tx, row.id, Some(who.session), now).await?;
            links::end_for_new_password(tx, app, row.id).await?;
            Notice::PasswordChanged.enqueue(tx, app, row.id).await?;
            let event = Event::new("account.password_changed", row.id).account(row.id).actor(row.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    app.identity.forget_account(who.id).await;
    app.wake.poke();
    Ok(())
}

fn not_current() -> Error {
    Error::field("current_password", "invalid_credentials", "is not your password")
}
