//! Where payment providers tell what happened.
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::provider_events;
use crate::{app::App, error::Result, web::Raw};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive_stripe_event))
}

/// Where Stripe tells what happened. Every event is kept once and applied soon after; one that was told before, or is of no
/// interest, is acknowledged too.
#[utoipa::path(post, path = "/webhooks/stripe", tag = "webhooks", security(()),
    params(("Stripe-Signature" = Option<String>, Header, description = "`t=…,v1=…`: over the bytes of the body, by a secret of the store.")),
    request_body(content = String, content_type = "application/octet-stream", description = "An event: the bytes as Stripe signed them, whatever their media type."),
    responses((status = 200, description = "Kept.")))]
async fn receive_stripe_event(State(app): State<App>, headers: HeaderMap, body: Raw) -> Result<StatusCode> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let event = provider_events::read(&app, signature, &body.read()?)?;
    provider_events::keep(&app, &event).await?;
    Ok(StatusCode::OK)
}
