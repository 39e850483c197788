//! What an operator asks: is it alive, is it ready, what does the API look like.
use axum::{
    extract::State,
    middleware::map_response,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
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

/// The policy of the reference; Swagger UI styles what it draws as it draws it.
const REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes without a base path.
pub fn routes() -> OpenApiRouter<App> {
    let reference =
        SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from(DOCUMENT).display_operation_id(false));
    OpenApiRouter::new()
        .routes(routes!(front))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(openapi))
        .merge(OpenApiRouter::from(axum::Router::from(reference).layer(map_response(contained))))
}

/// The reference takes tokens: it runs no script but its own, tells nobody else, and stands in no other page.
async fn contained(mut page: Response) -> Response {
    let policy = HeaderValue::from_static(REFERENCE_POLICY);
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    page
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
    if !app.read_model.is_ready() {
        return Err(Error::unavailable("the index of the catalog is being built"));
    }
    app.surroundings.look(&app).await?;
    Ok(Json::of(Passed { status: "ok" }))
}

/// The OpenAPI document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "operations", security(()), responses((status = 200, body = Object)))]
async fn openapi(State(app): State<App>) -> Result<Response> {
    Ok(([(header::CONTENT_TYPE, "application/json")], app.document().await?).into_response())
}
