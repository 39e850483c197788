//! Changing one's password, or setting a first one.
use entity::account;
use sea_orm::ActiveValue::{Set, Unchanged};

use super::{Account, context, links, notices::Notice, own_password, queries};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    events::Event,
    values::{NewPassword, Password},
};

/// Where the password that is replaced is told.
pub(super) const CURRENT: &str = "current_password";

/// Replaces a password, or sets the first one, and revokes every other session; refuses as [`own_password::prove`], and by
/// 422 `too_weak` at `new_password`.
pub(super) async fn change(
    app: &App,
    who: &Account,
    current: Option<&Password>,
    new: NewPassword,
) -> Result<()> {
    let compared = own_password::prove(app, who, current, CURRENT).await?;
    context::refuse_obvious(app, &compared.email, &compared.display_name, &new, "new_password")?;
    let hash = app.identity.hashing.hash(new).await?;
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.password_hash != compared.password_hash {
                return Err(own_password::wrong(CURRENT));
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
            Notice::PasswordChanged.enqueue(tx, app, row.id, row.id).await?;
            let event = Event::new("account.password_changed", row.id).account(row.id).actor(row.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    app.identity.forget_account(who.id).await;
    app.wake.poke();
    Ok(())
}
