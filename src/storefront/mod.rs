//! The storefront: what everybody sees of the catalog.
mod answers;
mod api;
mod labels_api;
mod store_api;
mod visitor;

use utoipa_axum::router::OpenApiRouter;

pub use answers::{Answers, Front, follow};

use crate::app::App;

/// The public reads of the catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(api::routes()).merge(labels_api::routes()).merge(store_api::routes())
}
