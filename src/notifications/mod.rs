//! Notifications: what accounts are told, in the store, as it comes and by mail, each in the way it wants.
mod api;
mod calendar;
mod fan_out;
mod jobs;
mod kinds;
mod list;
mod pages_api;
mod personal;
mod preferences;
mod preferences_api;
mod queries;
mod reader;
mod retention;
mod samples;
mod shown;
mod stream_api;
mod streams;
mod tell;
mod tickets;
mod unsubscribe;
mod unsubscribe_api;

use utoipa_axum::router::OpenApiRouter;

pub use calendar::announce;
pub use jobs::{MAILING, handle, handle_fan_outs, handle_mail_to_many};
pub use pages_api::pages;
pub use personal::{erase, exported, exported_preferences};
pub use reader::NOTIFICATIONS;
pub use retention::forget;
pub use samples::samples;
pub use streams::Streams;

use crate::app::App;

/// The routes of what an account was told and how it wants to be.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(preferences_api::routes())
}

/// What is answered as something else than JSON, or asked by other programs than those that accept it: the stream, and the
/// one click by which mail programs unsubscribe.
pub fn others() -> OpenApiRouter<App> {
    stream_api::routes().merge(unsubscribe_api::routes())
}
