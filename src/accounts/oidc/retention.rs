//! Sign-ins that never came back, and codes that nobody swapped.
use chrono::Duration;

use super::queries;
use crate::{app::App, error::Result};

/// How long what is over lies about, for clocks that differ.
const MARGIN: Duration = Duration::hours(1);

/// Removes sign-ins and codes that are long over, and says how many.
pub async fn forget_old(app: &App) -> Result<u64> {
    let at = app.clock.now() - MARGIN;
    app.db.write(async |tx| Ok(queries::delete_expired(tx, at).await?)).await
}
