//! What is kept for a time and then removed.
use chrono::{DateTime, Duration, Utc};

use super::readers;
use crate::{
    accounts, app::App, backoffice, checkout, community, delivery, error::Result, events, idempotency,
    notifications, webhooks,
};

/// How long what payment providers told can still be looked at: longer than they tell it again.
const PROVIDER_EVENTS_KEPT: Duration = Duration::days(90);
/// How long jobs that are done can still be looked at. Dead ones stay until an operator decides.
const DONE_JOBS_KEPT: Duration = Duration::days(7);

/// How long it is known why reviews were reported, once support has judged them.
const JUDGED_REPORTS_KEPT: Duration = Duration::days(90);

/// How long it is known what endpoints were told.
const WEBHOOK_DELIVERIES_KEPT: Duration = Duration::days(30);

/// Removes what is past its time: events, done jobs, idempotency keys, mailed links, sign-ins that are over, throttles,
/// and what is personal.
pub(super) async fn run(app: &App) -> Result<()> {
    let events = events::prune(app, &readers()).await?;
    let jobs = prune_jobs(app).await?;
    let keys = idempotency::forget_old(app).await?;
    let links = accounts::forget_links(app).await?;
    let sign_ins = accounts::forget_old(app).await?
        + accounts::forget_ceremonies(app).await?
        + accounts::forget_token_keys(app).await?;
    let throttles = accounts::prune_throttles(app).await?;
    tracing::debug!(events, jobs, keys, links, sign_ins, throttles, "removed what is past its time");
    let uploads = delivery::prune_uploads(app).await?;
    tracing::debug!(uploads, "removed uploads that came to no end");
    let copies = delivery::forget_copies(app).await?;
    tracing::debug!(copies, "forgot copies that nobody asks for");
    let logged = delivery::forget_logged(app).await?;
    tracing::debug!(logged, "forgot requests that were counted by logs");
    let deliveries = webhooks::forget_deliveries(app, app.clock.now() - WEBHOOK_DELIVERIES_KEPT).await?;
    tracing::debug!(deliveries, "removed what endpoints were told long ago");
    let told = notifications::forget(app).await?;
    tracing::debug!(told, "removed what accounts were told long ago");
    let settings = &app.config.privacy;
    let sessions = accounts::retention::prune(app, days_ago(app, settings.sessions_days)).await?;
    let before = days_ago(app, settings.addresses_days);
    let addresses = accounts::retention::forget_addresses(app, before).await?
        + backoffice::forget_addresses(app, before).await?
        + checkout::forget_addresses(app, before).await?
        + delivery::forget_addresses(app, before).await?;
    let told = checkout::forget_provider_events(app, app.clock.now() - PROVIDER_EVENTS_KEPT).await?;
    tracing::debug!(told, "removed what payment providers told long ago");
    let carts = checkout::forget_carts(app, days_ago(app, settings.carts_days)).await?;
    let reports = community::forget_reports(app, app.clock.now() - JUDGED_REPORTS_KEPT).await?;
    tracing::debug!(sessions, addresses, carts, reports, "forgot what is personal and past its time");
    Ok(())
}

fn days_ago(app: &App, days: u16) -> DateTime<Utc> {
    app.clock.now() - Duration::days(days.into())
}

async fn prune_jobs(app: &App) -> Result<u64> {
    let before = app.clock.now() - DONE_JOBS_KEPT;
    let mut pruned = 0;
    loop {
        let batch = app.db.write(async |tx| Ok(queue::prune(tx, before).await?)).await?;
        pruned += batch;
        if batch < queue::PRUNE_BATCH {
            return Ok(pruned);
        }
    }
}
