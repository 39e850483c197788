//! Disputes: the buyer's bank asks the money of a paid order back. While one is judged the products are held back; when it is
//! lost they are gone with the money, when it is won all is as before.
//!
//! Each dispute is a row, so that its beginning and its end may be told in any order and again. What a bank takes that is not
//! the worth of all that is left of the order is booked as a loss, and people decide about the products.
use entity::{
    dispute,
    ledger_entry::Account,
    order::{self, Status},
    order_line, payment,
};
use payments::Stripe;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    gifts, machine,
    outcome::Outcome,
    provider_events::done,
    queries, refunds, settle,
    stripe_news::{News, What},
};
use crate::{
    app::App,
    error::{Error, Result},
    events::Event,
    library,
};

/// Takes news of a dispute about a payment; what was told before changes nothing.
pub(super) async fn take(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: Uuid,
    news: &News,
) -> Result<Outcome> {
    let (order, payment) = settle::locked(tx, payment).await?;
    if payment.status != payment::Status::Succeeded {
        return Ok(Outcome::UnknownPayment);
    }
    let asked = news.amount.filter(|_| news.currency.as_ref() == Some(&payment.currency));
    let noted = match &news.dispute {
        Some(reference) if !note(app, tx, &payment, reference, asked, news.what).await? => {
            return Ok(Outcome::Ignored);
        }
        reference => reference.is_some(),
    };
    let lines = queries::lines(tx, &[order.id]).await?;
    let fits = !matches!(order.status, Status::Refunded) && asked == Some(worth(&lines, &payment));
    let changed = match news.what {
        What::DisputeWon if queries::has_open_dispute(tx, payment.id).await? => false,
        What::DisputeWon => won(app, tx, &order).await?,
        What::DisputeLost => lost(app, tx, &order, &payment, &lines, asked).await?,
        _ => open(app, tx, &order).await?,
    };
    let as_credit: i64 = queries::refunds(tx, &[order.id]).await?.iter().map(|refund| refund.credit).sum();
    // More than was spent of it: what was captured became credit, which the buyer would have twice.
    let is_twice = as_credit > order.credit;
    Ok(match news.what {
        What::DisputeWon if is_twice => Outcome::DisputedCreditWon,
        _ if is_twice => Outcome::DisputedCredit,
        What::Disputed | What::DisputeLost if !fits => Outcome::DisputedAmount,
        _ => done(changed || noted),
    })
}

/// Writes down what is told of a dispute; false when that was told before, or comes after its end.
async fn note(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: &payment::Model,
    reference: &str,
    amount: Option<i64>,
    what: What,
) -> Result<bool> {
    let now = app.clock.now();
    let (status, ended_at) = match what {
        What::DisputeWon => (dispute::Status::Won, Some(now)),
        What::DisputeLost => (dispute::Status::Lost, Some(now)),
        _ => (dispute::Status::Open, None),
    };
    let row = dispute::Model {
        provider: Stripe::NAME.to_owned(),
        reference: reference.to_owned(),
        payment_id: payment.id,
        amount,
        status,
        told_at: now,
        ended_at,
    };
    if ended_at.is_some() && queries::end_dispute(tx, &row).await? {
        return Ok(true);
    }
    Ok(queries::insert_dispute(tx, row).await?)
}

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
    give_free(app, tx, order).await?;
    Event::new("order.dispute_won", order.id).account(order.account_id).record(tx, &app.clock).await?;
    Ok(true)
}

/// The products of a disputed order are back.
async fn give_free(app: &App, tx: &impl ConnectionTrait, order: &order::Model) -> Result<()> {
    let lines = queries::lines(tx, &[order.id]).await?;
    let partly = lines.iter().any(|line| line.refunded);
    advance(app, tx, order, if partly { Status::PartiallyRefunded } else { Status::Paid }).await?;
    library::thaw(tx, &kept(tx, order).await?).await?;
    gifts::resume(app, tx, order.id).await
}

/// The bank took so much, or all that is left where it does not say: what that is all of is gone with it, and what is
/// beside the worth of the products is a loss. False where nothing is left to take.
pub(super) async fn lost(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    payment: &payment::Model,
    lines: &[order_line::Model],
    taken: Option<i64>,
) -> Result<bool> {
    let worth = worth(lines, payment);
    let taken = taken.unwrap_or(worth);
    let is_left = matches!(order.status, Status::Paid | Status::PartiallyRefunded | Status::Disputed);
    let loss = if is_left && worth > 0 && taken >= worth {
        // Told before the dispute itself: events come in any order.
        let opened = open(app, tx, order).await?;
        let disputed = if opened { settle::locked_order(tx, order.id).await? } else { order.clone() };
        refunds::taken_by_bank(app, tx, &disputed).await?;
        taken - worth
    } else {
        if order.status == Status::Disputed && !queries::has_open_dispute(tx, payment.id).await? {
            give_free(app, tx, order).await?;
        }
        taken
    };
    if loss > 0 {
        queries::lose(tx, payment.id, loss).await?;
        let booked = [(Account::Provider, -loss), (Account::Losses, loss)];
        queries::insert_entries(tx, settle::entries(app, order, Some(payment.id), &booked)).await?;
    }
    let event = Event::new("order.dispute_lost", order.id).account(order.account_id);
    event.with("loss", loss).record(tx, &app.clock).await?;
    Ok(is_left || loss > 0)
}

/// The money that goes with all that is left of an order: the rest of it was paid by store credit.
fn worth(lines: &[order_line::Model], payment: &payment::Model) -> i64 {
    let left = lines.iter().filter(|line| !line.refunded).map(|line| line.total).sum::<i64>();
    left.min(refunds::held(payment))
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
