//! Replacing a forgotten password by a mailed link.
use entity::account::{self, Status};
use queue::NewJob;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Row, api_key_queries, context, factor_queries, limits,
    links::{self, NewLink, Purpose},
    notices::Notice,
    oidc, passkeys, queries, second_factor,
    sessions::Device,
};
use crate::{
    app::App,
    error::Result,
    events::Event,
    values::{Email, NewPassword},
};

/// The job that gives an account its link, if there is such an account.
pub(super) const RESET_ASKED: &str = "password_reset_asked";

/// Has a link mailed to the account of an address. Known or not, the work is the same: a look-up, and a job that names
/// an account, of which nobody is told whether there is one. 429 `too_many_attempts`.
pub(super) async fn forgot(app: &App, email: &str, device: &Device) -> Result<()> {
    drop(limits::forgotten(app, device).await?);
    let known = match Email::parse(email) {
        Ok(email) => queries::account_by_email(&app.db.read, email.as_str()).await?,
        Err(_) => None,
    };
    let account = known.map_or_else(|| app.clock.new_id(), |row| row.id);
    app.db
        .write(async |tx| {
            let job = NewJob::new(app.clock.new_id(), RESET_ASKED, &json!({"account_id": account}));
            queue::enqueue(tx, job, app.clock.now()).await?;
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Gives an account a link, under the id of the job that asked for it: once, however often that runs.
pub(super) async fn give_link(app: &App, job: Uuid, account: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, account).await?;
            let Some(row) = row.filter(|row| row.status == Status::Active) else { return Ok(()) };
            let (purpose, email) = (Purpose::Reset, row.email.as_str());
            let new = NewLink { id: job, account: &row, purpose, email, is_staffs: false };
            let given = links::ask(tx, app, new).await?;
            if !given {
                tracing::info!("an account asked for too many resets; this one is not mailed");
            }
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Replaces a password by the token of a link, or sets the first one, and revokes every session; 422 `invalid_token`, or
/// `too_weak` at `new_password`.
///
/// Who has the token reads the account's mail, so the address is proven too. If it was not before, whoever made the account
/// may have been somebody else: their other ways in are closed.
pub(super) async fn reset(app: &App, token: &str, new: NewPassword) -> Result<()> {
    let owner = links::owner(app, token, Purpose::Reset).await?.ok_or_else(links::invalid_token)?;
    context::refuse_obvious(app, &owner.email, &owner.display_name, &new, "new_password")?;
    let hash = app.identity.hashing.hash(new).await?;
    let account = app
        .db
        .write(async |tx| {
            let (_, row) = links::redeem(tx, app, token, &[Purpose::Reset]).await?;
            if row.status != Status::Active {
                return Err(links::invalid_token());
            }
            let now = app.clock.now();
            let changed = account::ActiveModel {
                id: Unchanged(row.id),
                password_hash: Set(hash.clone()),
                email_verified: Set(true),
                updated_at: Set(now),
                ..Default::default()
            };
            queries::update_account(tx, changed).await?;
            queries::revoke_sessions(tx, row.id, None, now).await?;
            if !row.email_verified {
                close_other_ways(tx, app, &row).await?;
            }
            links::end_for_new_password(tx, app, row.id).await?;
            Notice::PasswordChanged.enqueue(tx, app, row.id, row.id).await?;
            let event = Event::new("account.password_reset", row.id).account(row.id).actor(row.id);
            event.record(tx, &app.clock).await?;
            Ok(row.id)
        })
        .await?;
    app.identity.forget_account(account).await;
    app.wake.poke();
    Ok(())
}

/// Forgets identities, passkeys, API keys and the second factor: its owner never proved the address. That of an account
/// whose address is proven stays, for a mail alone takes none away.
async fn close_other_ways(tx: &impl ConnectionTrait, app: &App, row: &Row) -> Result<()> {
    oidc::forget_account(tx, row.id).await?;
    passkeys::delete_passkeys_of(tx, row.id).await?;
    api_key_queries::delete_api_keys(tx, row.id).await?;
    if factor_queries::delete_totp_factor(tx, row.id).await? && row.totp_enabled {
        second_factor::switch(tx, app, row, row.id, false).await?;
    }
    Ok(())
}
