//! The catalog: products with their texts, prices, labels and builds, as those who keep it see them.
pub mod builds;
mod price;
mod queries;
mod summary;

use utoipa_axum::router::OpenApiRouter;

pub use entity::product::Model as Product;
pub use price::{Market, Price};
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
