//! Access tokens: EdDSA JWTs (RFC 8037) that this store signs and everybody can verify.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Account, Hashing,
    api_key_cache::{self, ApiKeys},
    session_cache::{self, Sessions},
    throttle::{self, Full},
    token_keys::{self, KeyCache, KeyRing},
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Life of an access token.
pub(super) const ACCESS_TOKEN_LIFE: Duration = Duration::minutes(15);
/// Seconds by which the clocks of two copies may differ.
const CLOCK_SKEW: i64 = 5;
/// Who the tokens are for.
const AUDIENCE: &str = "mist";

/// What signing in needs: password hashing, the token keys and the sessions seen lately.
pub struct Identity {
    /// Hashes and verifies passwords.
    pub hashing: Hashing,
    pub(super) keys: KeyCache,
    issuer: String,
    pub(super) sessions: Sessions,
    pub(super) full: Full,
    pub(super) api_keys: ApiKeys,
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    /// The account.
    pub sub: Uuid,
    exp: i64,
    iat: i64,
    jti: Uuid,
    /// The session.
    pub sid: Uuid,
    roles: Vec<String>,
}

impl Claims {
    /// When the token ends.
    pub(super) fn ends_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.exp, 0)
    }
}

/// The public keys of the access tokens: a JWK Set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
pub(super) struct KeySet {
    keys: Vec<PublicKey>,
}

/// An Ed25519 key (RFC 8037 §2).
#[derive(Serialize, ToSchema)]
struct PublicKey {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// `EdDSA`.
    alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    use_: &'static str,
    /// Which key signed a token: its header's `kid`.
    kid: String,
    /// The key, base64url.
    x: String,
}

impl Identity {
    /// `issuer` is the store's public address.
    pub fn new(issuer: &str, hashing: Hashing) -> Self {
        Self {
            hashing,
            keys: KeyCache::default(),
            issuer: issuer.trim_end_matches('/').to_owned(),
            sessions: session_cache::cache(),
            full: throttle::cache(),
            api_keys: api_key_cache::cache(),
        }
    }

    /// Forgets what was read of a session, so that its next request reads it anew.
    pub async fn forget(&self, session: Uuid) {
        self.sessions.invalidate(&session).await;
    }

    /// Forgets what was read of every session and key of an account.
    pub async fn forget_account(&self, account: Uuid) {
        let theirs = |entry: &Option<(Account, DateTime<Utc>)>| {
            entry.as_ref().is_some_and(|(holder, _)| holder.id == account)
        };
        let sessions: Vec<_> =
            self.sessions.iter().filter(|(_, entry)| theirs(entry)).map(|(session, _)| session).collect();
        for session in sessions {
            self.sessions.invalidate(&*session).await;
        }
        api_key_cache::forget(&self.api_keys, account).await;
    }
}

/// A token of an account's session, valid for [`ACCESS_TOKEN_LIFE`].
pub(super) async fn sign(app: &App, account: Uuid, session: Uuid, roles: Vec<String>) -> Result<String> {
    let now = app.clock.now();
    let claims = Claims {
        iss: app.identity.issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: account,
        exp: (now + ACCESS_TOKEN_LIFE).timestamp(),
        iat: now.timestamp(),
        jti: app.clock.new_id(),
        sid: session,
        roles,
    };
    let ring = token_keys::ring(app).await?;
    let key = ring.signing(now)?;
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key.id.clone());
    jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Error::unexpected)
}

/// The claims of a token that this store signed and that is still valid; 503 when the database does not answer.
///
/// The key is looked up among the store's own by its name: what else a header says of keys counts for nothing.
pub(super) async fn verify(app: &App, token: &str) -> Result<Option<Claims>> {
    let now = app.clock.now();
    let header = jsonwebtoken::decode_header(token).ok();
    let Some(id) = header.and_then(|header| header.kid) else { return Ok(None) };
    let ring = token_keys::ring_with(app, &id).await?;
    let Some(key) = ring.verifying(&id, now) else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[&app.identity.issuer]);
    // Judged below by the store's own clock.
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation);
    let in_time =
        |claims: &Claims| claims.exp > now.timestamp() && claims.iat <= now.timestamp() + CLOCK_SKEW;
    Ok(decoded.ok().map(|decoded| decoded.claims).filter(in_time))
}

impl KeySet {
    /// What is published at a time.
    pub(super) fn of(ring: &KeyRing, now: DateTime<Utc>) -> Self {
        let told = |key: &token_keys::TokenKey| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            use_: "sig",
            kid: key.id.clone(),
            x: URL_SAFE_NO_PAD.encode(&key.public_key),
        };
        Self { keys: ring.published(now).map(told).collect() }
    }
}
