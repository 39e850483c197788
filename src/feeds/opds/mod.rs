//! OPDS 2.0: the e-books of the store for e-readers, and to a buyer those that they own.
mod api;
mod asking;
mod authentication;
mod catalog;
mod library;
mod library_api;
mod publication;
mod wire;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The media type of a feed.
const FEED: &str = "application/opds+json";
/// The media type of one publication.
const PUBLICATION: &str = "application/opds-publication+json";
/// Where the catalog begins, below the base path; its other addresses begin with it.
const CATALOG: &str = "/opds";
/// Where a buyer's e-books are.
const LIBRARY: &str = "/opds/library";

/// The catalog, for everybody.
pub(super) fn routes() -> OpenApiRouter<App> {
    api::routes()
}

/// The buyer's own.
pub(super) fn personal() -> OpenApiRouter<App> {
    library_api::routes()
}
