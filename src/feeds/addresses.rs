//! Where the links of feeds lead: built from the settings alone, never from the `Host` header.
use http::Uri;
use url::form_urlencoded::{Serializer, parse};

use crate::{app::App, router::API};

/// Parameters of the market and the language, which every link to another feed keeps.
const KEPT: [&str; 3] = ["currency", "country", "locale"];

/// An address and what is there.
pub(super) struct Address {
    pub(super) url: String,
    /// A media type.
    pub(super) kind: &'static str,
}

/// The page of a product: the frontend's where there is one, else what the API says of it.
pub(super) fn product(app: &App, slug: &str) -> Address {
    match app.config.http.frontend_url {
        Some(_) => Address { url: app.frontend_url(&format!("/products/{slug}")), kind: "text/html" },
        None => Address { url: own(app, &format!("/products/{slug}")), kind: "application/json" },
    }
}

/// An address of the API; `path` begins with a slash.
pub(super) fn own(app: &App, path: &str) -> String {
    app.public_url(&format!("{API}{path}"))
}

/// The address that was asked.
pub(super) fn here(app: &App, uri: &Uri) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parse(query(uri))).finish();
    with_query(app, uri, &query)
}

/// The address that was asked, from its beginning, with one parameter changed: another value, or none.
pub(super) fn changed(app: &App, uri: &Uri, name: &str, value: Option<&str>) -> String {
    let kept = parse(query(uri)).filter(|(there, _)| there != name && there != "cursor");
    let mut pairs = Serializer::new(String::new());
    pairs.extend_pairs(kept).extend_pairs(value.map(|value| (name, value)));
    with_query(app, uri, &pairs.finish())
}

/// Another address of the API for the same market and language; `path` begins with a slash and has no query.
pub(super) fn beside(app: &App, uri: &Uri, path: &str, parameter: Option<(&str, &str)>) -> String {
    let kept = parse(query(uri)).filter(|(there, _)| KEPT.contains(&there.as_ref()));
    let mut pairs = Serializer::new(String::new());
    let query = pairs.extend_pairs(kept).extend_pairs(parameter).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    own(app, &format!("{path}{mark}{query}"))
}

fn query(uri: &Uri) -> &[u8] {
    uri.query().unwrap_or_default().as_bytes()
}

fn with_query(app: &App, uri: &Uri, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    app.public_url(&format!("{}{mark}{query}", uri.path()))
}

/// Whether the address that was asked has a parameter of that value.
pub(super) fn says(uri: &Uri, name: &str, value: &str) -> bool {
    parse(query(uri)).any(|(there, said)| there == name && said == value)
}
