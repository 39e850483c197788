//! Paid: the one transition from money captured to products owned, whoever brings the news.
use chrono::{DateTime, Utc};
use entity::{
    gift,
    ledger_entry::{self, Account},
    order::{self, Status},
    order_line, payment,
};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{close, gifts, machine, queries, receipts};
use crate::{
    accounts,
    app::App,
    catalog::licenses,
    db::Told,
    error::{Error, NOT_FOUND, Refusal, Result},
    events::{self, Event},
    library::{self, Right, Source},
};

/// The job that mails the receipt of an order; its payload is `{order_id}`.
pub(super) const RECEIPT_MAIL: &str = "receipt_mail";

/// The event of an order that was paid.
const PAID: &str = "order.paid";

/// 409 for a payment whose order waits for none.
pub(super) const PAYMENT_CLOSED: Refusal = Refusal::conflict(
    "payment_closed",
    "This payment is closed: its order is paid, or can't be paid any more.",
);
const ALREADY_OWNED: Refusal = Refusal::conflict(
    "already_owned",
    "You came to own this meanwhile: the order was cancelled, nothing was taken.",
);

/// Counts the orders that a write paid.
pub fn count_paid(told: &[Told]) {
    let paid = told.iter().filter(|told| told.kind == PAID).count();
    metrics::counter!("mist_orders_paid_total").increment(paid as u64);
}

/// What a provider says it captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Captured {
    /// Minor units.
    pub(super) amount: i64,
    /// ISO 4217.
    pub(super) currency: String,
}

/// What becomes of money that a provider received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Its order is paid, now or before.
    Paid,
    /// Its order waits for no money any more.
    Late,
    /// Something of its order came to be owned meanwhile: the order is called off.
    AlreadyOwned,
    /// It is not what its order asks.
    WrongAmount,
    /// It is not what was captured: its order is paid.
    Contradicted,
}

/// An order that was just paid, as it stands then.
pub(super) struct Settled {
    pub(super) order: order::Model,
    pub(super) lines: Vec<order_line::Model>,
    pub(super) payment: payment::Model,
    /// The gift that it is.
    pub(super) gift: Option<Uuid>,
}

/// Settles a payment by all that its order asks: the order is paid and its products are owned from here on. None when it was
/// settled before, which changes nothing.
///
/// 409 `payment_closed` when the order can't be paid any more. When something of it is owned by now, the order is called off
/// instead and nothing counts as captured: 409 `already_owned`. So no product is ever paid for by who has it.
pub(super) async fn settle_asked(
    app: &App,
    account: Uuid,
    order: Uuid,
    payment: Uuid,
) -> Result<Option<Settled>> {
    let (taken, settled) = app
        .db
        .write(async |tx| {
            accounts::lock_remains(tx, account).await?;
            let order = queries::locked_order(tx, order).await?.ok_or(NOT_FOUND)?;
            let payment = queries::payment(tx, payment).await?.ok_or(NOT_FOUND)?;
            if order.status == Status::Pending && order.expires_at <= app.clock.now() {
                return Ok((Taken::Late, None));
            }
            take_locked(app, tx, order, payment).await
        })
        .await?;
    app.wake.poke();
    match taken {
        Taken::Paid => Ok(settled),
        // All that was asked is no wrong amount.
        Taken::Late | Taken::WrongAmount | Taken::Contradicted => Err(PAYMENT_CLOSED.into()),
        Taken::AlreadyOwned => Err(ALREADY_OWNED.into()),
    }
}

/// Takes what a provider received for a payment. Of an order that is open it is taken even after its time, for the money
/// is there; whatever isn't taken is the caller's to return. An order for which something else was received than it asks is
/// called off: nobody can pay it any more.
pub(super) async fn take(
    app: &App,
    tx: &impl ConnectionTrait,
    payment: Uuid,
    captured: &Captured,
) -> Result<Taken> {
    let (order, payment) = locked(tx, payment).await?;
    if captured.amount != payment.amount || captured.currency != order.currency {
        if payment.status == payment::Status::Succeeded {
            return Ok(Taken::Contradicted);
        }
        close::close_in(app, tx, &order, Status::Failed).await?;
        return Ok(Taken::WrongAmount);
    }
    Ok(take_locked(app, tx, order, payment).await?.0)
}

/// The same of an order and its payment as they stand once they are locked; with what was paid by it.
async fn take_locked(
    app: &App,
    tx: &impl ConnectionTrait,
    order: order::Model,
    payment: payment::Model,
) -> Result<(Taken, Option<Settled>)> {
    if payment.status == payment::Status::Succeeded {
        return Ok((Taken::Paid, None));
    }
    if order.status != Status::Pending || !queries::OPEN.contains(&payment.status) {
        return Ok((Taken::Late, None));
    }
    let lines = queries::lines(tx, &[order.id]).await?;
    let products: Vec<Uuid> = lines.iter().map(|line| line.product_id).collect();
    let gift = gifts::of_order(tx, order.id).await?;
    if gift.is_none() && !library::held(tx, order.account_id, &products).await?.is_empty() {
        close::close_in(app, tx, &order, Status::Cancelled).await?;
        return Ok((Taken::AlreadyOwned, None));
    }
    let now = pay(app, tx, &order, &lines, &payment, gift.as_ref()).await?;
    let order = order::Model { status: Status::Paid, paid_at: Some(now), ..order };
    let payment = payment::Model {
        status: payment::Status::Succeeded,
        captured: payment.amount,
        settled_at: Some(now),
        ..payment
    };
    Ok((Taken::Paid, Some(Settled { order, lines, payment, gift: gift.map(|gift| gift.id) })))
}

