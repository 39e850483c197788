//! How long it is known what endpoints were told.
use chrono::{DateTime, Utc};

use super::queries;
use crate::{app::App, error::Result};

/// Deliveries removed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 500;

/// Removes deliveries from before a time, with their attempts, and says how many.
pub async fn forget_deliveries(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::prune(tx, before, BATCH).await?)).await
}
