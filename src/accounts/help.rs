//! How staff help somebody back into their account. Nobody of them learns a password or signs in as somebody else.
use entity::account::Status;
use uuid::Uuid;

use super::{
    Account, factor_queries, limits,
    links::{self, NewLink, Purpose},
    queries, second_factor, staff, step_up,
};
use crate::{
    app::App,
    error::{NOT_FOUND, Refusal, Result},
    events::Event,
};

/// 409: nothing is mailed to who may not sign in.
const ACCOUNT_SUSPENDED: Refusal =
    Refusal::conflict("account_suspended", "This account is suspended; readmit it first.");

/// 403: whoever stole an admin's token must not get rid of their second factor by it.
const OWN_FACTOR: Refusal =
    Refusal::forbidden("forbidden", "One's own second factor is taken away by `DELETE /me/totp`.");

/// Mails an account a link by which its owner chooses a new password; 403, 404, 409 `account_suspended`, 429
/// `too_many_attempts`.
pub(super) async fn mail_reset(app: &App, actor: &Account, id: Uuid) -> Result<()> {
    let rate = app.config.accounts.reset_mails_per_account;
    limits::deed(app, id, "resets by staff", rate).await?;
    let link = app.clock.new_id();
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, id).await?.ok_or(NOT_FOUND)?;
            staff::judge(actor, &row)?;
            if row.status != Status::Active {
                return Err(ACCOUNT_SUSPENDED.into());
            }
            let (purpose, email) = (Purpose::Reset, row.email.as_str());
            links::ask(tx, app, NewLink { id: link, account: &row, purpose, email, is_staffs: true }).await?;
            let event = Event::new("account.password_reset_mailed", id).account(id).actor(actor.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Signs an account out on every device; 403, 404.
pub(super) async fn sign_out(app: &App, actor: &Account, id: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, id).await?.ok_or(NOT_FOUND)?;
            staff::judge(actor, &row)?;
            queries::revoke_sessions(tx, id, None, app.clock.now()).await?;
            let event = Event::new("account.signed_out_everywhere", id).account(id).actor(actor.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    app.identity.forget_account(id).await;
    Ok(())
}

/// Takes the second factor of who lost it away, tells them, and signs them out everywhere; 403
/// `reauthentication_required`, and for one's own account; 404 where there is none.
pub(super) async fn remove_second_factor(app: &App, actor: &Account, id: Uuid) -> Result<()> {
    step_up::require_recent_proof(app, actor)?;
    if actor.id == id {
        return Err(OWN_FACTOR.into());
    }
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, id).await?.ok_or(NOT_FOUND)?;
            if !row.totp_enabled || !factor_queries::delete_totp_factor(tx, id).await? {
                return Err(NOT_FOUND.into());
            }
            second_factor::switch(tx, app, &row, actor.id, false).await?;
            Ok(queries::revoke_sessions(tx, id, None, app.clock.now()).await?)
        })
        .await?;
    app.identity.forget_account(id).await;
    app.wake.poke();
    Ok(())
}
