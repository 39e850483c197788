//! Money that no order waits for: it goes back once, however often it is told, and is asked for until it does.
use entity::{
    payment,
    payment_return::{self, Status},
};
use payments::RefundStanding;
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{give_back, outcome::Outcome, queries, settle::Captured};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    events::Event,
    failpoint,
};

/// The job that sends the money of a return back; its payload is `{payment_id, amount}`.
pub(super) const RETURN_MONEY: &str = "return_money";

/// The key of a payment's return at its provider.
pub(super) fn key(payment: Uuid) -> String {
    format!("return-{payment}")
}

/// Sees to it that what a payment brought goes back; false when it does already.
pub(super) async fn begin(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: Uuid,
    captured: &Captured,
) -> Result<bool> {
    let now = app.clock.now();
    if !queries::insert_return(tx, row(app, payment, captured)).await? {
        return Ok(false);
    }
    let payload = json!({"payment_id": payment, "amount": captured.amount});
    queue::enqueue(tx, NewJob::new(app.clock.new_id(), RETURN_MONEY, &payload), now).await?;
    let returned = Event::new("payment.returned", payment).with("amount", captured.amount);
    returned.record(tx, &app.clock).await?;
    Ok(true)
}

fn row(app: &App, payment: Uuid, captured: &Captured) -> payment_return::Model {
    payment_return::Model {
        payment_id: payment,
        amount: captured.amount,
        currency: captured.currency.clone(),
        status: Status::Pending,
        created_at: app.clock.now(),
        settled_at: None,
    }
}

/// Does the job of a return. One of an older copy of the store has no row yet.
pub(super) async fn run(app: &App, payment: Uuid, amount: i64) -> Result<()> {
    if queries::payment_return(&app.db.read, payment).await?.is_none() {
        let currency = queries::payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?.currency;
        let row = row(app, payment, &Captured { amount, currency });
        app.db.write(async |tx| Ok(queries::insert_return(tx, row.clone()).await?)).await?;
    }
    send(app, payment).await
}

/// Sends the money of a return back; again it is the same refund. What the provider says it can't send is flagged and not
/// asked again.
pub(super) async fn send(app: &App, payment: Uuid) -> Result<()> {
    let row = queries::payment_return(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    if row.status != Status::Pending {
        return Ok(());
    }
    let payment = queries::payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    let standing = give_back::ask(app, &payment, &key(payment.id), row.amount, row.created_at).await?;
    failpoint::reach("money_returned");
    let outcome = app.db.write(async |tx| end(app, tx, &payment, standing).await).await?;
    app.wake.poke();
    outcome.note(payment.id);
    Ok(())
}

async fn end(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    standing: RefundStanding,
) -> Result<Outcome> {
    if standing == RefundStanding::Failed {
        let outcome = failed(app, tx, payment.id).await?;
        outcome.flag(app, tx, Some(payment), payment.id).await?;
        return Ok(outcome);
    }
    let now = app.clock.now();
    queries::return_ended(tx, payment.id, &[Status::Pending], Status::Succeeded, now).await?;
    Ok(Outcome::Returned)
}

/// Notes that the provider can't send the money of a return back.
pub(super) async fn failed(app: &App, tx: &impl ConnectionTrait, payment: Uuid) -> Result<Outcome> {
    let from = [Status::Pending, Status::Succeeded];
    let noted = queries::return_ended(tx, payment, &from, Status::Failed, app.clock.now()).await?;
    Ok(if noted { Outcome::ReturnFailed } else { Outcome::Ignored })
}
