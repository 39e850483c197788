//! What the audit log holds of a person: taken along, and forgotten.
use chrono::{DateTime, Utc};
use entity::audit_entry;
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result};

/// Entries changed in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 1_000;

/// What an account did and what was done to it, from behind an entry.
pub async fn exported(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::entries_of(&app.db.read, account, after, most).await?;
    Ok(rows.into_iter().map(|row| (row.id, told(account, row))).collect())
}

/// From where others came, and to whom somebody did it who is another, is not the account's.
fn told(account: Uuid, row: audit_entry::Model) -> Value {
    let by_others = row.actor_id.is_some_and(|actor| actor != account);
    let to_others = row.account_id.is_some_and(|whose| whose != account);
    let mut entry = Map::new();
    let mut tell = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    tell("id", json!(row.id));
    tell("at", json!(row.at));
    tell("action", json!(row.action));
    if !by_others {
        tell("ip", json!(row.ip));
    }
    if !to_others {
        tell("subject_type", json!(row.subject_type));
        tell("subject_id", json!(row.subject_id));
        tell("details", row.details);
    }
    Value::Object(entry)
}

/// Forgets from where an account did what it did, and from where nobody signed in tried something on it.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::forget_addresses_of(tx, account).await?)
}

/// Forgets the addresses of entries from before; says how many.
pub async fn forget_addresses(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::forget_addresses(tx, before, BATCH).await?)).await
}
