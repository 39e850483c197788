//! How calls go wrong.
use std::{collections::VecDeque, time::Duration};

/// How long a call hangs at most that nobody releases.
const HANGS: Duration = Duration::from_secs(30);
/// What goes wrong now and then. A call that hangs for long is left out: it would hold a load up, not try it.
const NOW_AND_THEN: [Fault; 6] = [
    Fault::Dropped,
    Fault::Dropped,
    Fault::Status(500),
    Fault::Status(429),
    Fault::Status(409),
    Fault::Slow(Duration::from_millis(300)),
];

/// How a call goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is refused before anything is done.
    Status(u16),
    /// It is done, and the answer is lost.
    Dropped,
    /// It is done, and answered late.
    Slow(Duration),
    /// It is done, and answered after 30 seconds or when calls are released.
    Hung,
}

impl Fault {
    /// How long the answer takes.
    pub(crate) const fn wait(self) -> Option<Duration> {
        match self {
            Self::Slow(time) => Some(time),
            Self::Hung => Some(HANGS),
            Self::Status(_) | Self::Dropped => None,
        }
    }
}

/// What will go wrong.
#[derive(Default)]
pub(crate) struct Faults {
    /// Whether every call is refused.
    pub(crate) away: bool,
    queue: VecDeque<Fault>,
    one_in: u64,
    state: u64,
}

impl Faults {
    pub(crate) fn next(&mut self, faults: &[Fault]) {
        self.queue.extend(faults);
    }

    pub(crate) fn now_and_then(&mut self, one_in: u64, seed: u64) {
        (self.one_in, self.state) = (one_in, seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    }

    /// How the call goes wrong that comes now.
    pub(crate) fn take(&mut self) -> Option<Fault> {
        if self.away {
            return Some(Fault::Status(503));
        }
        if let Some(fault) = self.queue.pop_front() {
            return Some(fault);
        }
        if self.one_in == 0 || !self.random().is_multiple_of(self.one_in) {
            return None;
        }
        let which = usize::try_from(self.random() % NOW_AND_THEN.len() as u64).unwrap_or_default();
        NOW_AND_THEN.get(which).copied()
    }

    /// Xorshift.
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 11
    }
}
