//! One's own API keys over HTTP.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::api_key;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Account, Scope,
    api_keys::{self, Made, NewKey},
    product_limit::ProductLimit,
    scopes::Scopes,
    step_up,
};
use crate::{
    app::App,
    error::Result,
    values::Word,
    web::{Created, Cursor, Json, Page, PageQuery, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(delete_api_key))
}

/// What is shown of a key.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct ApiKeyAnswer {
    /// UUIDv7; no secret.
    id: Uuid,
    /// As its owner calls it.
    name: String,
    /// Its first characters.
    prefix: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// The products it is limited to; null if it isn't.
    #[schema(required)]
    products: Option<Vec<Uuid>>,
    /// UTC.
    created_at: DateTime<Utc>,
    /// UTC, written once a minute at most; null if it was never used.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    /// UTC; null if it doesn't end by itself.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

impl From<api_key::Model> for ApiKeyAnswer {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            scopes: Scopes::read(&row.scopes).list(),
            products: row.products.as_deref().map(|text| ProductLimit::read(text).list()),
            name: row.name,
            prefix: row.prefix,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        }
    }
}

/// A new key, shown this once.
#[derive(Serialize, ToSchema)]
struct NewApiKey {
    #[serde(flatten)]
    shown: ApiKeyAnswer,
    /// For `Authorization: Bearer`; it is told here and never again.
    key: String,
}

impl From<Made> for NewApiKey {
    fn from(made: Made) -> Self {
        Self { shown: made.row.into(), key: made.key }
    }
}

/// A key that is wished for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApiKeyWish {
    /// What it is for.
    name: Word,
    /// What it may do; each scope needs its role.
    #[schema(min_items = 1, max_items = 9)]
    scopes: Vec<Scope>,
    /// The products it is to be limited to: it reaches what the documentation's roles call *by product*, and nothing
    /// else that asks for a scope.
    #[schema(min_items = 1, max_items = 50)]
    products: Option<Vec<Uuid>>,
    /// UTC; when it ends by itself.
    expires_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyWish> for NewKey {
    fn from(body: ApiKeyWish) -> Self {
        let ApiKeyWish { name, scopes, products, expires_at } = body;
        Self { name, scopes: Scopes::from_iter(scopes), products, expires_at }
    }
}

/// One's API keys that are not revoked, newest first.
#[utoipa::path(get, path = "/me/api-keys", tag = "accounts", params(PageQuery), responses((status = 200, body = Page<ApiKeyAnswer>)))]
async fn list_api_keys(
    State(app): State<App>,
    account: Account,
    Query(query): Query<PageQuery>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response> {
    let name = format!("API keys of {}", account.id);
    let after =
        query.cursor.as_deref().map(|text| Cursor::read(&app.keys.cursor, &name, text)).transpose()?;
    let rows = api_keys::list(&app, &account, after, query.limit() + 1).await?;
    let page = Page::of(rows, query.limit(), &app.keys.cursor, &name, |row| row.id)?;
    Ok(page.map(ApiKeyAnswer::from).answer(&uri))
}

/// Make an API key.
///
/// 403 `reauthentication_required` without a recent proof of who asks, `forbidden` when a scope needs a role that the
/// account lacks; 409 `too_many_keys`; 422 `unknown_product` for a product that does not exist.
#[utoipa::path(post, path = "/me/api-keys", tag = "accounts", responses((status = 201, body = NewApiKey)))]
async fn create_api_key(
    State(app): State<App>,
    account: Account,
    body: Json<ApiKeyWish>,
) -> Result<impl IntoResponse> {
    step_up::require_recent_proof(&app, &account)?;
    let made = api_keys::create(&app, &account, body.read()?.into()).await?;
    Ok(Created { body: NewApiKey::from(made), headers: Vec::new() })
}

/// Revoke one of one's API keys.
#[utoipa::path(
    delete, path = "/me/api-keys/{id}", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Revoked.")),
)]
async fn delete_api_key(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    api_keys::revoke(&app, &account, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
