//! The mock provider's other side: its user says how a payment ends.
use chrono::TimeDelta;
use entity::{order::Status, payment};
use payments::Mock;
use queue::NewJob;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    close, disputes,
    orders::{self, Order},
    queries,
    settle::{self, Captured, PAYMENT_CLOSED},
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
};

/// The job that settles a payment whose money came late; its payload is `{payment_id}`.
pub(super) const SETTLE_LATE: &str = "settle_mock_payment";
/// How late that is.
const DELAY: TimeDelta = TimeDelta::seconds(60);

const NOT_DISPUTABLE: Refusal = Refusal::conflict("not_disputable", "Only a paid order can be disputed.");
const NOT_DISPUTED: Refusal = Refusal::conflict("not_disputed", "This order is not disputed.");

/// How a payment ends.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The amount is captured.
    Succeed,
    /// The buyer may try again.
    Decline,
    /// The buyer gives up, and with it the order.
    Cancel,
    /// The buyer's bank asks the money of a paid order back.
    Dispute,
    /// The store keeps the money of a disputed order.
    DisputeWon,
    /// The bank takes the money of a disputed order.
    DisputeLost,
    /// The amount is captured a minute later; until then the order stays open.
    Delay,
    /// The amount is captured, and told twice.
    Duplicate,
    /// The amount is captured, and an earlier decline is told after it.
    OutOfOrder,
}

/// A payment of an account by the mock provider; 404 otherwise, and while the provider is not set up.
pub(super) async fn find(app: &App, account: Uuid, payment: Uuid) -> Result<payment::Model> {
    app.payments.named(Mock::NAME).ok_or(NOT_FOUND)?;
    let payment = queries::payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    queries::order_of(&app.db.read, account, payment.order_id).await?.ok_or(NOT_FOUND)?;
    Ok(Some(payment).filter(|payment| payment.provider == Mock::NAME).ok_or(NOT_FOUND)?)
}

/// Ends a payment; answers its order.
pub(super) async fn end(
    app: &App,
    account: Uuid,
    payment: payment::Model,
    outcome: Outcome,
) -> Result<Order> {
    close::expire_of(app, account).await?;
    let order = payment.order_id;
    match outcome {
        Outcome::Succeed => captured(app, payment).await?,
        Outcome::Duplicate => {
            captured(app, payment.clone()).await?;
            captured(app, payment).await?;
        }
        Outcome::OutOfOrder => {
            let id = payment.id;
            captured(app, payment).await?;
            decline_late(app, id).await?;
        }
        Outcome::Delay => delay(app, payment.id).await?,
        Outcome::Decline => decline(app, payment.id).await?,
        Outcome::Cancel if close::close(app, order, Status::Cancelled).await? => {}
        Outcome::Cancel => return Err(PAYMENT_CLOSED.into()),
        Outcome::Dispute | Outcome::DisputeWon | Outcome::DisputeLost => dispute(app, order, outcome).await?,
    }
    orders::shown(app, account, order).await
}

async fn captured(app: &App, payment: payment::Model) -> Result<()> {
    let captured = Captured { amount: payment.amount, currency: payment.currency };
    settle::settle(app, payment.id, &captured).await
}

async fn decline(app: &App, payment: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            settle::locked(tx, payment).await?;
            if queries::declined(tx, payment).await? { Ok(()) } else { Err(PAYMENT_CLOSED.into()) }
        })
        .await
}

/// A decline that is told when the payment was captured already changes nothing.
async fn decline_late(app: &App, payment: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            settle::locked(tx, payment).await?;
            Ok(queries::declined(tx, payment).await.map(drop)?)
        })
        .await
}

async fn delay(app: &App, id: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let (order, payment) = settle::locked(tx, id).await?;
            if order.status != Status::Pending || !queries::OPEN.contains(&payment.status) {
                return Err(PAYMENT_CLOSED.into());
            }
            let now = app.clock.now();
            let job = NewJob::new(app.clock.new_id(), SETTLE_LATE, &json!({"payment_id": id}));
            queue::enqueue(tx, job.at(now + DELAY), now).await?;
            Ok(())
        })
        .await
}

/// Settles a payment whose money came late. Where its order waits for none any more, nothing was taken that could go back.
pub(super) async fn settle_late(app: &App, payment: Uuid) -> Result<()> {
    let payment = queries::payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    match captured(app, payment).await {
        Err(Error::Refused(..)) => Ok(()),
        settled => settled,
    }
}

async fn dispute(app: &App, order: Uuid, outcome: Outcome) -> Result<()> {
    app.db
        .write(async |tx| {
            let order = settle::locked_order(tx, order).await?;
            let (changed, otherwise) = match outcome {
                Outcome::DisputeWon => (disputes::won(app, tx, &order).await?, NOT_DISPUTED),
                Outcome::DisputeLost => (disputes::lost(app, tx, &order).await?, NOT_DISPUTED),
                _ => (disputes::open(app, tx, &order).await?, NOT_DISPUTABLE),
            };
            if changed { Ok(()) } else { Err(otherwise.into()) }
        })
        .await
}
