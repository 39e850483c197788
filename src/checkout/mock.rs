//! The mock provider's other side: its user says how a payment ends.
use chrono::TimeDelta;
use entity::order::{self, Status};
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
    settle::{self, PAYMENT_CLOSED},
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

/// The order of an account's payment by the mock provider; 404 otherwise, and while the provider is not set up.
pub(super) async fn find(app: &App, account: Uuid, payment: Uuid) -> Result<order::Model> {
    app.payments.named(Mock::NAME).ok_or(NOT_FOUND)?;
    let order = queries::order_paid_by(&app.db.read, account, payment, Mock::NAME).await?;
    Ok(order.ok_or(NOT_FOUND)?)
}

/// Ends a payment; answers its order.
pub(super) async fn end(
    app: &App,
    account: Uuid,
    (order, payment): (order::Model, Uuid),
    outcome: Outcome,
) -> Result<Order> {
    if order.expires_at <= app.clock.now() {
        close::expire_of(app, account).await?;
    }
    match outcome {
        Outcome::Succeed => {
            if let Some(paid) = settle::settle_asked(app, account, order.id, payment).await? {
                return Order::of(paid.order, paid.lines, paid.payment, paid.gift, Vec::new());
            }
        }
        Outcome::Duplicate => {
            settle::settle_asked(app, account, order.id, payment).await?;
            settle::settle_asked(app, account, order.id, payment).await?;
        }
        Outcome::OutOfOrder => {
            settle::settle_asked(app, account, order.id, payment).await?;
            decline_late(app, payment).await?;
        }
        Outcome::Delay => delay(app, payment).await?,
        Outcome::Decline => decline(app, payment).await?,
        Outcome::Cancel if close::close(app, order.id, Status::Cancelled).await? => {}
        Outcome::Cancel => return Err(PAYMENT_CLOSED.into()),
        Outcome::Dispute | Outcome::DisputeWon | Outcome::DisputeLost => {
            dispute(app, payment, outcome).await?;
        }
    }
    orders::shown(app, account, order.id).await
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
    let (order, account) = queries::order_of_payment(&app.db.read, payment).await?.ok_or(NOT_FOUND)?;
    match settle::settle_asked(app, account, order, payment).await {
        Err(Error::Refused(..)) => Ok(()),
        settled => settled.map(drop),
    }
}

async fn dispute(app: &App, payment: Uuid, outcome: Outcome) -> Result<()> {
    app.db
        .write(async |tx| {
            let (order, payment) = settle::locked(tx, payment).await?;
            let (changed, otherwise) = match outcome {
                Outcome::DisputeWon => (disputes::won(app, tx, &order).await?, NOT_DISPUTED),
                Outcome::DisputeLost if order.status != Status::Disputed => (false, NOT_DISPUTED),
                Outcome::DisputeLost => {
                    let lines = queries::lines(tx, &[order.id]).await?;
                    (disputes::lost(app, tx, &order, &payment, &lines, None).await?, NOT_DISPUTED)
                }
                _ => (disputes::open(app, tx, &order).await?, NOT_DISPUTABLE),
            };
            if changed { Ok(()) } else { Err(otherwise.into()) }
        })
        .await
}
