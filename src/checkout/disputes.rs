//! Disputes: the buyer's bank asks the money of a paid order back. While it is judged the products are held back; when it is
//! lost they are gone with the money, when it is won all is as before.
use entity::order::{self, Status};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{gifts, machine, queries, refunds};
use crate::{
    app::App,
    error::{Error, Result},
    events::Event,
    library,
};

/// Opens a dispute about an order that is locked; false unless it is paid.
pub(super) async fn open(app: &App, tx: &impl ConnectionTrait, order: &order::Model) -> Result<bool> {
    if !matches!(order.status, Status::Paid | Status::PartiallyRefunded) {
        return Ok(false);
    }
    advance(app, tx, order, Status::Disputed).await?;
    library::freeze(tx, &kept(tx, order).await?).await?;
    Event::new("order.disputed", order.id).account(order.account_id).record(tx, &app.clock).await?;
    Ok(true)
}

/// The store won: the products are back. False unless the order is disputed.
pub(super) async fn won(app: &App, tx: &impl ConnectionTrait, order: &order::Model) -> Result<bool> {
    if order.status != Status::Disputed {
        return Ok(false);
    }
    let lines = queries::lines(tx, &[order.id]).await?;
    let partly = lines.iter().any(|line| line.refunded);
    advance(app, tx, order, if partly { Status::PartiallyRefunded } else { Status::Paid }).await?;
    library::thaw(tx, &kept(tx, order).await?).await?;
    gifts::resume(app, tx, order.id).await?;
    Event::new("order.dispute_won", order.id).account(order.account_id).record(tx, &app.clock).await?;
    Ok(true)
}

/// The bank took the money back: so is what it paid for. False unless the order is disputed.
pub(super) async fn lost(app: &App, tx: &impl ConnectionTrait, order: &order::Model) -> Result<bool> {
    if order.status != Status::Disputed {
        return Ok(false);
    }
    refunds::taken_by_bank(app, tx, order).await?;
    Event::new("order.dispute_lost", order.id).account(order.account_id).record(tx, &app.clock).await?;
    Ok(true)
}

async fn advance(app: &App, tx: &impl ConnectionTrait, order: &order::Model, to: Status) -> Result<()> {
    if machine::advance(tx, &app.clock, order, to).await? {
        Ok(())
    } else {
        Err(Error::unexpected("an order moved on while it was locked"))
    }
}

/// The lines that were not given back.
async fn kept(tx: &impl ConnectionTrait, order: &order::Model) -> Result<Vec<Uuid>> {
    let lines = queries::lines(tx, &[order.id]).await?;
    Ok(lines.iter().filter(|line| !line.refunded).map(|line| line.id).collect())
}
