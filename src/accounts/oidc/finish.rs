//! The way back from the provider: each sign-in comes back once, to the browser that began it.
use http::StatusCode;

use super::{
    admission,
    begin::Secret,
    code,
    exchange::{self, refused},
    provider::{PROVIDER_UNAVAILABLE, Provider},
    queries, return_to,
};
use crate::{
    accounts::{
        Row, limits, login,
        sessions::{Device, SignedIn},
    },
    app::App,
    error::{Error, Refusal, Result},
    keys::{equal, sha256},
};

/// 400 for a sign-in that was not begun, was begun in another browser, is over or took too long.
const INVALID_STATE: Refusal = Refusal::malformed(
    "invalid_state",
    "This sign-in was not begun in this browser, is over already or took too long; begin it anew.",
);
/// 400: the answer is another provider's (RFC 9207 §2.4).
const ISSUER_MISMATCH: Refusal =
    Refusal::malformed("issuer_mismatch", "This is another provider's answer than the one that was asked.");
/// 403: somebody said no at the provider.
const ACCESS_DENIED: Refusal =
    Refusal::with_status(StatusCode::FORBIDDEN, "access_denied", "The sign-in was declined at the provider.");

/// 401 for who comes back with nowhere to return to, with the code in `exchange_code`: see [`end`].
const TOTP_REQUIRED: Refusal = Refusal::unauthorized(
    "totp_required",
    "This account has a second factor: `POST /auth/oidc/exchange` takes `exchange_code` as `code`, with `totp_code`.",
);

/// How a sign-in ended.
pub(super) enum Finished {
    /// With a session.
    SignedIn(Box<SignedIn>),
    /// With the address to go to, which has a code for the frontend.
    Returned(String),
}

/// What a provider adds to the address it sends somebody back to; what else it adds is its own affair.
#[derive(Default)]
struct Returned {
    state: String,
    iss: Option<String>,
    outcome: Option<Outcome>,
}

enum Outcome {
    Code(String),
    Error(String),
}

impl Returned {
    /// 400 `invalid_state` for what is no answer, or two in one.
    fn read(query: &str) -> Result<Self> {
        let mut returned = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            let repeated = match &*name {
                "state" => !std::mem::replace(&mut returned.state, value).is_empty(),
                "iss" => returned.iss.replace(value).is_some(),
                "code" => returned.outcome.replace(Outcome::Code(value)).is_some(),
                "error" => returned.outcome.replace(Outcome::Error(value)).is_some(),
                _ => false,
            };
            if repeated {
                return Err(INVALID_STATE.into());
            }
        }
        Ok(returned)
    }
}

/// Ends a sign-in by what the provider says of it; `kept` is what this browser's cookie holds. 429 `too_many_attempts`.
pub(super) async fn finish(
    app: &App,
    name: &str,
    query: &str,
    kept: Option<Secret>,
    device: Device,
) -> Result<Finished> {
    let counted = limits::provider_answer(app, &device).await?;
    let outcome = attempt(app, name, query, kept, device).await;
    counted.conclude(app, &outcome).await?;
    outcome
}

async fn attempt(
    app: &App,
    name: &str,
    query: &str,
    kept: Option<Secret>,
    device: Device,
) -> Result<Finished> {
    let provider = app.oidc.find(name)?;
    let returned = Returned::read(query)?;
    let outcome = returned.outcome.ok_or(INVALID_STATE)?;
    let secret = kept.filter(|secret| equal(secret.state().as_bytes(), returned.state.as_bytes()));
    let secret = secret.ok_or(INVALID_STATE)?;
    let return_to = take(app, &provider, &returned.state).await?;
    let must_say = provider.metadata().await?.authorization_response_iss_parameter_supported;
    if returned.iss.map_or(must_say, |iss| iss != provider.settings.issuer) {
        return Err(ISSUER_MISMATCH.into());
    }
    let code = match outcome {
        Outcome::Code(code) => code,
        Outcome::Error(error) => return Err(declined(&provider, &error)),
    };
    let person = exchange::redeem(app, &provider, &secret, &code).await?;
    let account = admission::admit(app, &provider.settings.issuer, &person, device.language).await?;
    let outcome = end(app, &account, return_to, device).await;
    login::note_failure(app, Some(account.id), &outcome).await?;
    outcome
}

/// A session at once, or a code: for a frontend to return to, or for who still owes a second factor.
async fn end(app: &App, account: &Row, return_to: Option<String>, device: Device) -> Result<Finished> {
    if return_to.is_none() && !account.totp_enabled {
        return Ok(Finished::SignedIn(Box::new(code::sign_in(app, account.id, device).await?)));
    }
    let code = code::issue(app, account.id).await?;
    match return_to {
        Some(url) => Ok(Finished::Returned(return_to::with_code(&url, &code)?)),
        None => Err(TOTP_REQUIRED.with("exchange_code", code)),
    }
}

/// Takes a sign-in that is on its way, so that no second answer finds it; where it returns to.
async fn take(app: &App, provider: &Provider<'_>, state: &str) -> Result<Option<String>> {
    let (hash, now) = (sha256(state.as_bytes()), app.clock.now());
    let taken = app
        .db
        .write(async |tx| {
            let row = queries::sign_in(tx, &hash).await?;
            let row = row.filter(|row| row.provider == provider.name).ok_or(INVALID_STATE)?;
            if queries::use_sign_in(tx, &hash, now).await? { Ok(row) } else { Err(INVALID_STATE.into()) }
        })
        .await?;
    Ok(taken.return_to)
}

/// Why a provider ended a sign-in (RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6).
fn declined(provider: &Provider<'_>, error: &str) -> Error {
    match error {
        "access_denied" => ACCESS_DENIED.into(),
        "temporarily_unavailable" | "server_error" => PROVIDER_UNAVAILABLE.into(),
        // Never the text itself: it came by the address bar.
        _ => refused(provider, "its authorization endpoint answered an error"),
    }
}
