//! What is always true of a store, and what it is called when it isn't.
use std::fmt;

use chrono::{DateTime, Utc};

/// How much is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All there is.
    Whole,
    /// What changed since a moment.
    Since(DateTime<Utc>),
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The invariant, in words.
    pub invariant: &'static str,
    /// What it does not hold of, such as `order 0198…`: ids, never names or addresses.
    pub subject: String,
}

impl Violation {
    /// An invariant that does not hold of something.
    pub fn new(invariant: &'static str, subject: impl Into<String>) -> Self {
        Self { invariant, subject: subject.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.invariant)
    }
}
