//! Time, ids and randomness: handed down, so that a test can move the clock.
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// The least id that is made at a moment or later: for finding by id what came since.
pub fn first_id_since(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// What says how late it is and makes ids in their order.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    order: Arc<Mutex<ContextV7>>,
}

#[derive(Clone)]
enum Source {
    System,
    Moved(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::of(Source::Moved(Arc::new(Mutex::new(at))))
    }

    fn of(source: Source) -> Self {
        Self { source, order: Arc::new(Mutex::new(ContextV7::new())) }
    }

    /// UTC in whole microseconds: what both databases keep.
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.source {
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Moved(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a clock that stands still; the machine's own is not moved.
    pub fn advance(&self, by: Duration) {
        if let Source::Moved(at) = &self.source {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// A new id that sorts behind every id this process made before (UUIDv7).
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*order, seconds, now.timestamp_subsec_nanos()))
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
