//! Ceremonies: what was asked lies sealed in a row, and is used up by the first answer, right or wrong.
use chrono::Duration;
use entity::passkey_ceremony::Model;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    error::{Error, Result},
};

/// How long the answer may take.
const LIFE: Duration = Duration::minutes(5);

/// Keeps what was asked; the answer names it by the id.
pub(super) async fn begin(app: &App, account: Option<Uuid>, state: &impl Serialize) -> Result<Uuid> {
    let id = crate::keys::random_id()?;
    let state = serde_json::to_vec(state).map_err(Error::unexpected)?;
    let row = Model {
        id,
        account_id: account,
        sealed: app.master.seal(&seal_name(id), &state)?,
        expires_at: app.clock.now() + LIFE,
    };
    app.db.write(async |tx| Ok(queries::insert_ceremony(tx, row.clone()).await?)).await?;
    Ok(id)
}

/// What was asked of `account`, or of nobody in particular, used up; none when it is unknown, used, too old or
/// another's.
pub(super) async fn take<T: DeserializeOwned>(
    app: &App,
    id: Uuid,
    account: Option<Uuid>,
) -> Result<Option<T>> {
    let now = app.clock.now();
    let taken = app
        .db
        .write(async |tx| {
            let row = queries::ceremony(tx, id).await?.filter(|row| row.account_id == account);
            let Some(row) = row.filter(|row| row.expires_at > now) else { return Ok(None) };
            Ok(queries::delete_ceremony(tx, id).await?.then_some(row))
        })
        .await?;
    let Some(row) = taken else { return Ok(None) };
    let state = app.master.open(&seal_name(id), &row.sealed)?;
    Ok(Some(serde_json::from_slice(&state).map_err(Error::unexpected)?))
}

/// Removes the ceremonies that nobody ended in time; says how many.
pub async fn forget_ceremonies(app: &App) -> Result<u64> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(queries::delete_expired(tx, now).await?)).await
}

/// What binds a sealed state to its row.
fn seal_name(id: Uuid) -> String {
    format!("passkey ceremony {id}")
}
