//! Kinds of jobs that are not claimed for a while, because what they need was down when it was asked last.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

/// How long a kind rests at first.
const FIRST: Duration = Duration::from_secs(5);
/// How long it rests at most.
const LONGEST: Duration = Duration::from_secs(60);

/// Until when a kind rests, and for how long it does.
#[derive(Clone, Copy, Debug)]
struct Rest {
    until: DateTime<Utc>,
    length: Duration,
}

/// Which kinds rest, as far as this runner knows: another one finds out by itself.
#[derive(Debug, Default)]
pub(crate) struct Rests(Mutex<BTreeMap<String, Rest>>);

impl Rests {
    /// What a kind needs is down: it rests, the next time for twice as long.
    pub(crate) fn begin(&self, kind: &str, now: DateTime<Utc>) {
        let mut rests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = match rests.get(kind) {
            // What was claimed together fails together.
            Some(rest) if now < rest.until => return,
            Some(rest) => (rest.length * 2).min(LONGEST),
            None => FIRST,
        };
        rests.insert(kind.to_owned(), Rest { until: now + length, length });
    }

    /// What a kind needs is there.
    pub(crate) fn end(&self, kind: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(kind);
    }

    /// Those of these kinds that don't rest.
    pub(crate) fn awake(&self, kinds: Vec<&'static str>, now: DateTime<Utc>) -> Vec<&'static str> {
        let rests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.into_iter().filter(|kind| rests.get(*kind).is_none_or(|rest| rest.until <= now)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_rests_for_longer_and_longer_up_to_a_minute_and_others_do_not() {
        let (rests, mut now) = (Rests::default(), DateTime::<Utc>::UNIX_EPOCH);
        let mut lengths = Vec::new();
        for _ in 0..6 {
            rests.begin("mail", now);
            rests.begin("mail", now);
            let mut length = 0;
            while rests.awake(vec!["mail", "other"], now) == ["other"] {
                now += Duration::from_secs(1);
                length += 1;
            }
            lengths.push(length);
        }
        assert_eq!(lengths, [5, 10, 20, 40, 60, 60]);
        rests.end("mail");
        rests.begin("mail", now);
        assert_eq!(rests.awake(vec!["mail"], now + FIRST), ["mail"]);
    }
}
