//! The keys of the access tokens: published before they sign, and kept until their last token is over.
use std::{sync::Arc, time::Duration as StdDuration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use chrono::{DateTime, Duration, Utc};
use entity::token_key::Model;
use jsonwebtoken::{DecodingKey, EncodingKey};
use moka::future::Cache;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{token_key_queries as queries, tokens::ACCESS_TOKEN_LIFE};
use crate::{
    app::App,
    clock::Clock,
    db::Db,
    error::{Error, Result, is_unique_violation},
    events::Event,
    keys::{MasterKey, sha256},
};

/// What is bound to every sealed key.
const SEAL_NAME: &str = "access_token";
/// How long the public keys may be kept by who read them.
pub(super) const KEEP_KEYS: Duration = Duration::minutes(5);
/// How long a key is published before it signs: whoever kept the keys read them again by then.
const PUBLISHED_BEFORE: Duration = Duration::minutes(6);
/// By how much the clocks of copies may differ.
const CLOCK_SKEW: Duration = Duration::seconds(5);
/// How long a rotation may go unnoticed by a copy.
const FRESH: StdDuration = StdDuration::from_secs(2);
/// Least time between two looks for a key that is unknown.
const LOOKS_APART: StdDuration = StdDuration::from_secs(1);

/// A key, opened.
pub(super) struct TokenKey {
    /// Its name in a token's header.
    pub(super) id: String,
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    pub(super) public_key: Vec<u8>,
    row: Model,
}

impl TokenKey {
    fn open(master: &MasterKey, row: Model) -> Result<Self> {
        let secret = master.open(SEAL_NAME, &row.sealed)?;
        let pair = Ed25519KeyPair::from_pkcs8(&secret).map_err(Error::unexpected)?;
        let public_key = pair.public_key().as_ref().to_vec();
        let mut id = hex::encode(sha256(&public_key));
        id.truncate(16);
        Ok(Self {
            id,
            signing: EncodingKey::from_ed_der(&secret),
            verifying: DecodingKey::from_ed_der(&public_key),
            public_key,
            row,
        })
    }

    fn counts_at(&self, now: DateTime<Utc>) -> bool {
        self.row.ends_at.is_none_or(|end| end > now)
    }
}

/// Every key there is.
pub(super) struct KeyRing(Vec<TokenKey>);

impl KeyRing {
    /// The key that signs at a time: the newest of those that do.
    pub(super) fn signing(&self, now: DateTime<Utc>) -> Result<&TokenKey> {
        let signing = self.0.iter().rev().find(|key| key.row.signs_from <= now && key.counts_at(now));
        signing.ok_or_else(|| Error::unexpected("no key signs access tokens"))
    }

    /// The key of a name, while it verifies.
    pub(super) fn verifying(&self, id: &str, now: DateTime<Utc>) -> Option<&TokenKey> {
        self.0.iter().find(|key| key.id == id && key.counts_at(now))
    }

    /// Every key that verifies or is about to sign, the newest first.
    pub(super) fn published(&self, now: DateTime<Utc>) -> impl Iterator<Item = &TokenKey> {
        self.0.iter().rev().filter(move |key| key.counts_at(now))
    }
}

/// The keys as they were read lately.
pub(super) struct KeyCache {
    ring: Cache<(), Arc<KeyRing>>,
    looked: Cache<(), ()>,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self {
            ring: Cache::builder().max_capacity(1).time_to_live(FRESH).build(),
            looked: Cache::builder().max_capacity(1).time_to_live(LOOKS_APART).build(),
        }
    }
}

/// The keys, read at most every two seconds; 503 when the database does not answer.
pub(super) async fn ring(app: &App) -> Result<Arc<KeyRing>> {
    let cache = &app.identity.keys;
    if let Some(ring) = cache.ring.get(&()).await {
        return Ok(ring);
    }
    let ring = Arc::new(read(&app.db.read, &app.master).await?);
    cache.ring.insert((), Arc::clone(&ring)).await;
    Ok(ring)
}

