//! How long sessions, their addresses and their used tokens are kept.
use chrono::{DateTime, Utc};

use super::{queries, sessions::SESSION_LIFE};
use crate::{app::App, error::Result};

/// Rows changed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 1_000;

/// Forgets the addresses and user agents of sessions that were last used before; says how many.
pub async fn forget_addresses(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::forget_addresses(tx, before, BATCH).await?)).await
}

/// Removes the sessions that ended before, and every used token that is older than a session lives unused: whoever
/// shows one of those is refused as a stranger. Says how many rows that were.
pub async fn prune(app: &App, ended_before: DateTime<Utc>) -> Result<u64> {
    let used_before = app.clock.now() - SESSION_LIFE;
    let mut pruned = 0;
    loop {
        let (sessions, tokens) = app
            .db
            .write(async |tx| {
                let sessions = queries::prune_sessions(tx, ended_before, BATCH).await?;
                Ok((sessions, queries::prune_tokens(tx, used_before, BATCH).await?))
            })
            .await?;
        pruned += sessions + tokens;
        if sessions < BATCH && tokens < BATCH {
            return Ok(pruned);
        }
    }
}
