//! Endpoints in the back office.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use http::{StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    desk,
    wire::{NewWebhook, Webhook, WebhookChanges, WebhookWithSecret},
};
use crate::{
    accounts::Admin,
    app::App,
    error::Result,
    router::API,
    web::{Created, Empty, Json, Page, PageQuery, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(read_webhook, change_webhook, delete_webhook))
        .routes(routes!(rotate_webhook_secret))
}

/// Endpoints that are told of events, the newest first.
#[utoipa::path(get, path = "/admin/webhooks", tag = "webhooks", security(("bearer" = ["admin"])),
    params(PageQuery), responses((status = 200, body = Page<Webhook>)))]
async fn list_webhooks(
    State(app): State<App>,
    _: Admin,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<PageQuery>,
) -> Result<Response> {
    Ok(desk::page(&app, &asked).await?.answer(&uri))
}

/// Have an endpoint told of events. Its secret is in this answer and in no other. 409 `too_many_webhooks`.
#[utoipa::path(post, path = "/admin/webhooks", tag = "webhooks", security(("bearer" = ["admin"])),
    responses((status = 201, body = WebhookWithSecret,
        headers(("Location" = String, description = "The endpoint.")))))]
async fn create_webhook(
    State(app): State<App>,
    Admin(admin): Admin,
    body: Json<NewWebhook>,
) -> Result<Created<WebhookWithSecret>> {
    let body = desk::create(&app, admin.id, body.read()?).await?;
    let headers = vec![(header::LOCATION, format!("{API}/admin/webhooks/{}", body.webhook.id))];
    Ok(Created { body, headers })
}

/// An endpoint.
#[utoipa::path(get, path = "/admin/webhooks/{id}", tag = "webhooks", security(("bearer" = ["admin"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Webhook)))]
async fn read_webhook(State(app): State<App>, _: Admin, Path(id): Path<Uuid>) -> Result<Json<Webhook>> {
    Ok(Json::of(desk::one(&app, id).await?))
}

/// Change where an endpoint is, what it is told of, and whether it is.
#[utoipa::path(patch, path = "/admin/webhooks/{id}", tag = "webhooks", security(("bearer" = ["admin"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Webhook)))]
async fn change_webhook(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<Uuid>,
    body: Json<WebhookChanges>,
) -> Result<Json<Webhook>> {
    desk::one(&app, id).await?;
    Ok(Json::of(desk::change(&app, admin.id, id, body.read()?).await?))
}

/// Delete an endpoint with all that is known of what it was told.
#[utoipa::path(delete, path = "/admin/webhooks/{id}", tag = "webhooks", security(("bearer" = ["admin"])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "Deleted.")))]
async fn delete_webhook(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<StatusCode> {
    desk::one(&app, id).await?;
    body.read()?;
    desk::delete(&app, admin.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give an endpoint another secret, which is in this answer and in no other. For 24 hours each one before, the last five at most, signs too.
#[utoipa::path(post, path = "/admin/webhooks/{id}/rotate-secret", tag = "webhooks",
    security(("bearer" = ["admin"])), params(("id" = Uuid, Path)),
    responses((status = 200, body = WebhookWithSecret)))]
async fn rotate_webhook_secret(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<WebhookWithSecret>> {
    desk::one(&app, id).await?;
    body.read()?;
    Ok(Json::of(desk::rotate_secret(&app, admin.id, id).await?))
}
