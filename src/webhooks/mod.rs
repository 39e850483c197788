//! Outgoing webhooks: programs elsewhere are told of what happened, as Standard Webhooks has it
//! (<https://www.standardwebhooks.com>): signed, tried again for more than a day, each event once. A topic of Amazon SNS is
//! told the same.
mod api;
mod attempts;
mod deliveries;
mod deliveries_api;
mod desk;
mod facts;
mod health;
mod kinds;
mod pump;
mod queries;
mod reader;
mod retention;
mod schedule;
mod signing;
mod sns;
mod topic;
mod wire;

use utoipa_axum::router::OpenApiRouter;

pub use deliveries::{erase, park};
pub use pump::{run, send_due};
pub use reader::WEBHOOKS;
pub use retention::forget_deliveries;
pub use sns::Sns;
pub use topic::{PUBLISH, TOPIC, handle};

use crate::app::App;

/// The routes of endpoints and of what they were told.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(deliveries_api::routes())
}
