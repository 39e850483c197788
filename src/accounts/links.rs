//! Links that are mailed: each proves one address, once, for a time.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
pub(super) use entity::account_link::{Model as Link, Purpose};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{Row, link_queries, queries};
use crate::{
    app::App,
    error::{Error, Result},
    keys::sha256,
};

/// The job that mails a link.
pub(super) const LINK_MAIL: &str = "account_link_mail";
/// For how long it is counted how many links an account asked for.
const COUNTED: Duration = Duration::hours(1);
/// Links to prove an address, per account and [`COUNTED`].
const MOST_PROOFS: usize = 5;
/// How long after its end a link's row, which holds an address, is kept.
const KEPT: Duration = Duration::days(1);

/// How long a link is good for.
pub(super) const fn life(purpose: Purpose) -> Duration {
    match purpose {
        Purpose::Verify => Duration::days(3),
        Purpose::Change => Duration::days(1),
        Purpose::Reset => Duration::minutes(30),
    }
}

/// 422 for a token that is unknown, used, replaced, expired, or of another purpose alike.
pub(super) fn invalid_token() -> Error {
    Error::field("token", "invalid_token", "is not valid any more; ask for a new one")
}

/// The token of a link. It is derived, so that it lies nowhere and a mail sent again holds the same one.
pub(super) fn token(app: &App, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(app.keys.account_link.sign(id.as_bytes()))
}

/// A link before it is written.
pub(super) struct NewLink<'a> {
    /// Of its own; a second one of the same id is the same link.
    pub(super) id: Uuid,
    /// Whose it is, locked by the caller or made in the same transaction.
    pub(super) account: &'a Row,
    /// What it is for.
    pub(super) purpose: Purpose,
    /// Where it is mailed, and all that it proves.
    pub(super) email: &'a str,
    /// Whether staff asked for it: what strangers asked for does not count then.
    pub(super) is_staffs: bool,
}

/// Writes a link and the job that mails it, and ends the older one; false when the account may not have one more yet.
pub(super) async fn ask(tx: &impl ConnectionTrait, app: &App, new: NewLink<'_>) -> Result<bool> {
    let now = app.clock.now();
    if link_queries::link(tx, new.id).await?.is_some() {
        return Ok(true);
    }
    if !new.is_staffs && !may_ask(tx, app, new.account.id, new.purpose).await? {
        return Ok(false);
    }
    link_queries::end_links(tx, new.account.id, &[new.purpose], now).await?;
    let link = Link {
        id: new.id,
        account_id: new.account.id,
        purpose: new.purpose,
        token_hash: sha256(token(app, new.id).as_bytes()),
        email: new.email.to_owned(),
        replaces: (new.purpose == Purpose::Change).then(|| new.account.email.clone()),
        created_at: now,
        expires_at: now + life(new.purpose),
        ended_at: None,
    };
    link_queries::insert_link(tx, link).await?;
    let mail = NewJob::new(app.clock.new_id(), LINK_MAIL, &json!({"link_id": new.id}));
    let mail = mail.in_lane(new.account.id);
    queue::enqueue(tx, mail, now).await?;
    Ok(true)
}

/// Whether an account may be mailed one more link of a purpose: the one place where that is limited.
async fn may_ask(tx: &impl ConnectionTrait, app: &App, account: Uuid, purpose: Purpose) -> Result<bool> {
    let resets = app.config.accounts.reset_mails_per_account;
    let (most, time) = match purpose {
        Purpose::Verify | Purpose::Change => (MOST_PROOFS, COUNTED),
        Purpose::Reset => (resets.most(), resets.window()),
    };
    let sent = link_queries::links_since(tx, account, purpose, app.clock.now() - time).await?;
    Ok(usize::try_from(sent).is_ok_and(|sent| sent < most))
}

/// Whose token it is, if it could be used now, so that nothing costly is begun for one that can't.
pub(super) async fn owner(app: &App, token: &str, purpose: Purpose) -> Result<Option<Row>> {
    let link = link_queries::link_of_token(&app.db.read, &sha256(token.as_bytes())).await?;
    let now = app.clock.now();
    let live =
        link.filter(|link| link.purpose == purpose && link.ended_at.is_none() && link.expires_at > now);
    match live {
        Some(link) => Ok(queries::account(&app.db.read, link.account_id).await?),
        None => Ok(None),
    }
}

/// Uses a token up and locks its account; 422 `invalid_token`.
///
/// A link is good only while its account has the address it was mailed to, or, for a change, the one it replaces.
pub(super) async fn redeem(
    tx: &impl ConnectionTrait,
    app: &App,
    token: &str,
    purposes: &[Purpose],
) -> Result<(Link, Row)> {
    let link = link_queries::link_of_token(tx, &sha256(token.as_bytes())).await?;
    let link = link.filter(|link| purposes.contains(&link.purpose)).ok_or_else(invalid_token)?;
    let row = queries::lock_account(tx, link.account_id).await?.ok_or_else(invalid_token)?;
    if row.email != *link.replaces.as_ref().unwrap_or(&link.email)
        || !link_queries::use_link(tx, link.id, app.clock.now()).await?
    {
        return Err(invalid_token());
    }
    Ok((link, row))
}

/// Ends what a new password makes void: resets, and changes of the address that whoever had the old one may have begun.
pub(super) async fn end_for_new_password(tx: &impl ConnectionTrait, app: &App, account: Uuid) -> Result<()> {
    let void = [Purpose::Reset, Purpose::Change];
    Ok(link_queries::end_links(tx, account, &void, app.clock.now()).await?)
}

/// Ends every link of an account: a new address makes those to the old one void.
pub(super) async fn end_for_new_address(tx: &impl ConnectionTrait, app: &App, account: Uuid) -> Result<()> {
    let all = [Purpose::Verify, Purpose::Change, Purpose::Reset];
    Ok(link_queries::end_links(tx, account, &all, app.clock.now()).await?)
}

/// Removes the links that are long over, and says how many.
pub async fn forget_links(app: &App) -> Result<u64> {
    let before = app.clock.now() - KEPT;
    app.db.write(async |tx| Ok(link_queries::delete_links(tx, before).await?)).await
}
