//! The room that parts take in memory on their way to S3: however many objects are written at once, together they hold no more.
//!
//! Who writes takes the room of a whole part before gathering it, and gives it back once S3 has the part. Nobody who holds
//! room waits for more of it, so all go on; and a sender who fills a part too slowly keeps nobody waiting for ever.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;

/// Bytes of a unit.
const UNIT: usize = 1024 * 1024;
/// Units that there are: 24 MiB, four of the smallest parts. A part that needs more has all of them.
const UNITS: usize = 24;
/// How long a part may take to be filled while others wait: a part of 6 MiB comes within it over a line of 50 kB a second.
const PATIENCE: Duration = Duration::from_secs(120);

/// All of the room.
pub(super) struct Room {
    free: Arc<Semaphore>,
    /// Who waits for some.
    waiting: AtomicUsize,
    patience: Duration,
}

/// Room of one part. Dropping it gives it back.
pub(super) struct Held {
    _units: OwnedSemaphorePermit,
    since: Instant,
}

impl Default for Room {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl Room {
    pub(super) fn with_patience(patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(UNITS)), waiting: AtomicUsize::new(0), patience }
    }

    /// The room of so many bytes, if it is free and nobody waits for it.
    pub(super) fn try_take(&self, bytes: usize) -> Option<Held> {
        Arc::clone(&self.free).try_acquire_many_owned(units(bytes)).ok().map(held)
    }

    /// The same once it is free, in turn. Who waits holds none.
    pub(super) async fn take(&self, bytes: usize) -> Result<Held, Error> {
        let _waiting = Waiting::new(&self.waiting);
        let units = Arc::clone(&self.free).acquire_many_owned(units(bytes)).await;
        Ok(held(units.map_err(io::Error::other)?))
    }

    /// Whether others wait for room that was held for longer than they should.
    pub(super) fn is_overdue(&self, held: &Held) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0 && held.since.elapsed() > self.patience
    }
}

fn held(units: OwnedSemaphorePermit) -> Held {
    Held { _units: units, since: Instant::now() }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT).min(UNITS)).unwrap_or(u32::MAX)
}

/// One who waits, for as long as that is.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
