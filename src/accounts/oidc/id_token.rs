//! Judging an ID token (OpenID Connect Core 1.0 §3.1.3.7): who signed it, for whom, for which sign-in, and when.
use chrono::Duration;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    jwk::{AlgorithmParameters, Jwk, PublicKeyUse},
};
use serde::{Deserialize, Deserializer};

use super::provider::{Keys, Provider};
use crate::{
    app::App,
    error::{Error, Refusal, Result},
    keys::equal,
};

/// 400: what the provider's answer holds proves nothing.
const INVALID_ID_TOKEN: Refusal =
    Refusal::malformed("invalid_id_token", "What the provider answered does not prove who signed in.");

/// By how much the clocks of a provider and of this store may differ.
const CLOCK_SKEW: Duration = Duration::seconds(60);
/// How old a token may be that was just asked for.
const OLDEST: Duration = Duration::minutes(10);
/// Characters of a subject at most (OpenID Connect Core 1.0 §2).
const LONGEST_SUBJECT: usize = 255;

/// Who signed in at a provider.
pub(super) struct Person {
    /// Who it is there, for ever.
    pub(super) subject: String,
    pub(super) profile: Profile,
}

/// What a provider says of somebody.
#[derive(Deserialize)]
pub(super) struct Profile {
    pub(super) email: Option<String>,
    /// Whether the provider knows that the address is theirs.
    #[serde(default, deserialize_with = "truth")]
    pub(super) email_verified: bool,
    pub(super) name: Option<String>,
}

/// A truth value; Cognito's userinfo endpoint writes it as a text.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Bare(bool),
        Text(String),
    }
    Ok(match Option::<Truth>::deserialize(deserializer)? {
        Some(Truth::Bare(value)) => value,
        Some(Truth::Text(text)) => text == "true",
        None => false,
    })
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    #[serde(flatten)]
    profile: Profile,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Who an ID token names; 400 `invalid_id_token`.
pub(super) async fn verify(app: &App, provider: &Provider<'_>, token: &str, nonce: &str) -> Result<Person> {
    let invalid = |why: &str| -> Error {
        tracing::warn!(provider = provider.name, why, "an ID token was refused");
        INVALID_ID_TOKEN.into()
    };
    let header = jsonwebtoken::decode_header(token).map_err(|_| invalid("header"))?;
    // No symmetric algorithm, whose key would be this store's own secret; `none` can't even be read.
    if !is_asymmetric(header.alg) || header.crit.is_some() {
        return Err(invalid("algorithm"));
    }
    let mut keys = provider.keys(app, false).await?;
    if candidates(&keys, &header).next().is_none() {
        keys = provider.keys(app, true).await?;
    }
    let claims = candidates(&keys, &header).find_map(|key| signed_by(token, key, header.alg));
    let claims = claims.ok_or_else(|| invalid("signature or shape"))?;
    judge(app, provider, &claims, nonce).map_err(invalid)?;
    Ok(Person { subject: claims.sub, profile: claims.profile })
}

fn judge(
    app: &App,
    provider: &Provider<'_>,
    claims: &Claims,
    nonce: &str,
) -> std::result::Result<(), &'static str> {
    let (now, client) = (app.clock.now().timestamp(), &provider.settings.client_id);
    let (for_us, alone) = match &claims.aud {
        Audience::One(one) => (one == client, true),
        Audience::Several(all) => (all.contains(client), all.len() == 1),
    };
    let skew = CLOCK_SKEW.num_seconds();
    let sound = |subject: &str| {
        !subject.is_empty() && subject.len() <= LONGEST_SUBJECT && !subject.chars().any(char::is_control)
    };
    let faults = [
        (claims.iss != provider.settings.issuer, "iss"),
        (!for_us, "aud"),
        (!alone && claims.azp.is_none(), "aud without azp"),
        (claims.azp.as_ref().is_some_and(|azp| azp != client), "azp"),
        (claims.exp.saturating_add(skew) <= now, "exp"),
        (claims.iat > now + skew || claims.iat < now - OLDEST.num_seconds(), "iat"),
        (!claims.nonce.as_ref().is_some_and(|said| equal(said.as_bytes(), nonce.as_bytes())), "nonce"),
        (!sound(&claims.sub), "sub"),
    ];
    faults.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, why)| Err(why))
}

const fn is_asymmetric(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// The keys that may have signed a token: of the kind its algorithm takes, and the one it names if it names one.
fn candidates<'a>(keys: &'a Keys, header: &'a Header) -> impl Iterator<Item = &'a Jwk> {
    keys.keys.iter().filter(move |key| {
        let fits = match &key.algorithm {
            AlgorithmParameters::RSA(_) => {
                !matches!(header.alg, Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA)
            }
            AlgorithmParameters::EllipticCurve(_) => {
                matches!(header.alg, Algorithm::ES256 | Algorithm::ES384)
            }
            AlgorithmParameters::OctetKeyPair(_) => header.alg == Algorithm::EdDSA,
            _ => false,
        };
        let signs = key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
        let meant = key.common.key_algorithm.is_none_or(|alg| alg.to_string() == format!("{:?}", header.alg));
        let named = header.kid.is_none() || key.common.key_id == header.kid;
        fits && signs && meant && named
    })
}

/// The claims of a token, if that key signed it. Times, issuer and audience are judged by `judge`.
fn signed_by(token: &str, key: &Jwk, algorithm: Algorithm) -> Option<Claims> {
    let key = DecodingKey::from_jwk(key).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    jsonwebtoken::decode(token, &key, &validation).ok().map(|decoded| decoded.claims)
}
