//! What a provider never told, or could not: open payments are looked at, and refunds that wait are asked for again.
use chrono::TimeDelta;
use entity::payment;
use payments::Standing;

use super::{
    open::told,
    provider_events::{Outcome, card, ended, received},
    queries, refunds,
    settle::Captured,
};
use crate::{app::App, error::Result, failpoint};

/// How old a payment is before it is looked at: its event is likely under way until then.
const PAYMENT_AGE: TimeDelta = TimeDelta::minutes(1);
/// How old a refund is before it is asked for again: its job is likely at it until then.
const REFUND_AGE: TimeDelta = TimeDelta::minutes(15);
/// Payments that are read together, and refunds that are asked for in one run.
const BATCH: u64 = 100;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Open payments that were looked at.
    pub looked_at: u64,
    /// Those of them that were settled or closed by it.
    pub settled: u64,
    /// Refunds that were asked for again.
    pub refunds: u64,
    /// What could not be asked at present.
    pub unreachable: u64,
}

/// Looks at every open payment whose provider can be asked, and asks for every refund that waits. What can't be reached
/// keeps nothing else waiting, and is asked by the next run.
pub async fn reconcile(app: &App) -> Result<Reconciled> {
    let mut run = Reconciled::default();
    if let Some(stripe) = app.payments.stripe() {
        tracing::debug!(live = stripe.is_live(), "looking at open payments");
        payments(app, &mut run).await?;
    }
    let now = app.clock.now();
    for refund in queries::waiting_refunds(&app.db.read, now - REFUND_AGE, BATCH).await? {
        run.refunds += 1;
        if let Err(error) = refunds::give_back(app, refund).await {
            run.unreachable += 1;
            tracing::warn!(%refund, %error, "could not ask for a refund");
        }
    }
    Ok(run)
}

async fn payments(app: &App, run: &mut Reconciled) -> Result<()> {
    let (before, mut after) = (app.clock.now() - PAYMENT_AGE, None);
    loop {
        let waiting =
            queries::waiting_payments(&app.db.read, payments::Stripe::NAME, before, after, BATCH).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = Some(last.id);
        for payment in waiting {
            run.looked_at += 1;
            match look(app, &payment).await {
                Ok(Outcome::Applied | Outcome::Returned) => run.settled += 1,
                Ok(Outcome::Ignored) => {}
                Ok(outcome) => {
                    tracing::warn!(payment = %payment.id, outcome = outcome.as_str(), "a payment needs a look");
                }
                Err(error) => {
                    run.unreachable += 1;
                    tracing::warn!(payment = %payment.id, %error, "could not look at a payment");
                }
            }
        }
    }
}

async fn look(app: &App, payment: &payment::Model) -> Result<Outcome> {
    let provider = app.payments.named(&payment.provider).zip(payment.provider_ref.as_deref());
    let Some((provider, reference)) = provider else { return Ok(Outcome::Ignored) };
    let standing = provider.look(reference).await.map_err(told)?;
    failpoint::reach("payment_looked_at");
    let outcome = match standing {
        Some(Standing::Received(money)) => {
            let captured = Captured { amount: money.amount, currency: money.currency };
            let card = card(app, money.reference.as_deref()).await;
            app.db.write(async |tx| received(app, tx, payment, &captured, card.as_ref()).await).await?
        }
        Some(Standing::Closed) => {
            let expired = entity::order::Status::Expired;
            app.db.write(async |tx| ended(app, tx, payment, expired).await).await?
        }
        Some(Standing::Open | Standing::Processing) | None => Outcome::Ignored,
    };
    app.wake.poke();
    Ok(outcome)
}
