//! What notifications hold of a person: taken along, and erased.
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::queries::{self, preferences, tickets, unsubscribes};
use crate::{app::App, error::Result};

/// What an account was told, from behind one.
pub async fn exported(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_of(&app.db.read, account, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let notification = json!({
            "id": row.id, "kind": row.kind, "subject_id": row.subject_id, "product_id": row.product_id,
            "data": row.data, "shown": row.shown, "mailed": row.mailed, "created_at": row.created_at,
            "read_at": row.read_at,
        });
        (row.id, notification)
    });
    Ok(told.collect())
}

/// How an account chose to be told. It fits on one page, so nothing is behind another.
pub async fn exported_preferences(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
) -> Result<Vec<(Uuid, Value)>> {
    if after.is_some() {
        return Ok(Vec::new());
    }
    let rows = preferences::of(&app.db.read, &[account]).await?;
    let told = rows.into_iter().map(|row| {
        let choice = json!({"kind": row.kind, "email": row.email, "in_app": row.in_app});
        (account, choice)
    });
    Ok(told.collect())
}

/// Takes away what an account was told, what it chose, and what streams and mails of it are opened and ended by.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    queries::delete_of(tx, account).await?;
    preferences::delete_of(tx, account).await?;
    tickets::delete_of(tx, account).await?;
    Ok(unsubscribes::delete_of(tx, account).await?)
}
