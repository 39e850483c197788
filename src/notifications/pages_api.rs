//! The page that the link at the end of a mail leads to.
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use minijinja::context;
use utoipa_axum::router::OpenApiRouter;

use super::unsubscribe;
use crate::{
    app::App,
    languages::Language,
    web::{Form, pages},
};

/// The page, which is no operation of the API. Opening it changes nothing: programs that look at mails do so too.
pub fn pages() -> OpenApiRouter<App> {
    OpenApiRouter::from(Router::new().route("/unsubscribe", get(show).post(confirm)))
}

async fn show(State(app): State<App>, language: Language, form: Form) -> Response {
    let told = context! { token => form.field("token") };
    pages::page(&app, language, StatusCode::OK, "unsubscribe.html", told)
}

async fn confirm(State(app): State<App>, language: Language, form: Form) -> Response {
    match unsubscribe::unsubscribe(&app, form.field("token")).await {
        Ok(()) => pages::message(&app, language, StatusCode::OK, "unsubscribed"),
        Err(error) => pages::failed(&app, language, error),
    }
}
