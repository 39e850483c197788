//! Access tokens: EdDSA JWTs (RFC 8037) that this store signs and everybody can verify.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Account, Hashing,
    api_key_cache::{self, ApiKeys},
    session_cache::{self, Sessions},
    throttle::{self, Full},
};
use crate::{
    error::{Error, Result},
    keys::{Keys, sha256},
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
    signing: EncodingKey,
    verifying: DecodingKey,
    key_id: String,
    public_key: Vec<u8>,
    issuer: String,
    pub(super) sessions: Sessions,
    pub(super) full: Full,
    pub(super) api_keys: ApiKeys,
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
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
    /// From the store's keys; `issuer` is its public address.
    pub fn new(keys: &Keys, issuer: &str, hashing: Hashing) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&keys.access_token).map_err(Error::unexpected)?;
        let public_key = pair.public_key().as_ref().to_vec();
        let mut key_id = hex::encode(sha256(&public_key));
        key_id.truncate(16);
        Ok(Self {
            hashing,
            signing: EncodingKey::from_ed_der(&keys.access_token),
            verifying: DecodingKey::from_ed_der(&public_key),
            key_id,
            public_key,
            issuer: issuer.trim_end_matches('/').to_owned(),
            sessions: session_cache::cache(),
            full: throttle::cache(),
            api_keys: api_key_cache::cache(),
        })
    }

    /// A token of an account's session, valid for [`ACCESS_TOKEN_LIFE`].
    pub fn sign(
        &self,
        account: Uuid,
        session: Uuid,
        roles: Vec<String>,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account,
            exp: (now + ACCESS_TOKEN_LIFE).timestamp(),
            iat: now.timestamp(),
            jti: id,
            sid: session,
            roles,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::unexpected)
    }

    /// The claims of a token that this store signed and that is still valid.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // Judged below by the store's own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation).ok()?.claims;
        (claims.exp > now.timestamp() && claims.iat <= now.timestamp() + CLOCK_SKEW).then_some(claims)
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

    /// The public keys of the tokens.
    pub(super) fn key_set(&self) -> KeySet {
        KeySet {
            keys: vec![PublicKey {
                kty: "OKP",
                crv: "Ed25519",
                alg: "EdDSA",
                use_: "sig",
                kid: self.key_id.clone(),
                x: URL_SAFE_NO_PAD.encode(&self.public_key),
            }],
        }
    }
}
