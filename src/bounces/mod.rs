//! Bounces: what the mail service tells of addresses that mail came back from or was complained of.
mod api;
mod certificates;
mod message;
mod news;
mod personal;
mod receive;

use utoipa_axum::router::OpenApiRouter;

pub use certificates::Certificates;
pub use personal::exported;

use crate::app::App;

/// The routes of what the mail service tells.
pub fn routes() -> OpenApiRouter<App> {
    api::routes()
}