/// The keys, among them one of that name if there is one: another copy may have begun to sign with it just now.
pub(super) async fn ring_with(app: &App, id: &str) -> Result<Arc<KeyRing>> {
    let known = ring(app).await?;
    let cache = &app.identity.keys;
    if known.verifying(id, app.clock.now()).is_some() || cache.looked.contains_key(&()) {
        return Ok(known);
    }
    cache.looked.insert((), ()).await;
    cache.ring.invalidate(&()).await;
    ring(app).await
}

async fn read(db: &impl ConnectionTrait, master: &MasterKey) -> Result<KeyRing> {
    let rows = queries::keys(db).await?;
    Ok(KeyRing(rows.into_iter().map(|row| TokenKey::open(master, row)).collect::<Result<_>>()?))
}

/// Makes the first key of a new store; copies that start at once agree on one.
pub async fn ensure_token_key(db: &Db, master: &MasterKey, clock: &Clock) -> Result<()> {
    if queries::newest(&db.read).await?.is_some() {
        return Ok(());
    }
    let row = fresh(master, 1, clock.now(), clock.now())?;
    db.write(async |tx| Ok(queries::insert_first(tx, row.clone()).await?)).await
}

fn fresh(
    master: &MasterKey,
    ordinal: i32,
    created_at: DateTime<Utc>,
    signs_from: DateTime<Utc>,
) -> Result<Model> {
    let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(Error::unexpected)?;
    Ok(Model {
        ordinal,
        sealed: master.seal(SEAL_NAME, pair.as_ref())?,
        created_at,
        signs_from,
        ends_at: None,
    })
}

/// A key as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// Its name in a token's header.
    pub id: String,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC: before, it is published and signs nothing.
    pub signs_from: DateTime<Utc>,
    /// UTC: from then on it verifies nothing; none while it is the newest.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Every key, the newest first.
pub async fn token_keys(db: &Db, master: &MasterKey) -> Result<Vec<KeyStanding>> {
    let ring = read(&db.read, master).await?;
    let standing = |key: &TokenKey| KeyStanding {
        id: key.id.clone(),
        created_at: key.row.created_at,
        signs_from: key.row.signs_from,
        ends_at: key.row.ends_at,
    };
    Ok(ring.0.iter().rev().map(standing).collect())
}

/// Makes a new key, which signs in six minutes; those before verify until their last token is over.
///
/// `at_once` where one may have leaked: the new key signs from now on and those before verify nothing any more, so
/// that everybody refreshes. Every copy follows within two seconds.
pub async fn rotate_token_keys(db: &Db, master: &MasterKey, clock: &Clock, at_once: bool) -> Result<()> {
    let now = clock.now();
    let signs_from = if at_once { now } else { now + PUBLISHED_BEFORE };
    let ends_at = if at_once { now } else { signs_from + ACCESS_TOKEN_LIFE + CLOCK_SKEW };
    db.write(async |tx| {
        let newest = queries::newest(tx).await?;
        let ordinal = newest.map_or(1, |row| row.ordinal.saturating_add(1));
        queries::end(tx, ends_at, at_once).await?;
        let row = fresh(master, ordinal, now, signs_from)?;
        // Whoever rotates at the same time was first: run again, this one comes behind it.
        queries::insert(tx, row).await.map_err(|error| {
            if is_unique_violation(&error) { Error::Contended(error) } else { error.into() }
        })?;
        let event = Event::new("token_keys.rotated", Uuid::nil()).by_operator();
        Ok(event.with("at_once", at_once).record(tx, clock).await?)
    })
    .await
}

/// Removes the keys that verify nothing any more; says how many.
pub async fn forget_token_keys(app: &App) -> Result<u64> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(queries::delete_ended(tx, now).await?)).await
}
