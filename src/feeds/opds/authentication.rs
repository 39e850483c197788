//! How an e-reader signs in, as a document (<https://drafts.opds.io/authentication-for-opds-1.0>).
use serde::Serialize;
use utoipa::ToSchema;

use super::{CATALOG, FEED, wire::Link};
use crate::{app::App, feeds::addresses};

/// Its media type.
pub(super) const MEDIA_TYPE: &str = "application/opds-authentication+json";
/// The relation of links to it.
pub(super) const RELATION: &str = "http://opds-spec.org/auth/document";
/// Sign in by HTTP Basic.
const BASIC: &str = "http://opds-spec.org/auth/basic";

/// How an e-reader signs in.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsAuthentication)]
pub(super) struct Authentication {
    /// Where this document is.
    id: String,
    /// The store's name.
    title: String,
    /// For people.
    description: &'static str,
    /// Where the catalog begins.
    links: Vec<Link>,
    /// The ways in.
    authentication: Vec<Flow>,
}

/// A way to sign in.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsAuthenticationFlow)]
struct Flow {
    /// What it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What its fields are called.
    labels: Labels,
}

/// What the fields of a sign-in are called.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsAuthenticationLabels)]
struct Labels {
    login: &'static str,
    password: &'static str,
}

/// The document.
pub(super) fn document(app: &App) -> Authentication {
    Authentication {
        id: address(app),
        title: app.config.store.name.clone(),
        description: "Enter any name, and as the password an API key that may read your library.",
        links: vec![Link::new("start", FEED, addresses::own(app, CATALOG))],
        authentication: vec![Flow { kind: BASIC, labels: Labels { login: "Name", password: "API key" } }],
    }
}

/// The link to it.
pub(super) fn link(app: &App) -> Link {
    Link::new(RELATION, MEDIA_TYPE, address(app))
}

/// Where it is.
pub(super) fn address(app: &App) -> String {
    addresses::own(app, &format!("{CATALOG}/authentication"))
}
