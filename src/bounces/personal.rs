//! What an account may take along of whether it is mailed.
use sea_orm::ActiveEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{accounts, app::App, error::Result, mail};

/// That nothing is mailed to its address, and why, if that is so; one row, so none is behind another.
pub async fn exported(app: &App, id: Uuid, after: Option<Uuid>) -> Result<Vec<(Uuid, Value)>> {
    let db = &app.db.read;
    let Some(address) = accounts::address(db, id).await?.filter(|_| after.is_none()) else {
        return Ok(Vec::new());
    };
    let reason = mail::suppressed(db, &app.keys, &address).await?;
    Ok(reason.into_iter().map(|reason| (id, json!({"suppressed": reason.to_value()}))).collect())
}
