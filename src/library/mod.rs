//! The library: who owns what, and by which right.
mod ownership;

use utoipa_axum::router::OpenApiRouter;

pub use ownership::{lock_owned, note_download, owns};

use crate::app::App;

/// The routes of a buyer's library.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
