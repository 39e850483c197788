//! The audit log: every event that somebody caused, what befell an account's safety, and what the store did by itself to what
//! admins have set up, kept beyond the event log.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::audit_entry;
use futures::FutureExt;
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    error::Result,
    events::{self, Reader, Recorded},
    web::page::{Cursor, Page},
};

/// What is kept although nobody who is signed in did it: attempts on an account.
const WITHOUT_ACTOR: [&str; 4] = [
    "account.passkey_copied",
    "account.sign_in_failed",
    "account.sign_in_throttled",
    "session.reuse_detected",
];

/// What is kept although the store did it by itself: it ends what an admin has set up.
const BY_ITSELF: [&str; 1] = ["webhook.disabled"];

/// Follows the event log and keeps what has an actor, what the operator did, attempts on accounts, and what the store did to
/// what is set up.
pub const AUDIT_LOG: Reader = Reader { name: "audit_log", apply: |_, tx, events| keep(tx, events).boxed() };

async fn keep(tx: &DatabaseTransaction, recorded: &[Recorded]) -> Result<()> {
    let ids: Vec<Uuid> = recorded.iter().map(|event| event.id).collect();
    let mut origins = events::take_origins(tx, &ids).await?;
    let kept = recorded.iter().filter(|event| is_kept(event));
    let entries = kept.map(|event| entry(event, &mut origins)).collect();
    Ok(queries::insert_audit_entries(tx, entries).await?)
}

fn is_kept(event: &Recorded) -> bool {
    let attempt = event.account_id.is_some() && WITHOUT_ACTOR.contains(&event.kind.as_str());
    let by_itself = BY_ITSELF.contains(&event.kind.as_str());
    event.actor_id.is_some() || attempt || by_itself || events::is_operators(&event.data)
}

fn entry(event: &Recorded, origins: &mut HashMap<Uuid, String>) -> audit_entry::Model {
    let subject_type = event.kind.split('.').next().unwrap_or_default();
    let mut details = event.data.clone();
    if let (Some(account), Some(members)) = (event.account_id, details.as_object_mut()) {
        members.entry("account_id").or_insert_with(|| Value::from(account.to_string()));
    }
    audit_entry::Model {
        id: event.id,
        at: event.at,
        actor_id: event.actor_id,
        account_id: event.account_id,
        action: event.kind.clone(),
        subject_type: subject_type.to_owned(),
        subject_id: event.subject_id,
        ip: origins.remove(&event.id),
        details,
    }
}

/// Which entries to list; what is absent rules nothing out.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Filter {
    pub(super) actor: Option<Uuid>,
    pub(super) action: Option<String>,
    pub(super) subject: Option<Uuid>,
    /// Not before.
    pub(super) from: Option<DateTime<Utc>>,
    /// Before.
    pub(super) to: Option<DateTime<Utc>>,
}

/// Where an entry stands in the list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) at: DateTime<Utc>,
    pub(super) id: Uuid,
}

/// The entries that match, newest first.
pub(super) async fn list(
    app: &App,
    filter: &Filter,
    limit: u64,
    cursor: Option<&str>,
) -> Result<Page<audit_entry::Model>> {
    let name = serde_json::to_string(&("audit-log", filter)).map_err(crate::error::Error::unexpected)?;
    let key = &app.keys.cursor;
    let after = cursor.map(|text| Cursor::read::<Place>(key, &name, text)).transpose()?;
    let asked =
        async |db: &DatabaseConnection| Ok(queries::audit_entries(db, filter, after, limit + 1).await?);
    let entries = app.db.read_stale(asked).await?;
    Page::of(entries, limit, key, &name, |entry| Place { at: entry.at, id: entry.id })
}
