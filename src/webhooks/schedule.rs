//! When what failed is tried again.
use chrono::{DateTime, Duration, Utc};

use crate::app::App;

/// How long is waited after the first failure, the second, and so on; then the delivery is given up.
const WAITS: [Duration; 7] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(10),
];
/// A wait is longer by up to this share of it, lest what failed together is tried again together.
const SPREAD: f64 = 0.1;

/// When a delivery is tried again after so many failed attempts; none: it is given up.
pub(super) fn next(app: &App, attempts: i32) -> Option<DateTime<Utc>> {
    let failed = usize::try_from(attempts).ok()?;
    let wait = *WAITS.get(failed.checked_sub(1)?)?;
    Some(app.clock.now() + spread(wait, crate::keys::chance()))
}

fn spread(wait: Duration, chance: f64) -> Duration {
    let milliseconds = i32::try_from(wait.num_milliseconds()).unwrap_or(i32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "less than a wait")]
    let more = (f64::from(milliseconds) * SPREAD * chance) as i64;
    wait + Duration::milliseconds(more)
}
