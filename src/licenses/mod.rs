//! Licences: sold software asks whether its key holds, and on how many devices it is active.
mod activation;
mod api;
mod personal;
mod queries;

use utoipa_axum::router::OpenApiRouter;

pub use personal::{erase, exported_activations};

use crate::app::App;

/// The routes that sold software asks.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
}

/// What is public of licence keys, at the root of the store.
pub fn well_known() -> OpenApiRouter<App> {
    api::well_known()
}
