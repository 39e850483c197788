//! What sells: how often each product was bought lately, counted from the orders.
use chrono::Duration;

use super::queries;
use crate::{app::App, catalog, error::Result};

/// For how long a purchase counts.
const COUNTED: Duration = Duration::days(30);

/// Counts the paid lines of the last 30 days that were not given back, and makes them the popularity of products.
pub async fn count_popularity(app: &App) -> Result<()> {
    let since = app.clock.now() - COUNTED;
    let sold = app.db.read_stale(async |db| Ok(queries::sold_since(db, since).await?)).await?;
    let changed = catalog::set_popularity(app, sold.into_iter().collect()).await?;
    tracing::debug!(changed, "counted what sells");
    Ok(())
}
