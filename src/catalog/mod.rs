//! The catalog: products with their texts, prices, labels and builds, as those who keep it see them.
pub mod checks;
mod offer;
mod price;
mod queries;
mod released;
mod shelf;
mod summary;

use utoipa_axum::router::OpenApiRouter;

pub use entity::product::Model as Product;
pub use offer::{Offer, offers};
pub use price::{Market, Price};
pub use released::{ReleasedBuild, ReleasedFile, released_builds};
pub use shelf::shelf;
pub use summary::{ProductSummary, Rating, product, summaries};

use crate::app::App;

/// The routes of the back office's catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The routes whose bodies are as long as they flow: the import.
pub fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
