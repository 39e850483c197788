//! Where the mail service tells what became of mail.
use axum::extract::State;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::receive;
use crate::{app::App, error::Result, web::Raw};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive_sns_message))
}

/// Where Amazon SNS tells of bounces and complaints. Nothing is mailed any more to an address that bounces for good or
/// complains; a subscription to a topic of the settings is confirmed; whatever else a topic says is acknowledged. 503 while a
/// certificate or a confirmation can't be had: SNS asks again.
#[utoipa::path(post, path = "/webhooks/sns", tag = "webhooks", security(()),
    request_body(content = String, content_type = "text/plain", description = "A message as SNS signed it, whatever its media type."),
    responses((status = 200, description = "Done, or of no interest.")))]
async fn receive_sns_message(State(app): State<App>, body: Raw) -> Result<StatusCode> {
    receive::receive(&app, &body.read()?).await?;
    Ok(StatusCode::OK)
}
