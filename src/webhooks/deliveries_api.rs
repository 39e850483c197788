//! What endpoints were told, in the back office.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{deliveries, desk, wire::WebhookDelivery};
use crate::{
    accounts::Admin,
    app::App,
    error::Result,
    web::{Empty, Json, Page, PageQuery, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_webhook_deliveries))
        .routes(routes!(test_webhook))
        .routes(routes!(redeliver_webhook))
}

/// What an endpoint was told in the last 30 days, the newest first, and how that went.
#[utoipa::path(get, path = "/admin/webhooks/{id}/deliveries", tag = "webhooks",
    security(("bearer" = ["admin"])), params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<WebhookDelivery>)))]
async fn list_webhook_deliveries(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<Uuid>,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<PageQuery>,
) -> Result<Response> {
    desk::one(&app, id).await?;
    Ok(deliveries::page(&app, id, &asked).await?.answer(&uri))
}

/// Tell an endpoint `webhook.test`. 409 `webhook_disabled`.
#[utoipa::path(post, path = "/admin/webhooks/{id}/test", tag = "webhooks", security(("bearer" = ["admin"])),
    params(("id" = Uuid, Path)), responses((status = 202, body = WebhookDelivery)))]
async fn test_webhook(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Response> {
    desk::one(&app, id).await?;
    body.read()?;
    let delivery = deliveries::test(&app, admin.id, id).await?;
    Ok((StatusCode::ACCEPTED, Json::of(delivery)).into_response())
}

/// Send something again by the same `webhook-id`. 409 `webhook_disabled`, `delivery_in_progress`.
#[utoipa::path(post, path = "/admin/webhooks/{id}/deliveries/{delivery_id}/redeliver", tag = "webhooks",
    security(("bearer" = ["admin"])), params(("id" = Uuid, Path), ("delivery_id" = Uuid, Path)),
    responses((status = 202, body = WebhookDelivery)))]
async fn redeliver_webhook(
    State(app): State<App>,
    Admin(admin): Admin,
    Path((id, delivery)): Path<(Uuid, Uuid)>,
    body: Empty,
) -> Result<Response> {
    deliveries::one(&app, id, delivery).await?;
    body.read()?;
    let delivery = deliveries::redeliver(&app, admin.id, id, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json::of(delivery)).into_response())
}
