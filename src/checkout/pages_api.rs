//! The pages that a buyer comes back to from a provider, and that gifts lead to, where the store has no frontend of its own.
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use minijinja::context;
use utoipa_axum::router::OpenApiRouter;

use super::{
    gifts,
    return_url::{CANCELLED, PAID},
};
use crate::{
    app::App,
    languages::Language,
    web::{Form, pages},
};

/// The pages, which are no operations of the API.
pub fn pages() -> OpenApiRouter<App> {
    let pages = Router::new()
        .route(PAID, get(paid))
        .route(CANCELLED, get(cancelled))
        .route(gifts::PAGE, get(show_gift));
    OpenApiRouter::from(pages)
}

/// Says no more than it knows: what was paid is told by the provider, not by whoever opens this page.
async fn paid(State(app): State<App>, language: Language) -> Response {
    pages::message(&app, language, StatusCode::OK, "paid")
}

async fn cancelled(State(app): State<App>, language: Language) -> Response {
    pages::message(&app, language, StatusCode::OK, "unpaid")
}

/// Shows the code of a gift. Opening it claims nothing: programs that look at mails do so too.
async fn show_gift(State(app): State<App>, language: Language, form: Form) -> Response {
    let told = context! { token => form.field("token") };
    pages::page(&app, language, StatusCode::OK, "gift.html", told)
}
