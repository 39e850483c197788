//! The pages that a buyer comes back to from a provider where the store has no frontend of its own.
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;

use super::return_url::{CANCELLED, PAID};
use crate::{app::App, web::pages};

/// The pages, which are no operations of the API.
pub fn pages() -> OpenApiRouter<App> {
    let pages = Router::new().route(PAID, get(paid)).route(CANCELLED, get(cancelled));
    OpenApiRouter::from(pages)
}

/// Says no more than it knows: what was paid is told by the provider, not by whoever opens this page.
async fn paid(State(app): State<App>) -> Response {
    let text =
        "What you bought is in your library as soon as the payment has arrived. A receipt comes by mail.";
    pages::message(&app, StatusCode::OK, "Thank you", text)
}

async fn cancelled(State(app): State<App>) -> Response {
    let text = "Nothing was paid. Your order waits for a while; you can still pay it, or cancel it.";
    pages::message(&app, StatusCode::OK, "Payment not completed", text)
}
