//! The back office's front door to the catalog.
mod import;
mod labels;
mod products;
mod relations;
mod sales;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of the back office's catalog.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(products::create))
        .routes(routes!(products::read, products::change, products::delete))
        .routes(routes!(products::publish))
        .routes(routes!(products::archive))
        .routes(routes!(products::put_prices))
        .routes(routes!(products::translate, products::untranslate))
        .merge(sales::routes())
        .merge(labels::routes())
        .merge(relations::routes())
        .merge(super::licenses::api::routes())
}

/// The routes whose bodies are as long as they flow.
pub(super) fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import::import_products))
}
