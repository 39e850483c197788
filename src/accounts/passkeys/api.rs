//! Passkeys over HTTP: what browsers send and take is that of Web Authentication Level 3, §5.1, in its JSON forms.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::passkey;
use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{login, own};
use crate::{
    accounts::{Account, answers::Session, devices, step_up},
    app::App,
    error::{Error, Result},
    values::Word,
    web::{Created, Cursor, Empty, Json, Page, PageQuery, Path, Query, peer::Peer},
};

pub(in crate::accounts) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_passkeys))
        .routes(routes!(start_passkey_registration))
        .routes(routes!(finish_passkey_registration))
        .routes(routes!(delete_passkey))
        .routes(routes!(start_passkey_login))
        .routes(routes!(finish_passkey_login))
}

/// What is asked of an authenticator.
#[derive(Serialize, ToSchema)]
struct PasskeyCeremony {
    /// To be sent back with the answer, once, within five minutes.
    id: Uuid,
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` in a browser.
    #[schema(value_type = Object)]
    public_key: Value,
}

/// A passkey, as its owner sees it.
#[derive(Serialize, ToSchema)]
struct Passkey {
    /// UUIDv7.
    id: Uuid,
    /// As its owner calls it.
    name: String,
    /// UTC.
    created_at: DateTime<Utc>,
    /// UTC; null if it was never used.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
}

impl From<passkey::Model> for Passkey {
    fn from(row: passkey::Model) -> Self {
        Self { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.last_used_at }
    }
}

/// One's passkeys, the oldest first.
#[utoipa::path(get, path = "/me/passkeys", tag = "accounts", params(PageQuery), responses((status = 200, body = Page<Passkey>)))]
async fn list_passkeys(
    State(app): State<App>,
    account: Account,
    Query(query): Query<PageQuery>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response> {
    let name = format!("passkeys of {}", account.id);
    let after =
        query.cursor.as_deref().map(|text| Cursor::read(&app.keys.cursor, &name, text)).transpose()?;
    let rows = own::list(&app, account.id, after, query.limit() + 1).await?;
    let page = Page::of(rows, query.limit(), &app.keys.cursor, &name, |row| row.id)?;
    Ok(page.map(Passkey::from).answer(&uri))
}

/// Begin to register a passkey: an authenticator is to make one.
///
/// 403 `reauthentication_required` without a recent proof; 409 `passkeys_unavailable` in a store whose address has no
/// domain name.
#[utoipa::path(
    post, path = "/me/passkeys/register/start", tag = "accounts",
    responses((status = 200, body = PasskeyCeremony)),
)]
async fn start_passkey_registration(
    State(app): State<App>,
    account: Account,
    _: Empty,
) -> Result<Json<PasskeyCeremony>> {
    let (id, public_key) = own::begin(&app, &account).await?;
    Ok(Json::of(PasskeyCeremony { id, public_key }))
}

/// A passkey that an authenticator made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyRegistration {
    /// Of the ceremony that asked for it.
    id: Uuid,
    /// As its owner calls it; default: `Passkey`.
    name: Option<Word>,
    /// What `navigator.credentials.create` answered, by its `toJSON`.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

/// Register the passkey that the authenticator made.
///
/// 403 `reauthentication_required`; 409 `passkey_taken`, `too_many_passkeys`; 422 `unknown_ceremony` at `id`,
/// `invalid_passkey` at `credential`.
#[utoipa::path(
    post, path = "/me/passkeys/register/finish", tag = "accounts", responses((status = 201, body = Passkey)),
)]
async fn finish_passkey_registration(
    State(app): State<App>,
    account: Account,
    body: Json<PasskeyRegistration>,
) -> Result<Created<Passkey>> {
    // Who may is judged before what was sent.
    step_up::require_recent_proof(&app, &account)?;
    let PasskeyRegistration { id, name, credential } = body.read()?;
    let row = own::finish(&app, &account, id, name, &answer(credential)?).await?;
    Ok(Created { body: row.into(), headers: Vec::new() })
}

/// Remove a passkey: it signs nobody in any more.
///
/// 403 `reauthentication_required` without a recent proof.
#[utoipa::path(
    delete, path = "/me/passkeys/{id}", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone.")),
)]
async fn delete_passkey(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    own::remove(&app, &account, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to sign in by a passkey: whoever is there is asked for one, without saying who they are.
///
/// 409 `passkeys_unavailable`; 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/auth/passkeys/login/start", tag = "accounts", security(()),
    responses((status = 200, body = PasskeyCeremony)),
)]
async fn start_passkey_login(State(app): State<App>, peer: Peer, _: Empty) -> Result<Json<PasskeyCeremony>> {
    let (id, asked) = login::begin(&app, &peer.into()).await?;
    let public_key = serde_json::to_value(asked.public_key).map_err(Error::unexpected)?;
    Ok(Json::of(PasskeyCeremony { id, public_key }))
}

/// What an authenticator answered to who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyLogin {
    /// Of the ceremony that asked.
    id: Uuid,
    /// What `navigator.credentials.get` answered, by its `toJSON`.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

/// Sign in by a passkey: it stands for both factors, so no code is asked for.
///
/// 401 `invalid_passkey` whatever the reason; 403 `account_suspended`; 429 `too_many_attempts`.
#[utoipa::path(
    post, path = "/auth/passkeys/login/finish", tag = "accounts", security(()),
    responses((status = 200, body = Session)),
)]
async fn finish_passkey_login(
    State(app): State<App>,
    peer: Peer,
    body: Json<PasskeyLogin>,
) -> Result<impl IntoResponse> {
    let PasskeyLogin { id, credential } = body.read()?;
    let signed_in = login::finish(&app, id, &answer(credential)?, peer.into()).await?;
    Ok(([devices::cookie(&app, signed_in.account.id)], Json::of(Session::from(signed_in))))
}

/// What a browser sent as an authenticator's answer; 422 `invalid_passkey` at `credential`.
fn answer<T: DeserializeOwned>(credential: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(credential))
        .map_err(|_| Error::field("credential", "invalid_passkey", "is no answer of an authenticator"))
}
