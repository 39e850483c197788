//! The storefront: what everybody sees of the catalog.
mod answers;
mod api;
mod facets;
mod index;
mod labels_api;
mod list;
mod store_api;
mod suggest;
mod suggest_api;
mod visitor;

use utoipa_axum::router::OpenApiRouter;

pub use answers::{Answers, Front};
pub use index::{IndexStanding, ReadModel, ask_to_rebuild, follow, indexes, open, rebuild};

use crate::app::App;

/// The public reads of the catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(api::routes())
        .merge(labels_api::routes())
        .merge(store_api::routes())
        .merge(suggest_api::routes())
}
