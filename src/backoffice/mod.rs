//! The back office: what the staff did, for whoever has to answer for it, and what the store sells.
mod audit;
mod audit_api;
mod csv;
mod evidence;
mod evidence_api;
mod personal;
mod queries;
mod statistics;
mod statistics_api;

pub use audit::AUDIT_LOG;
pub use personal::{erase, exported, forget_addresses};

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// The routes of the back office.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(audit_api::audit_log))
        .routes(routes!(evidence_api::order_evidence))
        .merge(statistics_api::routes())
}

/// What is answered as a table too: the statistics.
pub fn tables() -> OpenApiRouter<App> {
    statistics_api::tables()
}
