//! What activations tell of a person: taken along, and erased.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries;
use crate::{app::App, catalog::licenses::ids_of, error::Result, library::sources_of};

/// The devices on which an account's licence keys are active, from behind one.
pub async fn exported_activations(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::of_keys(&app.db.read, ids_of(sources_of(account)), after, most).await?;
    let told = rows.into_iter().map(|row| {
        let activation = json!({
            "id": row.id, "fingerprint": row.fingerprint, "name": row.name, "activated_at": row.activated_at,
        });
        (row.id, activation)
    });
    Ok(told.collect())
}

/// Forgets on which devices an account's licence keys are active.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::delete_of(tx, ids_of(sources_of(account))).await?)
}
