//! Places between two steps at which the process can be made to end as by a power cut: for trying what a crash there leads
//! to. Builds for release have none.

/// The variable that names the place at which to end.
#[cfg(debug_assertions)]
const ARMED: &str = "FAILPOINT";

/// Ends the process here, if it is the place that `FAILPOINT` names: no destructor and no handler runs.
#[cfg(debug_assertions)]
pub fn reach(place: &str) {
    static PLACE: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var(ARMED).ok());
    if PLACE.as_deref() == Some(place) {
        // What stays if the signal can't be sent is to abort, which ends it as abruptly.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

/// Nothing: there are no such places in a build for release.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn reach(_place: &str) {}
