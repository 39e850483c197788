//! The back office: what the staff did, for whoever has to answer for it.
mod audit;
mod audit_api;
mod personal;
mod queries;

pub use audit::AUDIT_LOG;
pub use personal::{erase, exported, forget_addresses};

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of the back office.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(audit_api::audit_log))
}
