//! The library: who owns what, and by which right.
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of a buyer's library.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
