//! The handle by which a commit tells its own process not to wait for the next look.
use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the job runners and the readers of the event log of this process; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    jobs: queue::Wake,
    reading: queue::Wake,
    telling: queue::Wake,
    mailing: queue::Wake,
    events: Arc<Notify>,
}

impl Wake {
    /// Says that there may be something to do. Call it after the commit, or they may look too early.
    pub fn poke(&self) {
        self.jobs.poke();
        self.reading.poke();
        self.events.notify_one();
    }

    /// Says that there may be something that many are to be told. Few commits bring that about, so that of the others no runner
    /// looks for it.
    pub fn poke_notices(&self) {
        self.telling.poke();
        self.mailing.poke();
    }

    /// The part of the runner of most jobs.
    pub(super) fn jobs(&self) -> &queue::Wake {
        &self.jobs
    }

    /// The part of the runner of jobs that read whole files.
    pub(super) fn reading(&self) -> &queue::Wake {
        &self.reading
    }

    /// The part of the runner by which many are told something.
    pub(super) fn telling(&self) -> &queue::Wake {
        &self.telling
    }

    /// The part of the runner that mails it to them.
    pub(super) fn mailing(&self) -> &queue::Wake {
        &self.mailing
    }

    /// Waits for the next poke, or takes the one that was kept.
    pub(super) async fn poked(&self) {
        self.events.notified().await;
    }
}
