//! Signing in through a provider, over HTTP.
use axum::{
    extract::{OriginalUri, State},
    response::{AppendHeaders, IntoResponse, Response},
};
use chrono::Duration;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    begin::{self, Begun, Secret},
    code,
    finish::{self, Finished},
};
use crate::{
    accounts::{answers::Session, devices},
    app::App,
    error::Result,
    web::{Json, Page, Path, Query, peer::Peer, query::NoParameters},
};

/// Where the address holds a code, no page behind it is told the address.
const NO_REFERRER: (http::HeaderName, &str) = (header::REFERRER_POLICY, "no-referrer");

pub(in crate::accounts) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_providers))
        .routes(routes!(begin_sign_in))
        .routes(routes!(finish_sign_in))
        .routes(routes!(exchange_code))
}

/// A provider that people may sign in through.
#[derive(Serialize, ToSchema)]
struct SignInProvider {
    /// In addresses.
    name: String,
    /// As people see it.
    display_name: String,
    /// Where signing in begins: a page for the browser, with `return_to` if it should come back to one.
    start_url: String,
}

/// The providers that people may sign in through; few enough for one page.
#[utoipa::path(get, path = "/auth/oidc", tag = "accounts", security(()), responses((status = 200, body = Page<SignInProvider>)))]
async fn list_providers(State(app): State<App>, _: Query<NoParameters>) -> Json<Page<SignInProvider>> {
    let shown = app.oidc.list().map(|provider| SignInProvider {
        name: provider.name.to_owned(),
        display_name: provider.display_name().to_owned(),
        start_url: app.public_url(&format!("{}/auth/oidc/{}/start", crate::router::API, provider.name)),
    });
    Json::of(Page { items: shown.collect(), next_cursor: None, total: None })
}

/// Where a sign-in ends.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Start {
    /// Where the browser is sent afterwards, with `#code=` behind it: at an origin of this store or of its settings.
    #[param(max_length = 2000)]
    return_to: Option<String>,
}

/// Begin a sign-in: sends the browser to the provider.
///
/// It must come back within ten minutes, in the same browser, and once. Without `return_to` the callback answers the
/// session itself. 422 `not_allowed` for a foreign `return_to`; 429 `too_many_attempts`; 503 `provider_unavailable`.
#[utoipa::path(
    get, path = "/auth/oidc/{provider}/start", tag = "accounts", security(()),
    params(("provider" = String, Path), Start),
    responses((status = 303, description = "To the provider.", headers(
        ("Location" = String, description = "The provider's page."),
        ("Set-Cookie" = String, description = "What binds the sign-in to this browser."),
    ))),
)]
async fn begin_sign_in(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(query): Query<Start>,
    peer: Peer,
) -> Result<Response> {
    let return_to = query.return_to.as_deref();
    let Begun { location, cookie } = begin::begin(&app, &provider, return_to, &peer.into()).await?;
    let headers =
        [(header::LOCATION, begin::header(location)?), (header::SET_COOKIE, begin::header(cookie)?)];
    Ok((StatusCode::SEE_OTHER, [NO_REFERRER], headers).into_response())
}

/// End a sign-in: where the provider sends the browser back to.
///
/// A first sign-in makes an account, or is linked to the one of its address if both the provider and this store know
/// that the address is theirs; else 409 `email_taken`. 400 `invalid_state`, `issuer_mismatch`, `code_refused` and
/// `invalid_id_token`, 403 `access_denied`, `email_required` and `account_suspended`, 429 `too_many_attempts`, 502
/// `provider_error`, 503 `provider_unavailable`: then nothing has changed, and the sign-in is to be begun anew.
///
/// An account with a second factor and no `return_to` is answered 401 `totp_required`, with the code for
/// `/auth/oidc/exchange` in the member `exchange_code` of the problem.
#[utoipa::path(
    get, path = "/auth/oidc/{provider}/callback", tag = "accounts", security(()),
    params(
        ("provider" = String, Path),
        ("code" = Option<String>, Query, description = "The provider's code."),
        ("state" = Option<String>, Query, description = "As it was sent to the provider."),
        ("iss" = Option<String>, Query, description = "The provider's issuer (RFC 9207)."),
        ("error" = Option<String>, Query, description = "Why there is no code."),
    ),
    responses(
        (status = 200, body = Session),
        (status = 303, description = "Back to `return_to`, with `#code=` for `/auth/oidc/exchange`.",
            headers(("Location" = String, description = "`return_to#code=…`"))),
    ),
)]
async fn finish_sign_in(
    State(app): State<App>,
    Path(provider): Path<String>,
    OriginalUri(uri): OriginalUri,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response> {
    let (query, kept) = (uri.query().unwrap_or_default(), kept(&app, &headers));
    answer(&app, finish::finish(&app, &provider, query, kept, peer.into()).await?)
}

/// What the browser is told at the end, and what it no longer needs to keep.
fn answer(app: &App, finished: Finished) -> Result<Response> {
    let spent = (header::SET_COOKIE, begin::header(begin::cookie(app, "", Duration::zero()))?);
    Ok(match finished {
        Finished::SignedIn(signed_in) => {
            let (name, known) = devices::cookie(app, signed_in.account.id);
            let cookies = AppendHeaders([spent, (name, begin::header(known)?)]);
            ([NO_REFERRER], cookies, Json::of(Session::from(*signed_in))).into_response()
        }
        Finished::Returned(url) => {
            let headers = [spent, (header::LOCATION, begin::header(url)?)];
            (StatusCode::SEE_OTHER, [NO_REFERRER], headers).into_response()
        }
    })
}

/// What this browser was given when it began.
fn kept(app: &App, headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == begin::cookie_name(app)).map(|(_, value)| Secret(value.to_owned()))
}

/// A code to swap.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeExchange {
    /// From behind the `#code=` of the address that was returned to.
    #[schema(min_length = 1, max_length = 200)]
    code: String,
    /// A code of the second factor or a recovery code, for accounts that have one (`totp_enabled`); without effect for
    /// others.
    #[schema(min_length = 1, max_length = 32)]
    totp_code: Option<String>,
}

/// Swap the code of a sign-in for its session.
///
/// Once, within 60 seconds. 401 `invalid_code`; 401 `totp_required` and `invalid_totp`, after which the code is still
/// good; 403 `account_suspended`; 429 `too_many_attempts`. The cookie `mist_device` makes the device known.
#[utoipa::path(post, path = "/auth/oidc/exchange", tag = "accounts", security(()), responses((status = 200, body = Session)))]
async fn exchange_code(
    State(app): State<App>,
    peer: Peer,
    body: Json<CodeExchange>,
) -> Result<impl IntoResponse> {
    let CodeExchange { code, totp_code } = body.read()?;
    let signed_in = code::exchange(&app, &code, totp_code.as_deref(), peer.into()).await?;
    Ok(([devices::cookie(&app, signed_in.account.id)], Json::of(Session::from(signed_in))))
}
