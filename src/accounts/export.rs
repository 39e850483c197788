//! What an account may take along of itself.
use serde_json::{Value, json};
use uuid::Uuid;

use super::{answers::AccountAnswer, profile, queries};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The account itself, as its owner sees it.
pub async fn exported(app: &App, id: Uuid) -> Result<Value> {
    let row = profile::find(app, id).await?;
    serde_json::to_value(AccountAnswer::from(row)).map_err(Error::unexpected)
}

/// Its sessions from behind `after`, ended ones too, each with its id.
pub async fn exported_sessions(
    app: &App,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_sessions(&app.db.read, id, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let session = json!({
            "id": row.id, "created_at": row.created_at, "last_used_at": row.last_used_at,
            "expires_at": row.expires_at, "revoked_at": row.revoked_at, "proven_at": row.proven_at,
            "ip": row.ip, "user_agent": row.user_agent,
        });
        (row.id, session)
    });
    Ok(told.collect())
}
