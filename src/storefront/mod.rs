//! The storefront: what everybody sees of the catalog.
mod answers;
mod api;
mod cards;
mod facets;
mod index;
mod labels;
mod labels_api;
mod list;
mod pages;
mod related;
mod store_api;
mod suggest;
mod suggest_api;
mod visitor;
mod walk;

use utoipa_axum::router::OpenApiRouter;

pub use answers::{Answers, Front};
pub use facets::{Facet, FacetValue, Facets};
pub use index::{IndexStanding, ReadModel, ask_to_rebuild, follow, indexes, open, rebuild};
pub use list::{ProductPage, list, newest};
pub use visitor::Visitor;
pub use walk::{Hit, Place, walk};

use crate::app::App;

/// The public reads of the catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(api::routes())
        .merge(labels_api::routes())
        .merge(store_api::routes())
        .merge(suggest_api::routes())
}
