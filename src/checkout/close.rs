//! Calling an unpaid order off: cancelled by its buyer, replaced by a newer one, or expired.
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    order::{self, Status},
    payment,
};
use payments::Closing;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{credit, gifts, machine, open::told, queries, settle};
use crate::{app::App, catalog::licenses, error::Result, failpoint};

/// Orders that expire between two looks at the table.
const BATCH: u64 = 100;
/// How soon and how late a provider is asked again to close what is being paid there: after as long as it is overdue.
const SOONEST: TimeDelta = TimeDelta::seconds(30);
const LATEST: TimeDelta = TimeDelta::hours(1);

/// Closes an order, at its provider first, so that nobody pays what is closed here. False when it is no longer open,
/// or is being paid.
pub(super) async fn close(app: &App, order: Uuid, to: Status) -> Result<bool> {
    let (mut open, mut closed) = (queries::payments(&app.db.read, &[order]).await?, Vec::new());
    loop {
        // One that no provider knows yet may be known to it by the time the order is locked.
        for payment in open.iter().filter(|payment| payment.provider_ref.is_some()) {
            if at_provider(app, payment).await? == Closing::Captured {
                return Ok(false);
            }
            closed.push(payment.id);
        }
        failpoint::reach("order_called_off");
        let attempt = app.db.write(async |tx| attempt(app, tx, order, to, &closed).await).await?;
        match attempt {
            Attempt::Ended(is_closed) => return Ok(is_closed),
            Attempt::Opened(meanwhile) => open = meanwhile,
        }
    }
}

/// What came of closing an order.
enum Attempt {
    /// It is closed; false when it was no longer open.
    Ended(bool),
    /// These of its payments were opened at their provider meanwhile.
    Opened(Vec<payment::Model>),
}

async fn attempt(
    app: &App,
    tx: &impl ConnectionTrait,
    order: Uuid,
    to: Status,
    closed: &[Uuid],
) -> Result<Attempt> {
    let order = settle::locked_order(tx, order).await?;
    if order.status != Status::Pending {
        return Ok(Attempt::Ended(false));
    }
    let meanwhile = still_open(tx, &[order.id], closed).await?;
    if meanwhile.is_empty() {
        close_in(app, tx, &order, to).await.map(Attempt::Ended)
    } else {
        Ok(Attempt::Opened(meanwhile))
    }
}

/// The payments of these orders that a provider knows, but for those that were `closed` there. Until the caller's transaction
/// ends no other is opened: who opens one then finds it closed, and closes its session.
pub(super) async fn still_open(
    tx: &impl ConnectionTrait,
    orders: &[Uuid],
    closed: &[Uuid],
) -> Result<Vec<payment::Model>> {
    let mut payments = queries::lock_payments(tx, orders).await?;
    payments.retain(|payment| payment.provider_ref.is_some() && !closed.contains(&payment.id));
    Ok(payments)
}

/// Closes an order whose payments are closed at their provider, and locked; false when it is no longer open.
pub(super) async fn close_in(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    to: Status,
) -> Result<bool> {
    if order.status != Status::Pending || !machine::advance(tx, &app.clock, order, to).await? {
        return Ok(false);
    }
    queries::close_payments(tx, order.id, app.clock.now()).await?;
    let lines = queries::lines(tx, &[order.id]).await?;
    let held: Vec<(Uuid, Uuid)> = lines.iter().map(|line| (line.product_id, line.id)).collect();
    licenses::give_back(tx, app, &held).await?;
    queries::give_coupon_back(tx, order.id).await?;
    gifts::called_off(tx, order.id).await?;
    credit::give_back(app, tx, order).await?;
    Ok(true)
}

/// Closes a payment at its provider, if it got there: one without the provider's id is closed by whoever opens it.
pub(super) async fn at_provider(app: &App, payment: &payment::Model) -> Result<Closing> {
    let Some(reference) = &payment.provider_ref else { return Ok(Closing::Closed) };
    if !queries::OPEN.contains(&payment.status) {
        return Ok(Closing::Closed);
    }
    match app.payments.named(&payment.provider) {
        Some(provider) => provider.cancel(reference).await.map_err(told),
        None => {
            tracing::warn!(provider = payment.provider, "a payment of a provider that is no longer set up");
            Ok(Closing::Closed)
        }
    }
}

/// Expires every open order whose time is over; says how many. Several copies may do so at once.
pub async fn expire_due(app: &App) -> Result<u64> {
    expire(app, None).await
}

/// Expires an account's overdue orders, so that it never sees one as open that no sweep has reached yet.
pub(super) async fn expire_of(app: &App, account: Uuid) -> Result<()> {
    expire(app, Some(account)).await?;
    Ok(())
}

async fn expire(app: &App, account: Option<Uuid>) -> Result<u64> {
    let (mut expired, mut after) = (0, None);
    loop {
        let due = queries::overdue(&app.db.read, account, app.clock.now(), after, BATCH).await?;
        let Some(last) = due.last() else { return Ok(expired) };
        after = Some(last.0);
        for (order, since) in due {
            match close(app, order, Status::Expired).await {
                Ok(true) => expired += 1,
                Ok(false) => put_off(app, order, since).await?,
                // One that can't be closed at present keeps no other open, and is tried again by the next sweep.
                Err(error) => tracing::warn!(%order, %error, "could not expire an order"),
            }
        }
    }
}

/// Leaves an order alone for a while that is being paid although its time is over: its provider tells, or is looked at.
async fn put_off(app: &App, order: Uuid, since: DateTime<Utc>) -> Result<()> {
    let now = app.clock.now();
    let until = now + (now - since).clamp(SOONEST, LATEST);
    app.db.write(async |tx| Ok(queries::put_off(tx, order, until).await?)).await
}
