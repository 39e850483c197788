//! Work that is done again and again: each piece has a loop of its own in every copy, and takes turns between copies.
use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use super::lease;
use crate::{
    app::App,
    error::{Error, Result},
};

/// How long work that was woken waits, so that what commits at almost the same time is done in one go.
const GATHERS: Duration = Duration::from_millis(50);
/// How long work that failed waits at most until it is tried again; what is done more often goes on as often, so that a
/// database that is back is followed at once.
const RETRY: Duration = Duration::from_secs(5);
/// How long work that runs when the process is told to stop may go on.
const GRACE: Duration = Duration::from_secs(20);

/// A piece of scheduled work. It must bear being cut off and being done twice.
#[derive(Clone, Copy)]
pub(super) struct Task {
    /// Its name, and that of its lease.
    pub(super) name: &'static str,
    /// The pause after it ran; with a lease, also how seldom all copies together run it.
    pub(super) every: Duration,
    /// Whether one copy alone runs it in a turn, under a lease.
    pub(super) alone: bool,
    /// Whether a poke of [`super::Wake`] runs it early. One task alone can be woken.
    pub(super) woken: bool,
    /// What it does.
    pub(super) run: for<'a> fn(&'a App) -> BoxFuture<'a, Result<()>>,
}

impl Task {
    /// Runs it, unless it is another copy's turn.
    pub(super) async fn turn(&self, app: &App) -> Result<bool> {
        if self.alone {
            let turn = lease::turn((&app.db, &app.clock), self.name, self.every, (self.run)(app));
            return Ok(turn.await?.is_some());
        }
        (self.run)(app).await?;
        Ok(true)
    }

    /// Runs it again and again until `stop` is cancelled.
    async fn keep(self, app: App, stop: CancellationToken) {
        let (mut pause, mut failing) = (Duration::ZERO, false);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = gathered(&app), if self.woken => {}
                () = sleep(pause) => {}
            }
            let overdue = async {
                stop.cancelled().await;
                sleep(GRACE).await;
            };
            let outcome = tokio::select! {
                outcome = AssertUnwindSafe(self.turn(&app)).catch_unwind() => outcome,
                () = overdue => return tracing::warn!(task = self.name, "cut off by the shutdown"),
            };
            pause = match outcome.unwrap_or_else(|_| Err(Error::unexpected("it panicked"))) {
                Ok(_) => {
                    if failing {
                        tracing::info!(task = self.name, "scheduled work goes on");
                    }
                    failing = false;
                    self.every
                }
                Err(error) => {
                    let pause = self.every.min(RETRY);
                    // What is tried again many times a second is told once.
                    if !failing || pause == RETRY {
                        tracing::error!(task = self.name, %error, "scheduled work failed; it is tried again");
                    }
                    failing = true;
                    pause
                }
            };
        }
    }
}

/// Waits for a poke, and then for those that follow it.
async fn gathered(app: &App) {
    app.wake.poked().await;
    sleep(GATHERS).await;
    // What is done now is done for those too.
    let _followed = app.wake.poked().now_or_never();
}

/// Runs every task until `stop` is cancelled and what then runs has ended.
pub(super) async fn run(app: &App, tasks: Vec<Task>, stop: &CancellationToken) {
    let mut loops = JoinSet::new();
    for task in tasks {
        loops.spawn(task.keep(app.clone(), stop.clone()));
    }
    while let Some(ended) = loops.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "the loop of scheduled work ended without a word");
        }
    }
}
