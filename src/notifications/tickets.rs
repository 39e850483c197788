//! Tickets: a browser's EventSource can send no header, so it opens a stream by what it was given for that alone.
use chrono::{DateTime, Duration, Utc};
use entity::stream_ticket::Model;
use serde::Serialize;
use utoipa::ToSchema;

use super::queries::tickets as queries;
use crate::{
    accounts::{self, Account},
    app::App,
    config::Rate,
    error::{Refusal, Result},
    keys::{new_token, sha256},
};

/// How long a ticket opens a stream.
const LIFE: Duration = Duration::seconds(60);
/// Tickets that one account may ask for: each is a row.
const PER_ACCOUNT: Rate = Rate::new(120, 10 * 60);

const INVALID_TICKET: Refusal =
    Refusal::unauthorized("invalid_ticket", "This ticket is unknown, was used, or is older than a minute.");

/// What opens one stream of mine, once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StreamTicket {
    /// For `?ticket=`.
    ticket: String,
    /// UTC.
    expires_at: DateTime<Utc>,
}

/// Gives a ticket to an account; 429 `too_many_attempts`.
pub(super) async fn give(app: &App, account: &Account) -> Result<StreamTicket> {
    accounts::deed(app, account.id, "stream tickets", PER_ACCOUNT).await?;
    let ticket = new_token()?;
    let expires_at = app.clock.now() + LIFE;
    let row = Model {
        ticket_hash: sha256(ticket.as_bytes()),
        account_id: account.id,
        credential_id: account.session,
        ends_at: account.until,
        expires_at,
        used_at: None,
    };
    app.db
        .write(async |tx| {
            accounts::lock(tx, account.id).await?;
            Ok(queries::insert(tx, row.clone()).await?)
        })
        .await?;
    Ok(StreamTicket { ticket, expires_at })
}

/// Who was given a ticket that was not used yet, while their credential stands; 401 `invalid_ticket`.
pub(super) async fn holder(app: &App, ticket: &str) -> Result<Account> {
    let row = queries::unused(&app.db.read, &sha256(ticket.as_bytes()), app.clock.now()).await?;
    let row = row.ok_or(INVALID_TICKET)?;
    let account = accounts::standing(app, row.credential_id).await?;
    let account = account.filter(|account| account.id == row.account_id).ok_or(INVALID_TICKET)?;
    Ok(Account { until: row.ends_at, ..account })
}

/// Uses a ticket up; 401 `invalid_ticket` when somebody else was quicker.
pub(super) async fn redeem(app: &App, ticket: &str) -> Result<()> {
    let (hash, now) = (sha256(ticket.as_bytes()), app.clock.now());
    let taken = app.db.write(async |tx| Ok(queries::take(tx, &hash, now).await?)).await?;
    if taken { Ok(()) } else { Err(INVALID_TICKET.into()) }
}
