//! How often products were bought lately: kept in their rows, and told by who keeps the orders.
use std::collections::HashMap;

use uuid::Uuid;

use super::queries::products;
use crate::{app::App, error::Result, events::Event};

/// Products that one transaction changes: short enough that no purchase waits for it.
const BATCH: usize = 200;

/// Makes what was told the popularity of each product, and 0 that of all others; says how many changed. Their version
/// stays, for nobody edited them.
pub async fn set_popularity(app: &App, mut told: HashMap<Uuid, i64>) -> Result<usize> {
    for (id, popularity) in products::popular(&app.db.read).await? {
        match told.get(&id) {
            Some(same) if *same == popularity => drop(told.remove(&id)),
            Some(_) => {}
            None => drop(told.insert(id, 0)),
        }
    }
    let mut changed: Vec<(Uuid, i64)> = told.into_iter().collect();
    changed.sort_unstable();
    for batch in changed.chunks(BATCH) {
        app.db
            .write(async |tx| {
                for (id, popularity) in batch {
                    if products::set_popularity(tx, *id, *popularity).await? {
                        Event::new("product.popularity_counted", *id).record(tx, &app.clock).await?;
                    }
                }
                Ok(())
            })
            .await?;
    }
    Ok(changed.len())
}
