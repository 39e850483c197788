//! Filling a product's pool of licence keys.
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::pool::{self, Added, Policy, Pool};
use crate::{
    accounts::Editor,
    app::App,
    catalog::product,
    error::{Error, NOT_FOUND, Refusal, Result},
    values::LicenseKey,
    web::{Created, Json, Path, Raw, if_match::IfMatch, json},
};

const TEXT: &str = "text/plain";
const UNSUPPORTED_MEDIA_TYPE: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "This takes application/json or text/plain.",
);
/// What some editors put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

pub(in crate::catalog) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_license_pool, add_license_keys))
        .routes(routes!(show_license_policy, put_license_policy))
}

/// Keys to be sold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LicenseKeys {
    /// Visible ASCII, 4 to 256 characters each.
    #[schema(min_items = 1, max_items = 10_000)]
    keys: Vec<LicenseKey>,
}

impl LicenseKeys {
    /// As JSON, or a key on each line of a text: judged alike.
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self> {
        if json::is_json(headers) {
            return json::parse(body);
        }
        if json::content_type(headers).as_deref() != Some(TEXT) {
            return Err(UNSUPPORTED_MEDIA_TYPE.into());
        }
        let text = String::from_utf8_lossy(body);
        let lines = text.trim_start_matches(BYTE_ORDER_MARK).lines().map(str::trim);
        let keys: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let as_json = serde_json::to_vec(&serde_json::json!({"keys": keys})).map_err(Error::unexpected)?;
        json::parse(&as_json)
    }
}

/// How a product's pool of licence keys stands. The keys are never shown.
#[utoipa::path(
    get, path = "/admin/products/{id}/license-keys", tag = "catalog administration",
    params(("id" = Uuid, Path, description = "The product.")),
    responses((status = 200, body = Pool)),
    security(("bearer" = ["editor"])),
)]
async fn show_license_pool(State(app): State<App>, _: Editor, Path(id): Path<Uuid>) -> Result<Json<Pool>> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    Ok(Json::of(pool::pool(&app, id).await?))
}

/// Put licence keys into a product's pool: each purchase takes one. As JSON, or as a text with a key on each line.
#[utoipa::path(
    post, path = "/admin/products/{id}/license-keys", tag = "catalog administration",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body(content((LicenseKeys = "application/json"), (String = "text/plain"))),
    responses((status = 201, body = Added)),
    security(("bearer" = ["editor"])),
)]
async fn add_license_keys(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    headers: HeaderMap,
    body: Raw,
) -> Result<Created<Added>> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let LicenseKeys { keys } = LicenseKeys::read(&headers, &body.read()?)?;
    let body = pool::add(&app, editor.id, id, &asked, &keys).await?;
    Ok(Created { body, headers: Vec::new() })
}

/// Where keys come from, and on how many devices each may be active.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LicensePolicy {
    #[schema(minimum = 1, maximum = 1000)]
    max_activations: i32,
    /// Whether keys are made when they are paid, instead of being taken from the pool; default: as it was, at first no.
    generated: Option<bool>,
}

/// Where licence keys of a product come from, and by which public key those are verified that the store makes.
#[utoipa::path(
    get, path = "/admin/products/{id}/license-policy", tag = "catalog administration",
    params(("id" = Uuid, Path, description = "The product.")),
    responses((status = 200, body = Policy)),
    security(("bearer" = ["editor"])),
)]
async fn show_license_policy(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
) -> Result<Json<Policy>> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    Ok(Json::of(pool::policy(&app, &app.db.read, id).await?))
}

/// Say where licence keys of a product come from, and on how many devices each may be active.
#[utoipa::path(
    put, path = "/admin/products/{id}/license-policy", tag = "catalog administration",
    params(
        ("id" = Uuid, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is edited, or `*`."),
    ),
    request_body = LicensePolicy,
    responses((status = 204, description = "The number holds for every key from now on, the source for every order that is placed.")),
    security(("bearer" = ["editor"])),
)]
async fn put_license_policy(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(id): Path<Uuid>,
    asked: IfMatch,
    body: Json<LicensePolicy>,
) -> Result<StatusCode> {
    product(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
    let LicensePolicy { max_activations, generated } = body.read()?;
    pool::set_policy(&app, editor.id, id, &asked, (max_activations, generated)).await?;
    Ok(StatusCode::NO_CONTENT)
}
