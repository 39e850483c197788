//! How endpoints fare, and when the store stops telling one.
use chrono::Duration;
use entity::webhook::{ActiveModel, Disabled, Model};
use sea_orm::{
    ActiveEnum,
    ActiveValue::{Set, Unchanged},
    DatabaseTransaction,
};
use url::Url;
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result, events::Event};

/// How long an endpoint may fail on end.
const PATIENCE: Duration = Duration::days(5);
/// A failure so long after the one before begins a new row of them: nobody knows how it fared meanwhile. No wait
/// between attempts is as long.
const SILENCE: Duration = Duration::hours(24);

/// How an attempt went, as far as it tells of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It took something.
    Well,
    /// It did not.
    Failed,
    /// It says that it is no more.
    Gone,
}

/// Notes how an endpoint fared, whose row is locked, and disables it when that was once too often. Says whether it is
/// told on.
pub(super) async fn note(tx: &DatabaseTransaction, app: &App, row: &Model, sign: Sign) -> Result<bool> {
    if row.disabled.is_some() {
        return Ok(false);
    }
    let now = app.clock.now();
    let begun = row.failing_since.filter(|_| row.failed_at.is_some_and(|last| now - last < SILENCE));
    let since = begun.unwrap_or(now);
    let reason = match sign {
        Sign::Well if row.failing_since.is_none() => return Ok(true),
        Sign::Gone => Some(Disabled::Gone),
        Sign::Failed if now - since >= PATIENCE => Some(Disabled::Failing),
        Sign::Well | Sign::Failed => None,
    };
    let failing = sign != Sign::Well;
    let change = ActiveModel {
        id: Unchanged(row.id),
        failing_since: Set(failing.then_some(since)),
        failed_at: Set(failing.then_some(now)),
        ..Default::default()
    };
    queries::update(tx, change).await?;
    match reason {
        None => Ok(true),
        Some(reason) => {
            tracing::warn!(webhook = %row.id, ?reason, "a webhook is disabled");
            disable(tx, app, row, reason, None).await?;
            Ok(false)
        }
    }
}

/// Stops telling an endpoint, whose row is locked, and gives up what waits for it.
pub(super) async fn disable(
    tx: &DatabaseTransaction,
    app: &App,
    row: &Model,
    reason: Disabled,
    admin: Option<Uuid>,
) -> Result<()> {
    let change = ActiveModel { id: Unchanged(row.id), disabled: Set(Some(reason)), ..Default::default() };
    queries::update(tx, change).await?;
    queries::give_up(tx, row.id, app.clock.now()).await?;
    let event =
        Event::new("webhook.disabled", row.id).with("reason", reason.to_value()).with("host", host(row));
    let event = match admin {
        Some(admin) => event.actor(admin),
        None => event,
    };
    Ok(event.record(tx, &app.clock).await?)
}

/// By which admins tell endpoints apart; the rest of an address may hold secrets.
fn host(row: &Model) -> String {
    let url = Url::parse(&row.url).ok();
    url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned()
}
