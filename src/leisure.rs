//! Work that nobody waits for: on threads that get what of the processors requests leave.
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// By how much the kernel prefers every other thread: about ten times (sched(7), "The nice value").
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Does work at leisure. How much of it is done at once is the caller's to bound.
pub async fn at_leisure<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, outcome) = oneshot::channel();
    let begun = std::thread::Builder::new().name("leisure".to_owned()).spawn(move || {
        // It is the thread's own on Linux alone; one that stays as it is does the work too.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(NICE);
        let _nobody_waits = done.send(work());
    });
    begun.map_err(Error::unexpected)?;
    outcome.await.map_err(Error::unexpected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_done_at_leisure_is_answered_and_a_panic_is_an_error() {
        assert_eq!(at_leisure(|| 7).await.ok(), Some(7));
        let broken = at_leisure(|| assert!(std::hint::black_box(false), "as it is meant here")).await;
        assert!(broken.is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_thread_that_has_leisure_waits_for_others() {
        let nice = || rustix::process::nice(0).ok();
        let before = nice();
        let theirs = at_leisure(nice).await.ok().flatten();
        assert_eq!(theirs, before.map(|nice| (nice + NICE).min(19)));
        assert_eq!(nice(), before);
    }
}
