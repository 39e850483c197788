//! The way to the provider: a cookie for the browser, a row for all copies, and the address to go to.
use chrono::Duration;
use entity::oidc_sign_in;

use super::{queries, return_to};
use crate::{
    accounts::{limits, sessions::Device},
    app::App,
    error::{Error, Result},
    keys::{new_token, sha256},
};

/// How long somebody may take to sign in at the provider.
pub(super) const LIFE: Duration = Duration::minutes(10);

/// A sign-in that has begun.
pub(super) struct Begun {
    /// The provider's page.
    pub(super) location: String,
    /// `Set-Cookie`, by which only this browser can end it.
    pub(super) cookie: String,
}

/// What a sign-in's browser keeps and nobody else knows: everything that must be secret is derived from it, so that
/// the database holds nothing with which a sign-in could be ended.
pub(super) struct Secret(pub(super) String);

impl Secret {
    /// Sent along and given back with the answer (RFC 6749 §10.12).
    pub(super) fn state(&self) -> String {
        self.derived("state")
    }

    /// Sent along and found in the token.
    pub(super) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// Proves to the token endpoint that who began is who ends (RFC 7636 §4.1).
    pub(super) fn code_verifier(&self) -> String {
        self.derived("code_verifier")
    }

    /// S256 of the verifier (RFC 7636 §4.2).
    fn code_challenge(&self) -> String {
        base64url(&sha256(self.code_verifier().as_bytes()))
    }

    fn derived(&self, what: &str) -> String {
        base64url(&sha256(format!("{what}\n{}", self.0).as_bytes()))
    }
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Begins a sign-in; 404, 422 at `return_to`, 429 `too_many_attempts`, 503 `provider_unavailable`.
pub(super) async fn begin(app: &App, name: &str, return_to: Option<&str>, device: &Device) -> Result<Begun> {
    let provider = app.oidc.find(name)?;
    let return_to = return_to.map(|text| return_to::parse(app, text)).transpose()?;
    // Stays counted, whatever comes of it.
    drop(limits::provider_start(app, device).await?);
    let metadata = provider.metadata().await?;
    let secret = Secret(new_token()?);
    let state = secret.state();
    let row = oidc_sign_in::Model {
        state_hash: sha256(state.as_bytes()),
        provider: provider.name.to_owned(),
        return_to: return_to.map(String::from),
        expires_at: app.clock.now() + LIFE,
        used_at: None,
    };
    app.db.write(async |tx| Ok(queries::insert_sign_in(tx, row.clone()).await?)).await?;
    let mut scopes = provider.settings.scopes.clone();
    if !scopes.iter().any(|scope| scope == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    let mut location = metadata.authorization_endpoint.clone();
    location
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("redirect_uri", &provider.redirect_uri(app))
        .append_pair("scope", &scopes.join(" "))
        .append_pair("state", &state)
        .append_pair("nonce", &secret.nonce())
        .append_pair("code_challenge", &secret.code_challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(Begun { location: location.into(), cookie: cookie(app, &secret.0, LIFE) })
}

/// The cookie's name: where there is TLS, one that no other host and no plain page can set.
pub(super) fn cookie_name(app: &App) -> &'static str {
    if app.public_url("").starts_with("https:") { "__Host-mist_sign_in" } else { "mist_sign_in" }
}

/// The cookie; one of no life takes it back.
pub(super) fn cookie(app: &App, value: &str, life: Duration) -> String {
    let (name, seconds) = (cookie_name(app), life.num_seconds());
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// A header that can't be one is our own mistake.
pub(super) fn header(value: String) -> Result<http::HeaderValue> {
    http::HeaderValue::try_from(value).map_err(Error::unexpected)
}
