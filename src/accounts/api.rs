//! Signing in and out over HTTP.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Account, NewAccount,
    answers::{Session, SessionAnswer},
    devices,
    login::{self, Given},
    register,
    sessions::{self, Device},
    token_keys,
    tokens::KeySet,
};
use crate::{
    app::App,
    error::Result,
    values::{Country, DisplayName, Email, Locale, NewPassword, Password},
    web::{Created, Cursor, Json, Page, PageQuery, Path, Query, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(list_sessions))
        .routes(routes!(delete_session))
}

pub(super) fn well_known() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(jwks))
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// The local part ASCII, the domain of any script.
    email: Email,
    /// 10 to 256 bytes, not easily guessed.
    password: NewPassword,
    /// What others see.
    display_name: DisplayName,
    /// BCP 47: the language of mail and of the catalog.
    locale: Option<Locale>,
    /// ISO 3166-1 alpha-2: where prices are asked for.
    country: Option<Country>,
}

impl From<Registration> for NewAccount {
    fn from(body: Registration) -> Self {
        Self {
            email: body.email,
            password: body.password,
            display_name: body.display_name,
            locale: body.locale,
            country: body.country,
            roles: Vec::new(),
        }
    }
}

impl From<Peer> for Device {
    fn from(peer: Peer) -> Self {
        Self {
            ip: peer.ip.to_string(),
            user_agent: peer.user_agent,
            cookie: peer.device_cookie,
            language: peer.language,
        }
    }
}

/// Make an account and sign in.
///
/// 409 `email_taken` if the address, in any of its spellings, has an account; 429 `too_many_attempts`. The cookie
/// `mist_device` makes the device known: strangers who guess don't keep it from signing in.
#[utoipa::path(post, path = "/auth/register", tag = "accounts", security(()), responses((status = 201, body = Session)))]
async fn register(State(app): State<App>, peer: Peer, body: Json<Registration>) -> Result<impl IntoResponse> {
    let signed_in = register::register(&app, body.read()?.into(), peer.into()).await?;
    let headers = vec![devices::cookie(&app, signed_in.account.id)];
    Ok(Created { body: Session::from(signed_in), headers })
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The address of the account, in any spelling; what is no address has no account.
    #[schema(min_length = 1, max_length = 320, example = "ada@example.com")]
    email: String,
    /// At most 256 bytes.
    password: Password,
    /// A code of the second factor or a recovery code, for accounts that have one (`totp_enabled`); without effect for
    /// others.
    #[schema(min_length = 1, max_length = 32)]
    totp_code: Option<String>,
}

impl From<Credentials> for Given {
    fn from(body: Credentials) -> Self {
        Self { email: body.email, password: body.password, code: body.totp_code }
    }
}

/// Sign in by password.
///
/// 401 `invalid_credentials` for a wrong password and an unknown address alike. Told only to who knows the password:
/// 401 `totp_required` and `invalid_totp` (wrong, or used before), 403 `account_suspended`. 429 `too_many_attempts` after
/// too many failures; 503 `busy` when too many sign in at once. The cookie `mist_device` makes the device known:
/// strangers who guess don't keep it from signing in.
#[utoipa::path(post, path = "/auth/login", tag = "accounts", security(()), responses((status = 200, body = Session)))]
async fn login(State(app): State<App>, peer: Peer, body: Json<Credentials>) -> Result<impl IntoResponse> {
    let signed_in = login::login(&app, &body.read()?.into(), peer.into()).await?;
    Ok(([devices::cookie(&app, signed_in.account.id)], Json::of(Session::from(signed_in))))
}

/// A refresh token to swap.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// As it was given out last.
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// Swap a refresh token for a new session answer.
///
/// Each token is good for once: one that comes a second time revokes
/// the whole session, whoever holds its newest token. A session ends a year (setting) after its sign-in, however often it
/// is refreshed. 401 `invalid_refresh_token`.
#[utoipa::path(post, path = "/auth/refresh", tag = "accounts", security(()), responses((status = 200, body = Session)))]
async fn refresh(State(app): State<App>, peer: Peer, body: Json<Refresh>) -> Result<Json<Session>> {
    let signed_in = sessions::refresh(&app, &body.read()?.refresh_token, peer.into()).await?;
    Ok(Json::of(signed_in.into()))
}

/// What is signed out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Logout {
    /// Every device instead of this one.
    #[serde(default)]
    #[schema(required = false)]
    all: bool,
}

/// Sign out this device, or every device.
///
/// The body may be left out.
#[utoipa::path(
    post, path = "/auth/logout", tag = "accounts", request_body = Option<Logout>,
    responses((status = 204, description = "Signed out.")),
)]
async fn logout(State(app): State<App>, account: Account, body: Option<Json<Logout>>) -> Result<StatusCode> {
    let body = body.map(Json::read).transpose()?.unwrap_or_default();
    sessions::logout(&app, &account, body.all).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's signed-in devices, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "accounts", params(PageQuery), responses((status = 200, body = Page<SessionAnswer>)))]
async fn list_sessions(
    State(app): State<App>,
    account: Account,
    Query(query): Query<PageQuery>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response> {
    let name = format!("sessions of {}", account.id);
    let after =
        query.cursor.as_deref().map(|text| Cursor::read(&app.keys.cursor, &name, text)).transpose()?;
    let rows = sessions::list(&app, &account, after, query.limit() + 1).await?;
    let page = Page::of(rows, query.limit(), &app.keys.cursor, &name, |row| row.id)?;
    Ok(page.map(|row| SessionAnswer::of(row, account.session)).answer(&uri))
}

/// Sign out one of one's devices.
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Signed out.")),
)]
async fn delete_session(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    sessions::revoke(&app, &account, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The public keys of the access tokens.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "accounts", security(()),
    responses((status = 200, body = KeySet, headers(("Cache-Control" = String, description = "For how long the keys may be kept.")))),
)]
async fn jwks(State(app): State<App>) -> Result<impl IntoResponse> {
    let ring = token_keys::ring(&app).await?;
    let keep = format!("public, max-age={}", token_keys::KEEP_KEYS.num_seconds());
    Ok(([(header::CACHE_CONTROL, keep)], Json::of(KeySet::of(&ring, app.clock.now()))))
}
