//! The mock provider's other side: its user says how a payment ends.
use entity::{order::Status, payment};
use payments::Mock;
use serde::Deserialize;
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
        Outcome::Succeed => {
            let captured = Captured { amount: payment.amount, currency: payment.currency };
            settle::settle(app, payment.id, &captured).await?;
        }
        Outcome::Decline => decline(app, payment.id).await?,
        Outcome::Cancel if close::close(app, order, Status::Cancelled).await? => {}
        Outcome::Cancel => return Err(PAYMENT_CLOSED.into()),
        Outcome::Dispute => dispute(app, order).await?,
    }
    orders::shown(app, account, order).await
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
