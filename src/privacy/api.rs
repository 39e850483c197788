//! Taking one's data along and erasing it, over HTTP.
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{erase, export};
use crate::{
    accounts::{self, Account},
    app::App,
    error::Result,
    values::Password,
    web::{Json, Query, query::NoParameters},
};

/// The name under which a browser keeps an export.
const FILE_NAME: &str = "attachment; filename=\"mist-export.json\"";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_me)).routes(routes!(erase_me))
}

/// Everything that the store keeps of oneself.
///
/// One object: `exported_at`, `account`, and a list each of `sessions`, `passkeys`, `second_factors`, `identities` at
/// sign-in providers, `api_keys`, `mail_links`, `mail_suppressed`, `cart`, `orders` (with lines and payments), `entitlements`, `grants`,
/// `downloads`, `wishlist`, `reviews`, `review_votes`, `review_reports`,
/// `notifications`, `notification_preferences`, `idempotency_keys` and `audit_log`. No password, secret or hash is in it. It is written as it is read,
/// so a body that breaks off is no JSON.
#[utoipa::path(
    get, path = "/me/export", tag = "accounts",
    responses((status = 200, body = Object, headers(("Content-Disposition" = String, description = "A file's name.")))),
)]
async fn export_me(State(app): State<App>, account: Account, _: Query<NoParameters>) -> Result<Response> {
    let body = Body::from_stream(export::document(app, account.id).await?);
    let kind = HeaderValue::from_static("application/json");
    let name = HeaderValue::from_static(FILE_NAME);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

/// A last proof of who asks; by who has no password, an empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Erasure {
    /// At most 256 bytes; left out by who has none.
    #[schema(nullable = false)]
    password: Option<Password>,
}

/// Erase one's account.
///
/// At once and for good: every device is signed out, the personal data is gone and the address is free; open orders
/// are cancelled, others stay without the person. 422 `invalid_credentials` at `password` if that is another one; who has
/// none leaves it out (else 409 `no_password`) after a recent proof (else 403 `reauthentication_required`). 409 `last_admin`
/// to the last admin, `order_pending` while an order is being paid.
#[utoipa::path(
    delete, path = "/me", tag = "accounts",
    responses((status = 204, description = "Erased.")),
)]
async fn erase_me(State(app): State<App>, account: Account, body: Json<Erasure>) -> Result<StatusCode> {
    let body = body.read_with("password", accounts::has_password(&app, &account).await?)?;
    erase::erase(&app, &account, body.password.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
