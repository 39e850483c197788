//! How many requests of a kind are worked on at once, and when the next ones are sent away.
use std::time::Duration;

use http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use super::class::Class;
use crate::{
    config::Load,
    error::{Error, Refusal, Result},
    line::Line,
};

/// 503: as much is being worked on as there is room for.
pub(super) const OVERLOADED: Refusal = Refusal::with_status(
    StatusCode::SERVICE_UNAVAILABLE,
    "overloaded",
    "More is asked of the store than it can do at present; try again.",
)
.after(1);

/// Places for which one may wait, for each place there is.
const QUEUE: usize = 8;

/// The rooms of all kinds.
pub(super) struct Rooms {
    webhooks: Room,
    purchases: Room,
    writes: Room,
    reads: Room,
}

/// Room for requests of a kind.
pub(super) struct Room {
    name: &'static str,
    line: Line,
}

impl Rooms {
    pub(super) fn new(settings: Load) -> Self {
        let allowed = Duration::from_millis(settings.queue_ms);
        let room = |name, places: usize| Room {
            name,
            line: Line::new(places, places.saturating_mul(QUEUE), allowed),
        };
        Self {
            webhooks: room("webhooks", settings.webhooks),
            purchases: room("purchases", settings.purchases),
            writes: room("writes", settings.writes),
            reads: room("reads", settings.reads),
        }
    }

    /// Where requests of a kind are worked on. None are needed for what answers at once, nor for what lasts, which is bounded by
    /// account and by connections.
    pub(super) fn of(&self, class: Class) -> Option<&Room> {
        match class {
            Class::Webhook => Some(&self.webhooks),
            Class::Purchase => Some(&self.purchases),
            Class::SignIn | Class::Cart | Class::Request | Class::Write => Some(&self.writes),
            Class::Search | Class::Read => Some(&self.reads),
            Class::Health | Class::Transfer => None,
        }
    }
}

impl Room {
    /// In metrics.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// A place until it is dropped; 503 `overloaded` as above.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        match self.line.enter().await {
            Some(place) => Ok(place),
            None => Err(self.shed()),
        }
    }

    fn shed(&self) -> Error {
        metrics::counter!("mist_requests_shed_total", "class" => self.name).increment(1);
        OVERLOADED.into()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn each_kind_has_room_of_its_own() {
        let rooms = Rooms::new(Load { purchases: 1, queue_ms: 5, ..Load::default() });
        let stuck = rooms.purchases.enter().await.unwrap();
        assert_eq!(rooms.purchases.enter().await.unwrap_err().code(), "overloaded");
        assert!(rooms.reads.enter().now_or_never().unwrap().is_ok(), "another room is not full");
        drop(stuck);
        drop(rooms.purchases.enter().await.unwrap());
    }
}
