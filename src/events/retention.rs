//! How long events are kept.
use chrono::Duration;

use super::{Reader, queries, sequencer};
use crate::{app::App, error::Result};

/// How long events are kept at least.
pub const KEPT: Duration = Duration::days(30);
/// Events removed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 5_000;

/// Removes the events that are older than [`KEPT`] and that every reader has applied, and says how many.
///
/// `readers` are those this build knows; one that has never run holds everything. Readers that only a newer copy
/// knows count too, by their rows.
pub async fn prune(app: &App, readers: &[Reader]) -> Result<u64> {
    let before = app.clock.now() - KEPT;
    let places = queries::places(&app.db.read).await?;
    let known = readers
        .iter()
        .map(|reader| places.iter().find(|place| place.name == reader.name).map_or(0, |place| place.seq));
    let stored = places.iter().filter(|place| place.name != sequencer::NAME).map(|place| place.seq);
    let Some(read) = known.chain(stored).min() else { return Ok(0) };
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::prune(tx, before, read, BATCH).await?)).await
}
