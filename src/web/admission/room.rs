//! How many requests of a kind are worked on at once, and when the next ones are sent away.
//!
//! A queue that is long serves nobody: those at its end have given up when they get their turn. So it is not its length that
//! counts but how long who got a place last had waited for it: while that was too long, whoever comes is refused at once.
use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use http::StatusCode;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use super::class::Class;
use crate::{
    config::Load,
    error::{Error, Refusal, Result},
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
/// Who has waited so many times as long as is allowed is sent away too: nothing moves.
const PATIENCE: u32 = 10;

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
    places: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// Microseconds that who got a place last had waited, or gave up after.
    waited: AtomicU64,
    allowed: Duration,
}

impl Rooms {
    pub(super) fn new(settings: Load) -> Self {
        let room = |name, places: usize| Room {
            name,
            places: Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)),
            waiting: AtomicUsize::new(0),
            most_waiting: places.saturating_mul(QUEUE),
            waited: AtomicU64::new(0),
            allowed: Duration::from_millis(settings.queue_ms),
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
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            self.waited.store(0, Ordering::Relaxed);
            return Ok(place);
        }
        let waiting = Waiting::begin(self);
        let is_slow = Duration::from_micros(self.waited.load(Ordering::Relaxed)) > self.allowed;
        if waiting.before > 0 && (is_slow || waiting.before >= self.most_waiting) {
            return Err(self.shed());
        }
        let began = Instant::now();
        let place = tokio::time::timeout(self.allowed * PATIENCE, self.places.acquire()).await;
        let waited = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited.store(waited, Ordering::Relaxed);
        match place {
            Ok(place) => place.map_err(Error::unexpected),
            Err(_) => Err(self.shed()),
        }
    }

    fn shed(&self) -> Error {
        metrics::counter!("mist_requests_shed_total", "class" => self.name).increment(1);
        OVERLOADED.into()
    }
}

/// One that waits, until it is dropped: who hangs up waits no longer.
struct Waiting<'a> {
    room: &'a Room,
    /// So many waited already.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn begin(room: &'a Room) -> Self {
        Self { room, before: room.waiting.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.room.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, poll};

    use super::*;

    fn room_for_one() -> Rooms {
        Rooms::new(Load { purchases: 1, queue_ms: 5, ..Load::default() })
    }

    #[tokio::test]
    async fn who_comes_while_others_wait_too_long_is_refused_at_once() {
        let rooms = room_for_one();
        let first = rooms.purchases.enter().await.unwrap();
        let mut second = Box::pin(rooms.purchases.enter());
        let mut third = Box::pin(rooms.purchases.enter());
        assert!(poll!(&mut second).is_pending());
        assert!(poll!(&mut third).is_pending());
        rooms.purchases.waited.store(5_001, Ordering::Relaxed);
        assert_eq!(rooms.purchases.enter().await.unwrap_err().code(), "overloaded");
        let reads = rooms.reads.enter().now_or_never();
        assert!(reads.unwrap().is_ok(), "another room is not full");
        drop(first);
        drop(second.await.unwrap());
        drop(third.await.unwrap());
        let again = rooms.purchases.enter().await.unwrap();
        assert_eq!(rooms.purchases.waited.load(Ordering::Relaxed), 0, "nobody waits any more");
        drop(again);
    }

    #[tokio::test]
    async fn where_nothing_moves_nobody_waits_for_ever() {
        let rooms = room_for_one();
        let stuck = rooms.purchases.enter().await.unwrap();
        assert_eq!(rooms.purchases.enter().await.unwrap_err().code(), "overloaded");
        assert_eq!(rooms.purchases.waiting.load(Ordering::Relaxed), 0);
        drop(stuck);
    }

    #[tokio::test]
    async fn a_queue_is_bounded() {
        let rooms = room_for_one();
        let place = rooms.purchases.enter().await.unwrap();
        let mut queue: Vec<_> = (0..=QUEUE).map(|_| Box::pin(rooms.purchases.enter())).collect();
        for waiting in queue.iter_mut().take(QUEUE) {
            assert!(poll!(waiting).is_pending());
        }
        let last = queue.pop().unwrap().await;
        assert_eq!(last.unwrap_err().code(), "overloaded");
        drop(place);
    }
}
