//! What is kept for a time and then removed.
use chrono::Duration;

use super::readers;
use crate::{accounts, app::App, error::Result, events, idempotency};

/// How long jobs that are done can still be looked at. Dead ones stay until an operator decides.
const DONE_JOBS_KEPT: Duration = Duration::days(7);

/// Removes what is past its time: events, done jobs, idempotency keys, throttles.
pub(super) async fn run(app: &App) -> Result<()> {
    let events = events::prune(app, &readers()).await?;
    let jobs = prune_jobs(app).await?;
    let keys = idempotency::forget_old(app).await?;
    let throttles = accounts::prune_throttles(app).await?;
    tracing::debug!(events, jobs, keys, throttles, "removed what is past its time");
    Ok(())
}

async fn prune_jobs(app: &App) -> Result<u64> {
    let before = app.clock.now() - DONE_JOBS_KEPT;
    let mut pruned = 0;
    loop {
        let batch = app.db.write(async |tx| Ok(queue::prune(tx, before).await?)).await?;
        pruned += batch;
        if batch < queue::PRUNE_BATCH {
            return Ok(pruned);
        }
    }
}
