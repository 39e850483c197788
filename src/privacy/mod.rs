//! Privacy: everybody takes their data along, and erases it.
mod api;
mod erase;
mod export;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of taking one's data along and of erasing it.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
}
