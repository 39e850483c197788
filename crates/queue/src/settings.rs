//! What a runner is told: how much to do at once, how long to hold and wait, and where time and chance come from.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
/// Makes a random id; leases are told apart by it.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;
/// Makes a random number from 0 to 1; it spreads the retries of jobs that failed together.
pub type Chance = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Where a runner gets what it must not make itself, so that tests decide it.
#[derive(Clone)]
pub struct Sources {
    /// Decides what is due, and when a lease ends.
    pub clock: Clock,
    /// Gives every claim its token; two must never be equal.
    pub ids: Ids,
    /// Gives every back-off its jitter.
    pub chance: Chance,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The limits of a [`Runner`](crate::Runner).
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    /// How many jobs run at once in this process; 0 counts as 1.
    pub workers: usize,
    /// How many jobs one claim takes at most; never more than there are idle workers. 0 counts as 1.
    pub batch: usize,
    /// For how long a claim holds a job. Renewed every third of it while the handler runs.
    pub lease: Duration,
    /// How often to look for due jobs when nobody pokes, and how long to wait when the database is away.
    pub poll: Duration,
    /// A handler still running after this is dropped, which counts as a failure.
    pub longest: Duration,
    /// How long a shutdown waits for running handlers before it drops them and gives their jobs back.
    pub grace: Duration,
}

impl RunnerSettings {
    const DEFAULT_WORKERS: usize = 4;
    const DEFAULT_BATCH: usize = 4;
    /// What a killed process had begun is begun again within a minute, the poll of whoever does so included.
    const DEFAULT_LEASE: Duration = Duration::from_secs(45);
    const DEFAULT_POLL: Duration = Duration::from_secs(1);
    const DEFAULT_LONGEST: Duration = Duration::from_secs(60 * 60);
    const DEFAULT_GRACE: Duration = Duration::from_secs(20);
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            workers: Self::DEFAULT_WORKERS,
            batch: Self::DEFAULT_BATCH,
            lease: Self::DEFAULT_LEASE,
            poll: Self::DEFAULT_POLL,
            longest: Self::DEFAULT_LONGEST,
            grace: Self::DEFAULT_GRACE,
        }
    }
}
