//! The storefront: what everybody sees of the catalog.
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The public reads of the catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