/// An order and one of its payments, as they stand once the account and the order are locked.
pub(super) async fn locked(
    tx: &impl ConnectionTrait,
    payment: Uuid,
) -> Result<(order::Model, payment::Model)> {
    let (order, account) = queries::order_of_payment(tx, payment).await?.ok_or(NOT_FOUND)?;
    accounts::lock_remains(tx, account).await?;
    let order = queries::locked_order(tx, order).await?.ok_or(NOT_FOUND)?;
    let payment = queries::payment(tx, payment).await?.ok_or(NOT_FOUND)?;
    Ok((order, payment))
}

/// An order as it stands once its account, erased or not, and itself are locked.
pub(super) async fn locked_order(tx: &impl ConnectionTrait, order: Uuid) -> Result<order::Model> {
    let seen = queries::order(tx, order).await?.ok_or(NOT_FOUND)?;
    accounts::lock_remains(tx, seen.account_id).await?;
    Ok(queries::locked_order(tx, order).await?.ok_or(NOT_FOUND)?)
}

/// The same for its buyer, who asks for it; 404 when that account was erased meanwhile.
pub(super) async fn locked_order_of(
    tx: &impl ConnectionTrait,
    buyer: Uuid,
    order: Uuid,
) -> Result<order::Model> {
    accounts::lock(tx, buyer).await?;
    let order = queries::locked_order(tx, order).await?;
    Ok(order.filter(|order| order.account_id == buyer).ok_or(NOT_FOUND)?)
}

/// The transition itself, for an open order whose account is locked and of which all that credit left was captured. Says when
/// it was paid.
pub(super) async fn pay(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    lines: &[order_line::Model],
    payment: &payment::Model,
    gift: Option<&gift::Model>,
) -> Result<DateTime<Utc>> {
    let now = app.clock.now();
    let captured = queries::captured(tx, payment.id, payment.amount, now).await?;
    if !captured || !machine::advance_at(tx, &app.clock, order, Status::Paid, now).await? {
        return Err(Error::unexpected("an order moved on while its account was locked"));
    }
    let mut events = match gift {
        Some(gift) => {
            gifts::paid(app, tx, gift).await?;
            Vec::new()
        }
        None => library::entitle_all(tx, &app.clock, &rights(order.account_id, lines), None).await?,
    };
    let promised = lines.iter().map(|line| (line.product_id, line.id, line.with_key));
    licenses::assign(tx, app, &promised.collect::<Vec<_>>()).await?;
    let booked = [
        (Account::Provider, payment.amount),
        (Account::CreditReserved, order.credit),
        (Account::Sales, order.tax - order.total),
        (Account::Tax, -order.tax),
    ];
    queries::insert_entries(tx, entries(app, order, Some(payment.id), &booked)).await?;
    let bundles = lines.iter().filter_map(|line| line.bundle_id);
    let bought: Vec<Uuid> = lines.iter().map(|line| line.product_id).chain(bundles).collect();
    queries::take_out_of_cart(tx, order.account_id, &bought).await?;
    if order.coupon.is_some() {
        queries::take_used_coupon_out_of_cart(tx, order.account_id, order.id).await?;
    }
    let paid = Event::new(PAID, order.id)
        .account(order.account_id)
        .with("total", order.total)
        .with("currency", order.currency.as_str());
    let paid = if gift.is_some() { paid.with("gifts", 1) } else { paid };
    events.push(paid);
    events::record_all(tx, events, &app.clock).await?;
    let receipt = NewJob::new(app.clock.new_id(), RECEIPT_MAIL, &json!({"order_id": order.id}))
        .in_lane(order.account_id);
    let numbering = receipts::paid(app.clock.new_id(), order, now);
    queue::enqueue_all(tx, [Some(receipt), numbering].into_iter().flatten().collect(), now).await?;
    Ok(now)
}

/// What lines gave the buyer of their order is the buyer's.
pub(super) async fn entitle(
    app: &App,
    tx: &impl ConnectionTrait,
    account: Uuid,
    lines: &[order_line::Model],
    actor: Option<Uuid>,
) -> Result<()> {
    let given = library::entitle_all(tx, &app.clock, &rights(account, lines), actor).await?;
    Ok(events::record_all(tx, given, &app.clock).await?)
}

/// What lines give the buyer of their order.
fn rights(account: Uuid, lines: &[order_line::Model]) -> Vec<Right> {
    let right = |line: &order_line::Model| Right {
        account,
        product: line.product_id,
        source: Source::Order,
        source_id: line.id,
    };
    lines.iter().map(right).collect()
}

/// Lines of the ledger for an order: what the provider holds for the store, and credit that was spent, is the store's
/// revenue and the tax it owes. What is booked together sums to zero.
pub(super) fn entries(
    app: &App,
    order: &order::Model,
    payment: Option<Uuid>,
    booked: &[(Account, i64)],
) -> Vec<ledger_entry::Model> {
    let moved = booked.iter().copied().filter(|(_, amount)| *amount != 0);
    let entry = |(account, amount)| ledger_entry::Model {
        id: app.clock.new_id(),
        order_id: Some(order.id),
        payment_id: payment,
        account,
        amount,
        currency: order.currency.clone(),
        at: app.clock.now(),
        credit_entry_id: None,
    };
    moved.map(entry).collect()
}
