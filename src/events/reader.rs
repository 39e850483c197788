//! Somebody who follows the log: what follows from an event is written exactly once, in the log's order.
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{Recorded, queries};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Events applied in one transaction.
const BATCH: u64 = 200;

/// What a reader does with the next events, in the transaction that moves its place on. It may be rerun whole.
pub type Apply = for<'a> fn(&'a App, &'a DatabaseTransaction, &'a [Recorded]) -> BoxFuture<'a, Result<()>>;

/// A reader of the log. Its place is a row of its name: both are kept for as long as the reader exists, and a
/// migration that retires a reader deletes its row, or nothing is ever pruned again.
#[derive(Clone, Copy)]
pub struct Reader {
    /// Its name; no other reader has it.
    pub name: &'static str,
    /// What it does.
    pub apply: Apply,
}

impl Reader {
    /// Applies every numbered event it has not applied yet, and says how many those were.
    pub async fn catch_up(&self, app: &App) -> Result<usize> {
        let mut applied = 0;
        // Asked first, so that an idle store writes nothing.
        while self.is_behind(app).await? {
            let some = self.step(app).await?;
            applied += some;
            // What comes later wakes the reader again.
            if some < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(applied)
    }

    async fn is_behind(&self, app: &App) -> Result<bool> {
        let place = queries::place(&app.db.read, self.name).await?;
        Ok(!queries::after(&app.db.read, place, 1).await?.is_empty())
    }

    async fn step(&self, app: &App) -> Result<usize> {
        app.db
            .write(async |tx| {
                let place = queries::lock_place(tx, self.name).await?;
                let events = queries::after(tx, place, BATCH).await?;
                let Some(last) = events.last().and_then(|event| event.seq) else { return Ok(0) };
                (self.apply)(app, tx, &events).await?;
                if !queries::advance(tx, self.name, place, last).await? {
                    return Err(Error::unexpected("another copy moved a reader without its lock"));
                }
                Ok(events.len())
            })
            .await
    }
}
