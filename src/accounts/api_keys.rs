//! API keys: how one's own are made, listed and revoked.
use chrono::{DateTime, Utc};
use entity::api_key;
use uuid::Uuid;

use super::{
    Account, access::FORBIDDEN, api_key_queries, product_limit::ProductLimit, queries, roles::Roles,
    scopes::Scopes, step_up,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    events::Event,
    keys::{new_token, sha256},
    values::Word,
};

/// What every key begins with, so that a leaked one is known for what it is.
pub(super) const PREFIX: &str = "mist_";
/// Characters of a key, its beginning included, that lists show.
const SHOWN: usize = 12;
/// Keys of an account that are not revoked.
const MOST: u64 = 50;

/// 409: an account has only so many keys.
const TOO_MANY_KEYS: Refusal =
    Refusal::conflict("too_many_keys", "You have as many API keys as an account may have; revoke one first.");

/// A key that is wished for.
pub(super) struct NewKey {
    /// As its owner calls it.
    pub(super) name: Word,
    /// What it may do.
    pub(super) scopes: Scopes,
    /// The products it is to be limited to.
    pub(super) products: Option<Vec<Uuid>>,
    /// UTC; when it ends by itself.
    pub(super) expires_at: Option<DateTime<Utc>>,
}

/// A key and its row: the key is known here and to its owner alone.
pub(super) struct Made {
    /// The key.
    pub(super) key: String,
    /// What is kept of it.
    pub(super) row: api_key::Model,
}

/// Makes a key; 403 without a recent proof or when a scope asks for a role that its owner lacks, 422 for products that
/// do not exist.
pub(super) async fn create(app: &App, who: &Account, new: NewKey) -> Result<Made> {
    step_up::require_recent_proof(app, who)?;
    let now = app.clock.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::field("expires_at", "out_of_range", "must be in the future"));
    }
    let limit = match new.products {
        Some(products) => Some(ProductLimit::of_known(app, products).await?),
        None => None,
    };
    let key = format!("{PREFIX}{}", new_token()?);
    let row = api_key::Model {
        id: app.clock.new_id(),
        account_id: who.id,
        name: new.name.as_str().to_owned(),
        prefix: key.chars().take(SHOWN).collect(),
        token_hash: sha256(key.as_bytes()),
        scopes: new.scopes.text(),
        products: limit.as_ref().map(ProductLimit::text),
        created_at: now,
        last_used_at: None,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    app.db
        .write(async |tx| {
            let account = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            if !new.scopes.are_within(Roles::from(&account)) {
                return Err(FORBIDDEN.into());
            }
            if api_key_queries::count_api_keys(tx, who.id).await? >= MOST {
                return Err(TOO_MANY_KEYS.into());
            }
            api_key_queries::insert_api_key(tx, row.clone()).await?;
            let event = Event::new("api_key.created", row.id).account(who.id).actor(who.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    Ok(Made { key, row })
}

/// One's keys that are not revoked, newest first: those made before `after`.
pub(super) async fn list(
    app: &App,
    who: &Account,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<api_key::Model>> {
    Ok(api_key_queries::api_keys(&app.db.read, who.id, after, most).await?)
}

/// Revokes one of one's own keys; 404 when it is revoked or isn't one's own.
pub(super) async fn revoke(app: &App, who: &Account, id: Uuid) -> Result<()> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            if !api_key_queries::revoke_api_key(tx, who.id, id, now).await? {
                return Err(NOT_FOUND.into());
            }
            let event = Event::new("api_key.revoked", id).account(who.id).actor(who.id);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await?;
    app.identity.forget_account(who.id).await;
    Ok(())
}
