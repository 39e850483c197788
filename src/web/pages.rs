//! Pages for people who follow a link of a mail or come back from paying: small, without scripts.
use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Value};

use crate::{
    app::App,
    error::{Error, Problem, Result},
    keys::sha256,
};

const STYLE: &str = include_str!("../../templates/pages/style.css");

macro_rules! templates {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../templates/pages/", $file)))),*]
    };
}

/// Every page; all escape what they are given.
const TEMPLATES: &[(&str, &str)] =
    templates!["layout.html", "message.html", "verify_email.html", "reset_password.html"];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_global("style", STYLE);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// No script, no frame, nothing from elsewhere; of styles the page's own, by its digest.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(sha256(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page from its template; its address may hold a token, so nobody keeps it or is told where it was.
pub fn page(app: &App, status: StatusCode, template: &str, told: Value) -> Response {
    let html = match render(app, template, told) {
        Ok(html) => html,
        Err(error) => return error.into_response(),
    };
    let policy =
        HeaderValue::try_from(POLICY.as_str()).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static("en")),
    ];
    (status, headers, html).into_response()
}

/// A page that says one thing.
pub fn message(app: &App, status: StatusCode, title: &str, text: &str) -> Response {
    page(app, status, "message.html", context! { title, text })
}

/// A page that says why something did not work, with the status and headers that the API answers.
pub fn failed(app: &App, error: Error) -> Response {
    let text = match error.code() {
        "invalid_token" => "This link does not work any more. Ask for a new one.".to_owned(),
        _ => error.message(),
    };
    let mut refused = error.into_response();
    refused.extensions_mut().remove::<Problem>();
    let page = message(app, refused.status(), "This did not work", &text);
    let (parts, body) = page.into_parts();
    refused.headers_mut().extend(parts.headers);
    *refused.body_mut() = body;
    refused
}

fn render(app: &App, template: &str, told: Value) -> Result<String> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::unexpected(error.to_string()))?;
    let template = environment.get_template(template).map_err(Error::unexpected)?;
    let store = app.config.store.name.as_str();
    template.render(context! { store, ..told }).map_err(Error::unexpected)
}
