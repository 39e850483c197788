//! Numbers the events that have committed, so that readers have one order in which nothing appears late.
use super::queries;
use crate::{
    db::Db,
    error::{Error, Result},
};

/// The row that holds the last number given; whoever has it locked is the sequencer.
pub(super) const NAME: &str = "sequencer";
/// Events numbered in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 2_000;

/// Numbers every committed event that has no number yet, and says how many those were.
///
/// An id is made before its transaction commits, so ids can't be the order: an event that commits late would stand
/// behind a reader that has passed. A number is given after the commit, by one transaction at a time.
pub async fn number(db: &Db) -> Result<u64> {
    let mut numbered = 0;
    // Asked first, so that an idle store writes nothing.
    while queries::any_unnumbered(&db.read).await? {
        let batch = db
            .write(async |tx| {
                let last = queries::lock_place(tx, NAME).await?;
                let batch = queries::number(tx, last, BATCH).await?;
                if !queries::advance(tx, NAME, last, last + batch).await? {
                    return Err(Error::unexpected("another copy numbers events without the lock"));
                }
                Ok(batch)
            })
            .await?;
        numbered += batch.unsigned_abs();
        if batch.unsigned_abs() < BATCH {
            break;
        }
    }
    Ok(numbered)
}
