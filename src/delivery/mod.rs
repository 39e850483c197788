//! Delivery: builds in, bytes out.
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// The routes of builds, files and download links.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The routes whose bodies are as long as they flow: uploads.
pub fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The signed links, which stand outside the API's base path and answer bytes.
pub fn links() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
