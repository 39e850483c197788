//! The handle by which a commit tells the runner of its own process not to wait for the next poll.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes one [`Runner`](crate::Runner); clones are the same handle. A poke while nobody waits is kept, and many become
/// one. Jobs of other processes are found by polling.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// A handle to give to one runner and to whoever enqueues.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that there may be something due. Call it after the commit, or the runner may look too early.
    pub fn poke(&self) {
        self.0.notify_one();
    }

    /// Waits for the next poke, or takes the one that was kept.
    pub(crate) async fn poked(&self) {
        self.0.notified().await;
    }
}
