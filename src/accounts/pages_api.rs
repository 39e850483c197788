//! The pages that links of mails lead to where the store has no frontend of its own.
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use minijinja::context;
use utoipa_axum::router::OpenApiRouter;

use super::{email, reset};
use crate::{
    app::App,
    error::{Error, Fault},
    languages::{Language, Part, Sentence},
    values::NewPassword,
    web::{Form, pages},
};

/// The pages, which are no operations of the API. Opening one changes nothing: programs that look at mails do so too.
pub fn pages() -> OpenApiRouter<App> {
    let pages = Router::new()
        .route("/verify-email", get(show_verification).post(verify))
        .route("/reset-password", get(show_reset).post(replace));
    OpenApiRouter::from(pages)
}

async fn show_verification(State(app): State<App>, language: Language, form: Form) -> Response {
    let told = context! { token => form.field("token") };
    pages::page(&app, language, StatusCode::OK, "verify_email.html", told)
}

async fn verify(State(app): State<App>, language: Language, form: Form) -> Response {
    match email::verify(&app, form.field("token")).await {
        Ok(()) => pages::message(&app, language, StatusCode::OK, "verified"),
        Err(error) => pages::failed(&app, language, error),
    }
}

async fn show_reset(State(app): State<App>, language: Language, form: Form) -> Response {
    reset_form(&app, language, form.field("token"), None)
}

async fn replace(State(app): State<App>, language: Language, form: Form) -> Response {
    let token = form.field("token");
    let new = match NewPassword::parse(form.field("new_password")) {
        Ok(new) => new,
        Err(fault) => return reset_form(&app, language, token, Some(&fault.message)),
    };
    match reset::reset(&app, token, new).await {
        Ok(()) => pages::message(&app, language, StatusCode::OK, "replaced"),
        Err(Error::Invalid(faults)) if error_of(&faults, "new_password").is_some() => {
            reset_form(&app, language, token, error_of(&faults, "new_password"))
        }
        Err(error) => pages::failed(&app, language, error),
    }
}

/// What is wrong with a field.
fn error_of<'a>(faults: &'a [Fault], field: &str) -> Option<&'a Sentence> {
    faults.iter().find(|fault| fault.field == field).map(|fault| &fault.message)
}

fn reset_form(app: &App, language: Language, token: &str, fault: Option<&Sentence>) -> Response {
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let fault = fault.map(|fault| language.tell(Part::Faults, fault));
    pages::page(app, language, status, "reset_password.html", context! { token, fault })
}
