//! What became of what was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Kind;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was done.
    Accepted,
    /// It was sent away, and told when to come again.
    Shed,
    /// It was answered otherwise.
    Refused,
    /// It was not answered in time, or cut off.
    Unanswered,
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub kind: Kind,
    pub fate: Fate,
    /// How long it took.
    pub took: Duration,
    /// Whether all that the visitor came for was done by it.
    pub done: bool,
}

/// The answers so far.
#[derive(Default)]
pub struct Tally {
    answers: Mutex<Vec<Answer>>,
    complaint: Mutex<Option<String>>,
}

impl Tally {
    pub(super) fn note(&self, answer: Answer) {
        lock(&self.answers).push(answer);
    }

    /// Keeps the first thing that went wrong, to be shown.
    pub(super) fn complain(&self, what: impl FnOnce() -> String) {
        lock(&self.complaint).get_or_insert_with(what);
    }

    /// Takes the answers out.
    pub fn take(&self) -> Answers {
        Answers { all: std::mem::take(&mut *lock(&self.answers)), complaint: lock(&self.complaint).take() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers of a time.
pub struct Answers {
    pub all: Vec<Answer>,
    /// The first that was neither accepted nor shed.
    pub complaint: Option<String>,
}

impl Answers {
    /// Those of a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.all.iter().filter(|answer| answer.fate == fate).count()
    }

    /// Visits of a kind, or of all, that came to their good end.
    pub fn done(&self, kind: Option<Kind>) -> usize {
        let of_it = |answer: &&Answer| answer.done && kind.is_none_or(|kind| answer.kind == kind);
        self.all.iter().filter(of_it).count()
    }

    /// How long the accepted ones of a kind, or of all, took at the 99th percentile; 0 of none.
    pub fn p99(&self, kind: Option<Kind>) -> Duration {
        let of_it =
            |answer: &&Answer| answer.fate == Fate::Accepted && kind.is_none_or(|kind| answer.kind == kind);
        let mut took: Vec<Duration> = self.all.iter().filter(of_it).map(|answer| answer.took).collect();
        took.sort_unstable();
        took.get(took.len() * 99 / 100).copied().unwrap_or_default()
    }
}
