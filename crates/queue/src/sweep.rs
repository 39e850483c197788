//! When to look for lanes in which nobody was told that it is their turn.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

/// How often: for so long a job waits at most whose predecessor was discarded, or died with its process.
const EVERY: Duration = Duration::from_secs(30);

/// When it was looked last; never yet, at first.
#[derive(Debug, Default)]
pub(crate) struct Sweep(Mutex<Option<DateTime<Utc>>>);

impl Sweep {
    /// Whether it is time; then it is looked now.
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that went back is no reason to wait.
        let due = last.is_none_or(|last| now < last || now >= last + EVERY);
        if due {
            *last = Some(now);
        }
        due
    }
}
