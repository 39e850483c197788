//! What was done to the store and when, what was answered meanwhile, and what of it was wrong.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a copy is killed connections break off for so long.
const CUT: Duration = Duration::from_secs(1);
/// How long after a fault nothing may be amiss any more.
pub const NORMAL: Duration = Duration::from_secs(10);
/// Violations that are shown.
const SHOWN: u32 = 40;

/// Why somebody was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection broke off, to the balancer or behind it (502).
    Cut,
    /// 503, or 504 of the balancer.
    Unavailable,
}

/// What is being done to the store.
#[derive(Clone, Copy)]
struct Fault {
    failure: Failure,
    began: Instant,
    /// When it was over; none: it lasts.
    ended: Option<Instant>,
    /// How long after that failures may follow.
    aftermath: Duration,
}

/// The whole of it.
#[derive(Default)]
pub struct Diary(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    faults: Vec<Fault>,
    answered: u64,
    cut: u64,
    unavailable: u64,
    last_failure: Option<Instant>,
    slowest: Duration,
    violations: u32,
}

impl Diary {
    /// A copy is killed now.
    pub fn kill(&self) {
        let now = Instant::now();
        let fault = Fault { failure: Failure::Cut, began: now, ended: Some(now), aftermath: CUT };
        self.lock().faults.push(fault);
    }

    /// The database is being taken away now.
    pub fn take_away(&self) {
        let fault =
            Fault { failure: Failure::Unavailable, began: Instant::now(), ended: None, aftermath: NORMAL };
        self.lock().faults.push(fault);
    }

    /// It is back; gives when that was.
    pub fn give_back(&self) -> Instant {
        let now = Instant::now();
        if let Some(fault) = self.lock().faults.last_mut() {
            fault.ended = Some(now);
        }
        now
    }

    /// An answer that was as it should be.
    pub fn answered(&self, took: Duration) {
        let mut notes = self.lock();
        notes.answered += 1;
        notes.slowest = notes.slowest.max(took);
    }

    /// Somebody was not answered: a violation where nothing was done that explains it.
    pub fn failed(&self, failure: Failure, what: impl FnOnce() -> String) {
        let now = Instant::now();
        let mut notes = self.lock();
        match failure {
            Failure::Cut => notes.cut += 1,
            Failure::Unavailable => notes.unavailable += 1,
        }
        notes.last_failure = Some(now);
        let explains = |fault: &Fault| {
            let until = fault.ended.map(|ended| ended + fault.aftermath);
            fault.failure == failure && fault.began <= now && until.is_none_or(|until| now <= until)
        };
        let explained = notes.faults.iter().rev().any(explains);
        drop(notes);
        if !explained {
            self.violation(format!("nothing explains {failure:?}: {}", what()));
        }
    }

    /// Something was wrong.
    pub fn violation(&self, what: String) {
        let mut notes = self.lock();
        notes.violations += 1;
        if notes.violations <= SHOWN {
            println!("VIOLATION: {what}");
        }
    }

    /// How long after a moment somebody was not answered for the last time.
    pub fn last_failure_after(&self, moment: Instant) -> Duration {
        let last = self.lock().last_failure;
        last.map(|last| last.saturating_duration_since(moment)).unwrap_or_default()
    }

    /// So far: answered, cut off, unavailable.
    pub fn counts(&self) -> (u64, u64, u64) {
        let notes = self.lock();
        (notes.answered, notes.cut, notes.unavailable)
    }

    pub fn slowest(&self) -> Duration {
        self.lock().slowest
    }

    pub fn violations(&self) -> u32 {
        self.lock().violations
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_needs_its_own_explanation() {
        let diary = Diary::default();
        diary.failed(Failure::Cut, String::new);
        assert_eq!(diary.violations(), 1, "nothing was done");
        diary.kill();
        diary.failed(Failure::Cut, String::new);
        assert_eq!(diary.violations(), 1);
        diary.failed(Failure::Unavailable, String::new);
        assert_eq!(diary.violations(), 2, "a kill explains no 503");
        diary.take_away();
        diary.failed(Failure::Unavailable, String::new);
        let back = diary.give_back();
        diary.failed(Failure::Unavailable, String::new);
        assert_eq!(diary.violations(), 2);
        assert!(diary.last_failure_after(back) < Duration::from_secs(1));
        assert_eq!(diary.counts(), (0, 2, 3));
    }
}
