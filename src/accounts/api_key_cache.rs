//! API keys as requests see them: read from the database at most every two seconds each.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{account, api_key};
use moka::future::Cache;
use uuid::Uuid;

use super::{Account, api_key_queries, product_limit::ProductLimit, queries, roles::Roles, scopes::Scopes};
use crate::{app::App, error::Result, keys::sha256};

/// How long a revocation, a suspension or a new role may go unnoticed.
const FRESH: Duration = Duration::from_secs(2);
/// Keys remembered at once.
const CAPACITY: u64 = 100_000;
/// How seldom the last use of a key is written down.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// What is remembered of a key, by its digest: none when it doesn't let in.
pub(super) type ApiKeys = Cache<Vec<u8>, Option<Entry>>;

/// A key that lets in.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its owner, with no more roles than its scopes give.
    pub(super) account: Account,
    /// What it may do.
    pub(super) scopes: Scopes,
    /// The products it is limited to, if it is.
    pub(super) limit: Option<ProductLimit>,
    expires_at: Option<DateTime<Utc>>,
}

pub(super) fn cache() -> ApiKeys {
    Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build()
}

/// Forgets what was read of every key of an account.
pub(super) async fn forget(cache: &ApiKeys, account: Uuid) {
    let theirs = |entry: &Option<Entry>| entry.as_ref().is_some_and(|entry| entry.account.id == account);
    let keys: Vec<_> = cache.iter().filter(|(_, entry)| theirs(entry)).map(|(hash, _)| hash).collect();
    for hash in keys {
        cache.invalidate(&*hash).await;
    }
}

/// Who a key acts as, unless it is unknown, revoked or expired or its owner suspended; 503 when the database does not
/// answer. It is found by its digest, so nothing secret is compared.
pub(super) async fn entry(app: &App, key: &str) -> Result<Option<Entry>> {
    let (now, hash) = (app.clock.now(), sha256(key.as_bytes()));
    let entry = match app.identity.api_keys.get(&hash).await {
        Some(entry) => entry,
        None => {
            let read = read(app, &hash).await?;
            app.identity.api_keys.insert(hash, read.clone()).await;
            read
        }
    };
    Ok(entry.filter(|entry| entry.expires_at.is_none_or(|end| end > now)))
}

async fn read(app: &App, hash: &[u8]) -> Result<Option<Entry>> {
    let Some(key) = api_key_queries::api_key(&app.db.read, hash).await? else { return Ok(None) };
    let Some(entry) = open(app, &key).await? else { return Ok(None) };
    note_use(app, &key).await?;
    Ok(Some(entry))
}

/// The account that a key acts as by its id, read anew: for what goes on after the request that brought the key.
pub(super) async fn holder(app: &App, id: Uuid) -> Result<Option<Account>> {
    let Some(key) = api_key_queries::api_key_of_id(&app.db.read, id).await? else { return Ok(None) };
    Ok(open(app, &key).await?.map(|entry| entry.account))
}

/// What a key opens unless it is revoked or expired or its owner suspended.
async fn open(app: &App, key: &api_key::Model) -> Result<Option<Entry>> {
    let now = app.clock.now();
    if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    let row = queries::account(&app.db.read, key.account_id).await?;
    let Some(row) = row.filter(|row| row.status == account::Status::Active) else { return Ok(None) };
    let scopes = Scopes::read(&key.scopes);
    let roles = scopes.narrow(Roles::from(&row));
    let account = Account {
        id: row.id,
        session: key.id,
        // A key proves nobody's presence.
        proven_at: DateTime::UNIX_EPOCH,
        until: key.expires_at,
        locale: row.locale.and_then(|tag| tag.parse().ok()),
        country: row.country.and_then(|code| code.parse().ok()),
        editor: roles.editor,
        support: roles.support,
        admin: roles.admin,
    };
    let limit = key.products.as_deref().map(ProductLimit::read);
    Ok(Some(Entry { account, scopes, limit, expires_at: key.expires_at }))
}

async fn note_use(app: &App, key: &api_key::Model) -> Result<()> {
    let now = app.clock.now();
    if key.last_used_at.is_some_and(|last| last + NOTED > now) {
        return Ok(());
    }
    app.db.write(async |tx| Ok(api_key_queries::use_api_key(tx, key.id, now, now - NOTED).await?)).await
}
