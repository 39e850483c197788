//! Swapping the provider's code for its token, and asking it for the address where the token has none.
use http::StatusCode;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{
    begin::Secret,
    id_token::{self, Profile},
    provider::Provider,
};
use crate::{
    app::App,
    calls::Answer,
    config,
    error::{Error, Refusal, Result},
};

/// 400: the provider doesn't take its code, because it is used up, too old or another sign-in's.
const CODE_REFUSED: Refusal =
    Refusal::malformed("code_refused", "The provider does not take this code; begin the sign-in anew.");
/// 502: the provider doesn't take this store, or answers what it must not.
pub(super) const PROVIDER_ERROR: Refusal = Refusal::with_status(
    StatusCode::BAD_GATEWAY,
    "provider_error",
    "The provider refused the sign-in for a reason of its own.",
);

/// What a token endpoint answers (OpenID Connect Core 1.0 §3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// Why it answers nothing (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Who a provider's code stands for.
pub(super) async fn redeem(
    app: &App,
    provider: &Provider<'_>,
    secret: &Secret,
    code: &str,
) -> Result<id_token::Person> {
    let tokens = tokens(app, provider, secret, code).await?;
    let person = id_token::verify(app, provider, &tokens.id_token, &secret.nonce()).await?;
    match tokens.access_token {
        Some(token) if person.profile.email.is_none() => described(app, provider, person, &token).await,
        _ => Ok(person),
    }
}

async fn tokens(app: &App, provider: &Provider<'_>, secret: &Secret, code: &str) -> Result<Tokens> {
    let (metadata, settings) = (provider.metadata().await?, provider.settings);
    let (redirect_uri, verifier) = (provider.redirect_uri(app), secret.code_verifier());
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &verifier),
    ];
    let client = app.oidc.fetcher.client().await.map_err(|why| provider.unavailable("token", &why))?;
    let mut request = client.post(metadata.token_endpoint.clone());
    match settings.client_secret.as_ref().map(config::Secret::as_str) {
        Some(secret) if metadata.takes_basic() => {
            // RFC 6749 §2.3.1: both are encoded as in a form first.
            request = request.basic_auth(encoded(&settings.client_id), Some(encoded(secret)));
        }
        Some(secret) => form.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]),
        None => form.push(("client_id", &settings.client_id)),
    }
    let answer = app
        .oidc
        .fetcher
        .send(request.form(&form))
        .await
        .map_err(|why| provider.unavailable("token", &why))?;
    if answer.status == StatusCode::OK {
        return serde_json::from_slice(&answer.body)
            .map_err(|_| refused(provider, "its answer has no ID token"));
    }
    Err(why_not(provider, &answer))
}

fn why_not(provider: &Provider<'_>, answer: &Answer) -> Error {
    if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS {
        return provider.unavailable("token", answer.status.as_str());
    }
    match serde_json::from_slice::<Refused>(&answer.body) {
        Ok(Refused { error }) if error == "invalid_grant" => CODE_REFUSED.into(),
        Ok(Refused { error }) if error == "invalid_client" => {
            refused(provider, "it does not take our secret")
        }
        _ => refused(provider, answer.status.as_str()),
    }
}

/// 502 to the caller, and a line to the operator, who alone can do something about it.
pub(super) fn refused(provider: &Provider<'_>, why: &str) -> Error {
    tracing::warn!(provider = provider.name, why, "a sign-in provider refused a sign-in");
    PROVIDER_ERROR.into()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// What the userinfo endpoint says of who the token names (OpenID Connect Core 1.0 §5.3).
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

async fn described(
    app: &App,
    provider: &Provider<'_>,
    person: id_token::Person,
    access_token: &str,
) -> Result<id_token::Person> {
    let Some(endpoint) = provider.metadata().await?.userinfo_endpoint.clone() else { return Ok(person) };
    let unavailable = |why: String| provider.unavailable("userinfo", &why);
    let client = app.oidc.fetcher.client().await.map_err(unavailable)?;
    let request = client.get(endpoint).bearer_auth(access_token);
    let answer = app.oidc.fetcher.send(request).await.map_err(unavailable)?;
    if answer.status != StatusCode::OK {
        return Err(provider.unavailable("userinfo", answer.status.as_str()));
    }
    let info: UserInfo = serde_json::from_slice(&answer.body)
        .map_err(|_| refused(provider, "its userinfo endpoint answers no JSON of claims"))?;
    if info.sub != person.subject {
        return Err(refused(provider, "its userinfo endpoint speaks of somebody else"));
    }
    Ok(id_token::Person { profile: info.profile, ..person })
}
