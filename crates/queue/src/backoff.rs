//! How long a failed job waits before it is tried again.

use std::time::Duration;

/// What the first failure waits, before jitter.
const BASE: Duration = Duration::from_secs(5);
/// What no wait exceeds.
const CAP: Duration = Duration::from_secs(60 * 60);
/// More doublings than this are past the cap anyway; it keeps the shift in range.
const MAX_DOUBLINGS: u32 = 20;

/// The wait after the `attempts`-th attempt failed: `BASE` doubled for every earlier one, at most `CAP`, of which
/// `chance` (0 to 1; anything else is clamped) decides the upper half, so that jobs that failed together spread out.
pub(crate) fn wait(attempts: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(MAX_DOUBLINGS);
    let full = BASE.saturating_mul(1 << doublings).min(CAP);
    let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.0 };
    full.mul_f64(0.5 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_from_the_base_to_the_cap() {
        let waits = [1, 2, 3, 10, 11, 500, i32::MAX].map(|attempts| wait(attempts, 1.0).as_secs());
        assert_eq!(waits, [5, 10, 20, 2560, 3600, 3600, 3600]);
    }

    #[test]
    fn chance_decides_the_upper_half() {
        assert_eq!(wait(2, 0.0), Duration::from_secs(5));
        assert_eq!(wait(2, 0.5), Duration::from_millis(7_500));
        assert_eq!(wait(2, 7.0), Duration::from_secs(10));
        assert_eq!(wait(2, f64::NAN), Duration::from_secs(5));
    }

    #[test]
    fn nonsense_attempts_wait_the_base() {
        assert_eq!(wait(0, 1.0), BASE);
        assert_eq!(wait(i32::MIN, 1.0), BASE);
    }
}
