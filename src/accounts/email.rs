//! Proving one's address, and changing it by proving the new one.
use entity::account;
use http::StatusCode;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};

use super::{
    Account, Row,
    links::{self, Link, NewLink, Purpose},
    notices::Notice,
    own_password, queries,
};
use crate::{
    app::App,
    error::{NOT_FOUND, Refusal, Result, is_unique_violation},
    events::Event,
    values::{Email, Password},
};

/// 429: as many mails went out in the last hour as may.
pub(super) const TOO_MANY_ATTEMPTS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_attempts",
    "Too many mails were asked for; try again later.",
)
.after(60 * 60);

/// Proves the address that a token was mailed to: the account's, or the one that now becomes it. 422 `invalid_token`.
pub(super) async fn verify(app: &App, token: &str) -> Result<()> {
    let account = app
        .db
        .write(async |tx| {
            let (link, row) = links::redeem(tx, app, token, &[Purpose::Verify, Purpose::Change]).await?;
            match link.purpose {
                Purpose::Change => move_to(tx, app, &row, link).await?,
                Purpose::Verify | Purpose::Reset => prove(tx, app, &row).await?,
            }
            Ok(row.id)
        })
        .await?;
    app.identity.forget_account(account).await;
    Ok(())
}

async fn prove(tx: &impl ConnectionTrait, app: &App, row: &Row) -> Result<()> {
    let changed = account::ActiveModel {
        id: Unchanged(row.id),
        email_verified: Set(true),
        updated_at: Set(app.clock.now()),
        ..Default::default()
    };
    queries::update_account(tx, changed).await?;
    let event = Event::new("account.email_verified", row.id).account(row.id).actor(row.id);
    Ok(event.record(tx, &app.clock).await?)
}

async fn move_to(tx: &impl ConnectionTrait, app: &App, row: &Row, link: Link) -> Result<()> {
    let changed = account::ActiveModel {
        id: Unchanged(row.id),
        email: Set(link.email),
        email_verified: Set(true),
        updated_at: Set(app.clock.now()),
        ..Default::default()
    };
    match queries::update_account(tx, changed).await {
        // Somebody else proved or registered it meanwhile.
        Err(error) if is_unique_violation(&error) => return Err(links::invalid_token()),
        updated => updated?,
    };
    links::end_for_new_address(tx, app, row.id).await?;
    let event = Event::new("account.email_changed", row.id).account(row.id).actor(row.id);
    Ok(event.record(tx, &app.clock).await?)
}

/// Mails another link that proves one's address, unless that is proven. 429 `too_many_attempts`.
pub(super) async fn resend(app: &App, who: &Account) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.email_verified || ask(tx, app, &row, Purpose::Verify, &row.email).await?.is_some() {
                return Ok(());
            }
            Err(TOO_MANY_ATTEMPTS.into())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Mails a link to a new address, by which it becomes the account's, and tells the old one. Refuses as
/// [`own_password::prove`] at `password`; 429 `too_many_attempts`.
///
/// Nothing here depends on whether the new address has an account; its job sees to that.
pub(super) async fn change(app: &App, who: &Account, new: &Email, password: Option<&Password>) -> Result<()> {
    let compared = own_password::prove(app, who, password, "password").await?;
    app.db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if row.password_hash != compared.password_hash {
                return Err(own_password::wrong("password"));
            }
            if row.email == new.as_str() {
                return Ok(());
            }
            let link = ask(tx, app, &row, Purpose::Change, new.as_str()).await?;
            Notice::EmailChanging.enqueue(tx, app, row.id, link.ok_or(TOO_MANY_ATTEMPTS)?).await
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Asks for a link of an account; its id, or none when there were too many.
pub(super) async fn ask(
    tx: &impl ConnectionTrait,
    app: &App,
    account: &Row,
    purpose: Purpose,
    email: &str,
) -> Result<Option<uuid::Uuid>> {
    let id = app.clock.new_id();
    Ok(links::ask(tx, app, NewLink { id, account, purpose, email, is_staffs: false }).await?.then_some(id))
}
