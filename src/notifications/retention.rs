//! How long it is known what accounts were told.
use chrono::{DateTime, Duration, Utc};

use super::{
    queries::{self, fan_outs, tickets},
    tell::QUIET,
};
use crate::{app::App, error::Result};

/// Rows removed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 500;
/// How long it is known that many were told something: longer than its cause could have them told again.
const FAN_OUTS_KEPT: Duration = Duration::days(30);

/// Removes what was read, and all that is older still; finished fan-outs, and tickets that are over. Says how many
/// notifications that were.
pub async fn forget(app: &App) -> Result<u64> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(tickets::prune(tx, now).await?)).await?;
    let finished = now - FAN_OUTS_KEPT;
    app.db.write_in_batches(BATCH, async |tx| Ok(fan_outs::prune(tx, finished, BATCH).await?)).await?;
    let settings = &app.config.notifications;
    let (read, all) = (kept(now, settings.read_days.get()), kept(now, settings.keep_days.get()));
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::prune(tx, read, all, BATCH).await?)).await
}

/// What is known for the sake of how seldom it is mailed is known for that long.
fn kept(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now - Duration::days(days.into()).max(QUIET)
}
