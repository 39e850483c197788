//! Feeds: the catalog for programs that follow it. Atom for readers of news, sitemaps for search engines, OPDS for
//! e-readers.
mod addresses;
mod api;
mod atom;
mod news;
mod opds;
mod sitemap;
mod xml;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// What everybody may follow.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(opds::routes())
}

/// What only the buyer may: their e-books.
pub fn personal() -> OpenApiRouter<App> {
    opds::personal()
}
