//! What an operator asks: is it alive, is it ready, what does the API look like.
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::header;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    app::App,
    error::{Error, Result},
    web::Json,
};

/// Where the API document is.
pub const DOCUMENT: &str = "/api/openapi.json";

/// The routes without a base path.
pub fn routes() -> OpenApiRouter<App> {
    let reference =
        SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from(DOCUMENT).display_operation_id(false));
    OpenApiRouter::new()
        .routes(routes!(front))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(openapi))
        .merge(OpenApiRouter::from(axum::Router::from(reference)))
}

/// Leads whoever opens the store in a browser to the reference.
#[utoipa::path(
    get, path = "/", tag = "operations", security(()),
    responses((status = 303, description = "To the reference.", headers(("Location" = String)))),
)]
async fn front() -> Redirect {
    Redirect::to("/docs/")
}

/// That a check passed.
#[derive(Serialize, ToSchema)]
struct Passed {
    /// `ok`.
    status: &'static str,
}

/// Whether the process is up.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200, body = Passed)))]
async fn healthz() -> Json<Passed> {
    Json::of(Passed { status: "ok" })
}

/// Whether the database and the storage answer, every migration is applied and the catalog has its index; 503 otherwise, and from
/// when this copy was told to stop.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()), responses((status = 200, body = Passed)))]
async fn readyz(State(app): State<App>) -> Result<Json<Passed>> {
    if app.is_leaving() {
        return Err(Error::unavailable("this copy was told to stop"));
    }
    let pending = migration::pending(&app.db.read).await?;
    if pending > 0 {
        return Err(Error::unavailable(format!("{pending} migrations are not applied")));
    }
    if !app.read_model.is_ready() {
        return Err(Error::unavailable("the index of the catalog is being built"));
    }
    app.objects.probe().await?;
    Ok(Json::of(Passed { status: "ok" }))
}

/// The OpenAPI document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "operations", security(()), responses((status = 200, body = Object)))]
async fn openapi(State(app): State<App>) -> Result<Response> {
    Ok(([(header::CONTENT_TYPE, "application/json")], app.document().await?).into_response())
}
