//! The event log: what happened, written in the transaction in which it happened, and read in one order by everybody.
mod origin;
mod queries;
mod reader;
mod record;
mod retention;
mod sequencer;

pub use entity::event::Model as Recorded;
pub use origin::{erase, from, take_origins};
pub use reader::{Apply, Reader};
pub use record::{Event, is_operators, record_all};
pub use retention::{KEPT, prune};
pub use sequencer::number;

use uuid::Uuid;

use crate::{app::App, db::Told, error::Result};

/// The last number that was given to an event; lower than it was in a database that was put back.
pub async fn newest(app: &App) -> Result<i64> {
    Ok(queries::place(&app.db.read, sequencer::NAME).await?)
}

/// The next events after a number with theirs, for who follows the log and keeps its place elsewhere.
pub async fn after(app: &App, seq: i64, limit: u64) -> Result<Vec<(i64, Told)>> {
    let rows = queries::after(&app.db.read, seq, limit).await?;
    Ok(rows.iter().filter_map(|row| Some((row.seq?, queries::told(row)))).collect())
}

/// One event; none when there is none, or none any more.
pub async fn find(app: &App, id: Uuid) -> Result<Option<Recorded>> {
    Ok(queries::find(&app.db.read, id).await?)
}

/// How far a reader is behind the newest numbered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The reader.
    pub reader: String,
    /// Events it has not applied yet.
    pub events: i64,
}

/// Committed events that wait for their number.
pub async fn unnumbered(app: &App) -> Result<u64> {
    Ok(queries::count_unnumbered(&app.db.read).await?)
}

/// How far every reader is behind, in no order.
pub async fn lags(app: &App) -> Result<Vec<Lag>> {
    let places = queries::places(&app.db.read).await?;
    let newest = places.iter().find(|place| place.name == sequencer::NAME).map_or(0, |place| place.seq);
    let readers = places.into_iter().filter(|place| place.name != sequencer::NAME);
    Ok(readers.map(|place| Lag { events: newest - place.seq, reader: place.name }).collect())
}
