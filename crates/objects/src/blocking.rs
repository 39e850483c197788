//! Disk work, kept off the threads that serve connections.

use std::io;

use tokio::runtime::Handle;
use tokio::task::{JoinError, spawn_blocking};

use crate::Error;

/// Runs disk work on the blocking threads.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(lost)?
}

/// Drops what removes a file or frees its blocks on a blocking thread, or here when there is no runtime.
pub(crate) fn discard(value: impl Send + 'static) {
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(move || drop(value))),
        Err(_) => drop(value),
    }
}

/// The work ended without an answer: it panicked, or the runtime is going down.
pub(crate) fn lost(error: JoinError) -> io::Error {
    io::Error::other(error)
}
