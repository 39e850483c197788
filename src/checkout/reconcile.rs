//! What a provider never told, or could not: open payments are looked at, and what waits for a provider is asked for again,
//! whether or not its job still is.
use chrono::TimeDelta;
use entity::payment;
use payments::Standing;
use uuid::Uuid;

use super::{
    give_back,
    open::told,
    outcome::Outcome,
    provider_events::{self, card, ended, received},
    queries, returns,
    settle::Captured,
};
use crate::{app::App, error::Result, failpoint};

/// How old a payment is before it is looked at: its event is likely under way until then.
const PAYMENT_AGE: TimeDelta = TimeDelta::minutes(1);
/// How old a refund, a return or an event is before it is taken up again: its job is likely at it until then.
const JOB_AGE: TimeDelta = TimeDelta::minutes(15);
/// Rows that are read together.
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
    /// Money that no order waits for and that was sent back again.
    pub returns: u64,
    /// Events whose jobs were given up and that are applied anew.
    pub events: u64,
    /// What could not be asked at present.
    pub unreachable: u64,
}

/// Looks at every open payment whose provider can be asked, and takes up every refund, return and event that waits. What
/// can't be reached keeps nothing else waiting, and is asked by the next run.
pub async fn reconcile(app: &App) -> Result<Reconciled> {
    let mut run = Reconciled::default();
    if let Some(stripe) = app.payments.stripe() {
        tracing::debug!(live = stripe.is_live(), "looking at open payments");
        payments(app, &mut run).await?;
    }
    refunds(app, &mut run).await?;
    returned(app, &mut run).await?;
    events(app, &mut run).await?;
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
                Ok(Outcome::Applied | Outcome::Returned | Outcome::WrongAmount) => run.settled += 1,
                Ok(_) => {}
                Err(error) => {
                    run.unreachable += 1;
                    tracing::warn!(payment = %payment.id, %error, "could not look at a payment");
                }
            }
        }
    }
}

async fn refunds(app: &App, run: &mut Reconciled) -> Result<()> {
    let (before, mut after) = (app.clock.now() - JOB_AGE, None);
    loop {
        let waiting = queries::waiting_refunds(&app.db.read, before, after, BATCH).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = Some(*last);
        for refund in waiting {
            run.refunds += 1;
            run.asked("refund", refund, give_back::give_back(app, refund).await);
        }
    }
}

async fn returned(app: &App, run: &mut Reconciled) -> Result<()> {
    let (before, mut after) = (app.clock.now() - JOB_AGE, None);
    loop {
        let waiting = queries::waiting_returns(&app.db.read, before, after, BATCH).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = Some(*last);
        for payment in waiting {
            run.returns += 1;
            run.asked("return", payment, returns::send(app, payment).await);
        }
    }
}

async fn events(app: &App, run: &mut Reconciled) -> Result<()> {
    let (before, mut after) = (app.clock.now() - JOB_AGE, None);
    loop {
        let waiting = queries::waiting_events(&app.db.read, before, after, BATCH).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = Some(*last);
        run.events += provider_events::take_up(app, &waiting).await?;
    }
}

impl Reconciled {
    fn asked(&mut self, what: &'static str, id: Uuid, outcome: Result<()>) {
        if let Err(error) = outcome {
            self.unreachable += 1;
            tracing::warn!(what, %id, %error, "could not ask for money to go back");
        }
    }
}

/// Asks where a payment stands at its provider, and settles or closes it accordingly.
pub(super) async fn look(app: &App, payment: &payment::Model) -> Result<Outcome> {
    let provider = app.payments.named(&payment.provider).zip(payment.provider_ref.as_deref());
    let Some((provider, reference)) = provider else { return Ok(Outcome::Ignored) };
    let standing = provider.look(reference).await.map_err(told)?;
    failpoint::reach("payment_looked_at");
    let outcome = match standing {
        Some(Standing::Received(money)) => {
            let captured = Captured { amount: money.amount, currency: money.currency };
            let card = card(app, money.reference.as_deref()).await;
            app.db
                .write(async |tx| {
                    let outcome = received(app, tx, payment, &captured, card.as_ref()).await?;
                    outcome.flag(app, tx, Some(payment), payment.id).await?;
                    Ok(outcome)
                })
                .await?
        }
        Some(Standing::Closed) => {
            let expired = entity::order::Status::Expired;
            app.db.write(async |tx| ended(app, tx, payment, expired).await).await?
        }
        Some(Standing::Open | Standing::Processing) | None => Outcome::Ignored,
    };
    app.wake.poke();
    outcome.note(payment.id);
    Ok(outcome)
}
