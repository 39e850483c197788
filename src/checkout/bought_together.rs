//! What is bought together: counted from the paid orders of a quarter.
use std::collections::HashMap;

use chrono::Duration;
use uuid::Uuid;

use super::queries;
use crate::{app::App, catalog, error::Result};

/// For how long a purchase counts.
const COUNTED: Duration = Duration::days(90);
/// Products whose company is counted by one statement.
const BATCH: usize = 100;
/// Others that are noted for a product: those that are bought with it most.
const MOST: usize = 24;

/// Counts which products the paid orders of the last 90 days hold together, and notes the most frequent of each.
pub async fn count_bought_together(app: &App) -> Result<()> {
    let since = app.clock.now() - COUNTED;
    let mut products: Vec<Uuid> = catalog::bought_with_others(&app.db.read).await?;
    let sold = app.db.read_stale(async |db| Ok(queries::sold_since(db, since).await?)).await?;
    products.extend(sold.into_iter().map(|(id, _)| id));
    products.sort_unstable();
    products.dedup();
    for batch in products.chunks(BATCH) {
        // One that isn't bought with anything any more is noted with nothing.
        let mut told: HashMap<Uuid, Vec<(Uuid, i64)>> = batch.iter().map(|id| (*id, Vec::new())).collect();
        let counted = app.db.read_stale(async |db| Ok(queries::sold_together(db, batch, since).await?));
        for (product, other, orders) in counted.await? {
            told.entry(product).or_default().push((other, orders));
        }
        for others in told.values_mut() {
            others.sort_by_key(|(other, orders)| (std::cmp::Reverse(*orders), *other));
            others.truncate(MOST);
        }
        catalog::set_bought_together(app, &told).await?;
    }
    tracing::debug!(products = products.len(), "counted what is bought together");
    Ok(())
}
