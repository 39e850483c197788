//! How often what failed is tried again, and how long is waited before.
use std::time::Duration;

use crate::error::{Error, Result};

/// Tries in a row that may bring nothing.
const MOST_FAILURES: u32 = 6;
/// Before the second try; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Whoever asks to be left alone for longer is told of instead.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is left of somebody's patience.
#[derive(Default)]
pub(crate) struct Patience {
    failures: u32,
}

impl Patience {
    /// Something came of it: all is as at the beginning.
    pub(crate) fn renew(&mut self) {
        self.failures = 0;
    }

    /// Waits before the next try; gives the error back when there is no hope, or none any more.
    pub(crate) async fn after(&mut self, error: Error) -> Result<()> {
        if error.may_pass() { self.after_any(error).await } else { Err(error) }
    }

    /// The same of an error that passes once something is asked anew.
    pub(crate) async fn after_any(&mut self, error: Error) -> Result<()> {
        self.failures += 1;
        if self.failures >= MOST_FAILURES {
            return Err(error);
        }
        let asked = match &error {
            Error::Refused { retry_after: Some(seconds), .. } => Duration::from_secs(*seconds),
            _ => FIRST_WAIT * 2_u32.pow(self.failures - 1),
        };
        if asked > LONGEST_WAIT {
            return Err(error);
        }
        tokio::time::sleep(asked).await;
        Ok(())
    }
}

/// Does something that may be done twice until it succeeds or patience ends.
pub(crate) async fn patiently<T>(work: impl AsyncFn() -> Result<T>) -> Result<T> {
    let mut patience = Patience::default();
    loop {
        match work().await {
            Ok(done) => return Ok(done),
            Err(error) => patience.after(error).await?,
        }
    }
}
