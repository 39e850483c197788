//! Helping somebody back into their account, over HTTP.
use axum::extract::State;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Admin, Support, help, profile, staff};
use crate::{
    app::App,
    error::Result,
    web::{Empty, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(mail_password_reset))
        .routes(routes!(end_account_sessions))
        .routes(routes!(remove_second_factor))
}

/// Mail somebody the link by which they choose a new password.
///
/// Nobody else sees it. 403 for staff's accounts but to admins; 409 `account_suspended`; 429 `too_many_attempts` when as many
/// were mailed as may be.
#[utoipa::path(
    post, path = "/admin/accounts/{id}/password-reset", tag = "back office", params(("id" = Uuid, Path)),
    security(("bearer" = ["support"])), responses((status = 202, description = "The mail is on its way.")),
)]
async fn mail_password_reset(
    State(app): State<App>,
    Support(actor): Support,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<StatusCode> {
    staff::may_edit(&app, &actor, id).await?;
    body.read()?;
    help::mail_reset(&app, &actor, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sign an account out on every device.
///
/// 403 for staff's accounts but to admins. API keys stay.
#[utoipa::path(
    delete, path = "/admin/accounts/{id}/sessions", tag = "back office", params(("id" = Uuid, Path)),
    security(("bearer" = ["support"])), responses((status = 204, description = "Signed out.")),
)]
async fn end_account_sessions(
    State(app): State<App>,
    Support(actor): Support,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    help::sign_out(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take away the second factor of somebody who lost it, and their recovery codes.
///
/// They are told by mail and signed out everywhere. 403 `reauthentication_required` without a recent proof, so no API key
/// does it; 403 for one's own; 404 where there is none.
#[utoipa::path(
    delete, path = "/admin/accounts/{id}/second-factor", tag = "back office", params(("id" = Uuid, Path)),
    security(("bearer" = ["admin"])), responses((status = 204, description = "Taken away.")),
)]
async fn remove_second_factor(
    State(app): State<App>,
    Admin(actor): Admin,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    profile::find(&app, id).await?;
    help::remove_second_factor(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
