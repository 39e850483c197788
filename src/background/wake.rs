//! The handle by which a commit tells its own process not to wait for the next look.
use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the job runner and the readers of the event log of this process; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    jobs: queue::Wake,
    events: Arc<Notify>,
}

impl Wake {
    /// Says that there may be something to do. Call it after the commit, or they may look too early.
    pub fn poke(&self) {
        self.jobs.poke();
        self.events.notify_one();
    }

    /// The job runner's half.
    pub(super) fn jobs(&self) -> &queue::Wake {
        &self.jobs
    }

    /// Waits for the next poke, or takes the one that was kept.
    pub(super) async fn poked(&self) {
        self.events.notified().await;
    }
}
