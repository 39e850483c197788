//! What keeps mails from a server that is down: one of them finds out whether it is there again, while the others wait.
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::error::{Error, Result};

/// How long nothing is tried after the server was found down.
const REST: Duration = Duration::seconds(5);
/// How long the one mail that is tried then may take before another is: longer than a server is waited for.
const TRIAL: Duration = Duration::seconds(150);

/// Open while the server answers; else shut until a moment.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<DateTime<Utc>>>);

impl Gate {
    /// Lets a mail through; 503 while others wait too.
    pub(super) fn pass(&self, now: DateTime<Utc>) -> Result<()> {
        let mut shut = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *shut {
            None => Ok(()),
            Some(until) if until <= now => {
                *shut = Some(now + TRIAL);
                Ok(())
            }
            Some(_) => Err(Error::down("the mail server was down a moment ago")),
        }
    }

    /// Notes how it went with one that was let through.
    pub(super) fn note(&self, outcome: &Result<()>, now: DateTime<Utc>) {
        let shut = matches!(outcome, Err(Error::Down(_))).then(|| now + REST);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = shut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mail_tries_a_server_that_was_down_and_opens_it_for_all() {
        let (gate, now) = (Gate::default(), DateTime::<Utc>::UNIX_EPOCH);
        let passes = |seconds| gate.pass(now + Duration::seconds(seconds)).is_ok();
        assert!(passes(0) && passes(0));
        gate.note(&Err(Error::down("nobody answers")), now);
        assert!(!passes(4));
        assert!(passes(5) && !passes(5), "one alone");
        assert!(passes(155), "and another when that one never came back");
        gate.note(&Err(Error::unavailable("this mailbox is busy")), now);
        assert!(passes(156) && passes(156));
    }
}
