//! Sessions as requests see them: read from the database at most every two seconds each.
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::account;
use moka::future::Cache;
use uuid::Uuid;

use super::{Account, queries};
use crate::{app::App, error::Result};

/// How long a revocation, a suspension or a new role may go unnoticed.
const FRESH: Duration = Duration::from_secs(2);
/// Sessions remembered at once.
const CAPACITY: u64 = 100_000;

/// What is remembered of a session: none when it doesn't let in.
pub(super) type Sessions = Cache<Uuid, Option<(Account, DateTime<Utc>)>>;

pub(super) fn cache() -> Sessions {
    Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build()
}

/// The account behind a session, unless that is revoked, expired or suspended; 503 when the database does not answer.
pub(super) async fn account(app: &App, session: Uuid) -> Result<Option<Account>> {
    let now = app.clock.now();
    let entry = match app.identity.sessions.get(&session).await {
        Some(entry) => entry,
        None => {
            let read = read(app, session).await?;
            app.identity.sessions.insert(session, read.clone()).await;
            read
        }
    };
    Ok(entry.filter(|(_, expires_at)| *expires_at > now).map(|(account, _)| account))
}

async fn read(app: &App, id: Uuid) -> Result<Option<(Account, DateTime<Utc>)>> {
    let session = queries::session(&app.db.read, id).await?.filter(|session| session.revoked_at.is_none());
    let Some(session) = session else { return Ok(None) };
    let row = queries::account(&app.db.read, session.account_id).await?;
    let Some(row) = row.filter(|row| row.status == account::Status::Active) else { return Ok(None) };
    let account = Account {
        id: row.id,
        session: id,
        proven_at: session.proven_at,
        until: Some(session.expires_at),
        locale: row.locale.and_then(|tag| tag.parse().ok()),
        country: row.country.and_then(|code| code.parse().ok()),
        editor: row.editor,
        support: row.support,
        admin: row.admin,
    };
    Ok(Some((account, session.expires_at)))
}
