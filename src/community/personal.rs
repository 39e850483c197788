//! What the community holds of a person: taken along, and erased.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result};

/// What is on a wishlist, from behind a product.
pub async fn exported_wishlist(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_wishes(&app.db.read, account, after, most).await?;
    let told = rows
        .into_iter()
        .map(|row| (row.product_id, json!({"product_id": row.product_id, "added_at": row.added_at})));
    Ok(told.collect())
}

/// Takes the wishlist away.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::unwish_all(tx, account).await?)
}
