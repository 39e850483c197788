//! The pages that links of mails lead to where the store has no frontend of its own.
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use minijinja::context;
use utoipa_axum::router::OpenApiRouter;

use super::{email, reset};
use crate::{
    app::App,
    error::{Error, Fault},
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

async fn show_verification(State(app): State<App>, form: Form) -> Response {
    pages::page(&app, StatusCode::OK, "verify_email.html", context! { token => form.field("token") })
}

async fn verify(State(app): State<App>, form: Form) -> Response {
    match email::verify(&app, form.field("token")).await {
        Ok(()) => pages::message(&app, StatusCode::OK, "Thank you", "Your address is confirmed."),
        Err(error) => pages::failed(&app, error),
    }
}

async fn show_reset(State(app): State<App>, form: Form) -> Response {
    reset_form(&app, StatusCode::OK, form.field("token"), None)
}

async fn replace(State(app): State<App>, form: Form) -> Response {
    let token = form.field("token");
    let new = match NewPassword::parse(form.field("new_password")) {
        Ok(new) => new,
        Err(fault) => return reset_form(&app, StatusCode::UNPROCESSABLE_ENTITY, token, Some(&fault.message)),
    };
    match reset::reset(&app, token, new).await {
        Ok(()) => pages::message(
            &app,
            StatusCode::OK,
            "Done",
            "Your password is replaced. Sign in with the new one.",
        ),
        Err(Error::Invalid(faults)) if error_of(&faults, "new_password").is_some() => {
            reset_form(&app, StatusCode::UNPROCESSABLE_ENTITY, token, error_of(&faults, "new_password"))
        }
        Err(error) => pages::failed(&app, error),
    }
}

/// What is wrong with a field.
fn error_of<'a>(faults: &'a [Fault], field: &str) -> Option<&'a str> {
    faults.iter().find(|fault| fault.field == field).map(|fault| fault.message.as_str())
}

fn reset_form(app: &App, status: StatusCode, token: &str, fault: Option<&str>) -> Response {
    pages::page(app, status, "reset_password.html", context! { token, fault })
}
