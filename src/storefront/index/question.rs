//! Where questions are asked of the index: on a thread for what takes long, or where one stands if it can't take long.
use std::sync::Arc;

use search::Snapshot;
use tokio::task::spawn_blocking;

use crate::error::{Error, Result};

/// Documents among which words are found in a fraction of a millisecond, which is about what it costs to wake a thread for it
/// and to hear of it.
const FEW: u64 = 2_000;

/// Asks the index a question.
pub(in crate::storefront) async fn ask<T: Send + 'static>(
    snapshot: Arc<Snapshot>,
    question: impl FnOnce(&Snapshot) -> T + Send + 'static,
) -> Result<T> {
    if snapshot.documents() <= FEW {
        return Ok(question(&snapshot));
    }
    spawn_blocking(move || question(&snapshot)).await.map_err(Error::unexpected)
}
