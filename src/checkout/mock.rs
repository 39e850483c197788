//! The mock provider's other side: its user says how a payment ends.
use entity::order::{self, Status};
use payments::Mock;
use serde::Deserialize;
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
    error::{NOT_FOUND, Refusal, Result},
};

const NOT_DISPUTABLE: Refusal = Refusal::conflict("not_disputable", "Only a paid order can be disputed.");

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
            if let Some(paid) = settle::settle_asked(app, &order, payment).await? {
                return Order::of(paid.order, paid.lines, paid.payment, paid.gift);
            }
        }
        Outcome::Decline => decline(app, payment).await?,
        Outcome::Cancel if close::close(app, order.id, Status::Cancelled).await? => {}
        Outcome::Cancel => return Err(PAYMENT_CLOSED.into()),
        Outcome::Dispute => dispute(app, order.id).await?,
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

async fn dispute(app: &App, order: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let order = settle::locked_order(tx, order).await?;
            if disputes::open(app, tx, &order).await? { Ok(()) } else { Err(NOT_DISPUTABLE.into()) }
        })
        .await
}
