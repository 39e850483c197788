//! Pages for people who follow a link of a mail or come back from paying: small, without scripts.
use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Value};
use url::Url;

use crate::{
    app::App,
    error::{Error, Problem, Result},
    keys::sha256,
    languages::{Language, Part, speak},
};

const STYLE: &str = include_str!("../../templates/pages/style.css");

macro_rules! templates {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../templates/pages/", $file)))),*]
    };
}

/// Every page; all escape what they are given.
const TEMPLATES: &[(&str, &str)] = templates![
    "layout.html",
    "message.html",
    "failed.html",
    "verify_email.html",
    "reset_password.html",
    "unsubscribe.html",
    "gift.html",
    "mock_payment.html",
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_global("style", STYLE);
    speak(&mut environment, Part::Pages);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// No script, no frame, nothing from elsewhere; of styles the page's own, by its digest.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(STYLE));

/// The policy of a page with this style alone.
pub fn policy(style: &str) -> HeaderValue {
    policy_of_form(style, "")
}

/// The same, where the form of the page may lead to these origins too.
fn policy_of_form(style: &str, origins: &str) -> HeaderValue {
    let digest = STANDARD.encode(sha256(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'{origins}; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// A page whose form leads on to one of these places: browsers hold its policy against where the answer sends them, too.
pub fn leading_to(mut page: Response, places: &[Url]) -> Response {
    let origins: String =
        places.iter().map(|url| format!(" {}", url.origin().ascii_serialization())).collect();
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy_of_form(STYLE, &origins));
    page
}

/// A page from its template; its address may hold a token, so nobody keeps it or is told where it was.
pub fn page(app: &App, language: Language, status: StatusCode, template: &str, told: Value) -> Response {
    let html = match render(app, language, template, told) {
        Ok(html) => html,
        Err(error) => return error.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
    ];
    (status, headers, html).into_response()
}

/// A page that says one thing: the texts `<key>-title` and `<key>`.
pub fn message(app: &App, language: Language, status: StatusCode, key: &str) -> Response {
    page(app, language, status, "message.html", context! { key })
}

/// A page that says why something did not work, with the status and headers that the API answers.
pub fn failed(app: &App, language: Language, error: Error) -> Response {
    let dead = error.code() == "invalid_token";
    let text = error.message(language);
    let mut refused = error.into_response();
    refused.extensions_mut().remove::<Problem>();
    let page = match dead {
        true => message(app, language, refused.status(), "dead-link"),
        false => page(app, language, refused.status(), "failed.html", context! { text }),
    };
    let (parts, body) = page.into_parts();
    refused.headers_mut().extend(parts.headers);
    *refused.body_mut() = body;
    refused
}

fn render(app: &App, language: Language, template: &str, told: Value) -> Result<String> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::unexpected(error.to_string()))?;
    let template = environment.get_template(template).map_err(Error::unexpected)?;
    let (store, lang) = (app.config.store.name.as_str(), language.tag());
    template.render(context! { store, lang, ..told }).map_err(Error::unexpected)
}
