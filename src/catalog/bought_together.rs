//! What is bought together: kept for reading, and told by who keeps the orders.
use std::collections::HashMap;

use entity::product_affinity::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries::relations;
use crate::{app::App, error::Result};

/// Products that one transaction changes: short enough that no purchase waits for it.
const BATCH: usize = 100;

/// What is bought together with a product, most often first, at most so many.
pub async fn bought_with(db: &impl ConnectionTrait, product: Uuid, most: u64) -> Result<Vec<Uuid>> {
    Ok(relations::bought_with(db, product, most).await?)
}

/// The products of which something is noted that is bought together.
pub async fn bought_with_others(db: &impl ConnectionTrait) -> Result<Vec<Uuid>> {
    Ok(relations::bought_with_others(db).await?)
}

/// Makes what was told the products that are bought together with each of some: their ids, with how many orders hold
/// both.
pub async fn set_bought_together(app: &App, told: &HashMap<Uuid, Vec<(Uuid, i64)>>) -> Result<()> {
    let mut changed: Vec<Uuid> = told.keys().copied().collect();
    changed.sort_unstable();
    for batch in changed.chunks(BATCH) {
        let pairs = batch.iter().filter_map(|id| Some((id, told.get(id)?)));
        let rows = pairs.flat_map(|(id, others)| {
            others.iter().map(|(related, orders)| Model {
                product_id: *id,
                related_id: *related,
                orders: *orders,
            })
        });
        let rows: Vec<Model> = rows.collect();
        app.db.write(async |tx| Ok(relations::replace_bought_with(tx, batch, rows.clone()).await?)).await?;
    }
    Ok(())
}
