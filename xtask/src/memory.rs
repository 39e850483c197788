//! Looking at the memory of a process all the time, through its restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::bench::process_facts::anonymous;
use crate::process::Result;

/// The most anonymous memory that the store may ever hold, MiB.
pub const MOST_MIB: u32 = 100;
/// Time between two looks.
const BEAT: Duration = Duration::from_millis(5);

/// What a thread looks at.
#[derive(Default)]
struct Seen {
    pid: AtomicU32,
    peak: AtomicU64,
    done: AtomicBool,
}

/// Looks at the memory of no file that a process holds.
pub struct Memory {
    seen: Arc<Seen>,
    thread: JoinHandle<()>,
}

impl Memory {
    pub fn watch(pid: u32) -> Self {
        let seen = Arc::new(Seen { pid: AtomicU32::new(pid), ..Seen::default() });
        let looking = Arc::clone(&seen);
        let thread = thread::spawn(move || {
            while !looking.done.load(Ordering::Relaxed) {
                // Between two processes there is none.
                if let Ok(bytes) = anonymous(looking.pid.load(Ordering::Relaxed)) {
                    looking.peak.fetch_max(bytes, Ordering::Relaxed);
                }
                thread::sleep(BEAT);
            }
        });
        Self { seen, thread }
    }

    /// Goes on with the process that came after.
    pub fn follow(&self, pid: u32) {
        self.seen.pid.store(pid, Ordering::Relaxed);
    }

    /// The most there was, bytes.
    pub fn end(self) -> Result<u64> {
        self.seen.done.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the memory was not watched to the end")?;
        match self.seen.peak.load(Ordering::Relaxed) {
            0 => Err("the memory of the store can't be read".into()),
            peak => Ok(peak),
        }
    }
}
