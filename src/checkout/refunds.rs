//! Refunds: lines of a paid order are given back, whole or some of them, each at most once.
use std::collections::HashMap;

use chrono::TimeDelta;
use entity::{
    ledger_entry::{self, Account},
    order::{self, Status},
    order_line, payment, refund,
};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::{credit, gifts, give_back::GIVE_BACK, machine, queries, receipts, settle};
use crate::{
    accounts,
    app::App,
    catalog::{self, licenses},
    error::{Error, Fault, Refusal, Result},
    events::Event,
    failpoint,
    idempotency::{Once, Standing},
    library,
};

/// Why an order was given back whose dispute was lost.
const LOST_DISPUTE: &str = "dispute";

const NOT_REFUNDABLE: Refusal =
    Refusal::conflict("not_refundable", "It can't be given back; `reason` says why.");

/// What is to be given back.
pub(super) struct Wish {
    /// Which products of the order; default: all that were not given back.
    pub(super) items: Option<Vec<Uuid>>,
    /// Why, in the words of who asks.
    pub(super) reason: String,
    /// Whether all of it becomes store credit, instead of what was captured going back by the provider.
    pub(super) to_credit: bool,
    /// Who decides.
    pub(super) by: By,
}

/// Who decides that something is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Its buyer, within the store's policy.
    Buyer(Uuid),
    /// Its buyer, by the right to withdraw, which was judged.
    Withdrawal(Uuid),
    /// Somebody of the staff.
    Staff {
        /// Who.
        actor: Uuid,
        /// Whether what was paid stays owned.
        keep_access: bool,
    },
    /// The bank of its buyer, by a dispute that the store lost: the money is gone already.
    Bank(Uuid),
}

impl By {
    fn actor(self) -> Uuid {
        match self {
            Self::Buyer(actor) | Self::Withdrawal(actor) | Self::Staff { actor, .. } | Self::Bank(actor) => {
                actor
            }
        }
    }

    fn keeps_access(self) -> bool {
        matches!(self, Self::Staff { keep_access: true, .. })
    }
}

/// Gives lines of an order back: the money is owed and the right is gone from here on, the provider is told by a job.
///
/// 409 `not_refundable` with its `reason`: `not_paid`, `disputed`, `already_refunded`; for the buyer also
/// `part_of_bundle`, `claimed`, `too_late`, `downloaded` and `key_shown`; for credit to nobody `erased`. 422 for what is no part of the order. Says whether this was done before under the same key.
pub(super) async fn refund(app: &App, order: Uuid, wish: &Wish, once: Option<&Once>) -> Result<bool> {
    let again = app
        .db
        .write(async |tx| {
            let order = match wish.by {
                By::Buyer(buyer) => settle::locked_order_of(tx, buyer, order).await?,
                By::Withdrawal(_) | By::Staff { .. } | By::Bank(_) => settle::locked_order(tx, order).await?,
            };
            let now = app.clock.now();
            if let Some(once) = once
                && let Standing::Answered(_) | Standing::Abandoned(_) = once.standing(tx, now).await?
            {
                return Ok(true);
            }
            let id = refund_in(app, tx, &order, wish).await?;
            if let Some(once) = once {
                once.begin(tx, id, now).await?;
                once.finish(tx).await?;
            }
            Ok(false)
        })
        .await?;
    failpoint::reach("refund_written");
    app.wake.poke();
    Ok(again)
}

/// Takes all that is left of a disputed order back, whose bank took the money.
pub(super) async fn taken_by_bank(app: &App, tx: &impl ConnectionTrait, order: &order::Model) -> Result<()> {
    let by = By::Bank(order.account_id);
    let wish = Wish { items: None, reason: LOST_DISPUTE.to_owned(), to_credit: false, by };
    refund_in(app, tx, order, &wish).await.map(drop)
}

/// Gives lines of an order back whose account and itself are locked; says by which refund.
pub(super) async fn refund_in(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    wish: &Wish,
) -> Result<Uuid> {
    match order.status {
        Status::Paid | Status::PartiallyRefunded => {}
        Status::Disputed if matches!(wish.by, By::Bank(_)) => {}
        Status::Disputed => return Err(refused("disputed")),
        Status::Refunded => return Err(refused("already_refunded")),
        _ => return Err(refused("not_paid")),
    }
    let lines = queries::lines(tx, &[order.id]).await?;
    let chosen = choose(&lines, wish)?;
    let gift = gifts::of_order(tx, order.id).await?;
    if wish.to_credit && accounts::hold_living(tx, &[order.account_id]).await?.is_empty() {
        return Err(refused("erased"));
    }
    if let By::Buyer(_) = wish.by {
        if gifts::is_anothers(order, gift.as_ref()) {
            return Err(refused("claimed"));
        }
        if splits_a_bundle(&lines, &chosen) {
            return Err(refused("part_of_bundle"));
        }
        judge(app, tx, order, &chosen).await?;
    }
    let paid = queries::payments(tx, &[order.id]).await?;
    let payment = paid.iter().find(|payment| payment.status == payment::Status::Succeeded);
    let payment = payment.ok_or_else(|| Error::unexpected("a paid order has no payment"))?;
    let ids: Vec<Uuid> = chosen.iter().map(|line| line.id).collect();
    let row = row(app, order, payment, &chosen, wish);
    queries::insert_refund(tx, &row, &ids).await?;
    if !queries::give_back(tx, payment.id, row.amount - row.credit, row.taken).await? {
        return Err(Error::unexpected("more would be given back than was captured"));
    }
    let left = lines.iter().any(|line| !line.refunded && !ids.contains(&line.id));
    let to = if left { Status::PartiallyRefunded } else { Status::Refunded };
    if order.status != to && !machine::advance(tx, &app.clock, order, to).await? {
        return Err(Error::unexpected("an order moved on while its account was locked"));
    }
    queries::insert_entries(tx, entries(app, order, &row, &chosen)).await?;
    credit::pay_out(app, tx, order, &row).await?;
    take_back(app, tx, gifts::owner(order, gift.as_ref()), &chosen, wish).await?;
    if !left {
        gifts::given_back(tx, order.id).await?;
    }
    tell(app, tx, order, &row).await?;
    Ok(row.id)
}

fn refused(reason: &str) -> Error {
    NOT_REFUNDABLE.with("reason", reason)
}

/// The lines that are meant, none of which was given back; 422 for what is no part of the order.
fn choose<'a>(lines: &'a [order_line::Model], wish: &Wish) -> Result<Vec<&'a order_line::Model>> {
    let Some(items) = &wish.items else {
        return Ok(lines.iter().filter(|line| !line.refunded).collect());
    };
    require_in_order(lines, items)?;
    let chosen: Vec<_> = lines.iter().filter(|line| items.contains(&line.product_id)).collect();
    if chosen.iter().any(|line| line.refunded) { Err(refused("already_refunded")) } else { Ok(chosen) }
}

/// 422 with the products that are no part of an order.
pub(super) fn require_in_order(lines: &[order_line::Model], items: &[Uuid]) -> Result<()> {
    let stray = |(_, item): &(usize, &Uuid)| !lines.iter().any(|line| line.product_id == **item);
    let faults = items.iter().enumerate().filter(stray).map(|(index, _)| {
        Fault::new(format!("items[{index}]"), "not_in_order", "is no product of this order")
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Whether of a bundle some is given back and some is kept: its price was for all of it.
fn splits_a_bundle(lines: &[order_line::Model], chosen: &[&order_line::Model]) -> bool {
    let kept = |line: &&order_line::Model| !line.refunded && !chosen.iter().any(|one| one.id == line.id);
    let bundles: Vec<Uuid> = lines.iter().filter(kept).filter_map(|line| line.bundle_id).collect();
    chosen.iter().any(|line| line.bundle_id.is_some_and(|bundle| bundles.contains(&bundle)))
}

/// The store's policy: within so many days of the payment, or of the release of what was bought before it, and never
/// delivered: nothing of it sent, nor its licence key shown.
async fn judge(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    chosen: &[&order_line::Model],
) -> Result<()> {
    let policy = &app.config.checkout;
    let (now, days) = (app.clock.now(), TimeDelta::days(i64::from(policy.refund_days)));
    let paid_at = order.paid_at.ok_or_else(|| refused("too_late"))?;
    let ahead: Vec<Uuid> = chosen.iter().filter(|line| line.preordered).map(|line| line.product_id).collect();
    let releases = if ahead.is_empty() { HashMap::new() } else { catalog::releases(tx, &ahead).await? };
    let is_late = |line: &&order_line::Model| match releases.get(&line.product_id) {
        // What isn't released yet is never too late to give back.
        Some(release) => release.come(now).is_some_and(|released| now >= paid_at.max(released) + days),
        None => now >= paid_at + days,
    };
    if chosen.iter().any(is_late) {
        return Err(refused("too_late"));
    }
    if policy.refund_downloaded {
        return Ok(());
    }
    let ids: Vec<Uuid> = chosen.iter().map(|line| line.id).collect();
    // Whoever is about to send a file waits until this is decided, and sends none that was given back.
    let rights = library::hold_lines(tx, &ids).await?;
    if rights.iter().any(library::Entitlement::is_delivered) {
        return Err(refused("downloaded"));
    }
    if policy.refund_shown_keys {
        return Ok(());
    }
    // Whoever is about to show a key waits until this is decided, and shows none that was given back.
    licenses::hold(tx, &ids).await?;
    if licenses::shown(tx, &ids).await?.is_empty() { Ok(()) } else { Err(refused("key_shown")) }
}

/// What is left of the money of a payment: minor units that were neither given back nor taken by a bank.
pub(super) fn held(payment: &payment::Model) -> i64 {
    (payment.captured - payment.refunded - payment.lost).max(0)
}

fn row(
    app: &App,
    order: &order::Model,
    payment: &payment::Model,
    chosen: &[&order_line::Model],
    wish: &Wish,
) -> refund::Model {
    let (amount, now) = (chosen.iter().map(|line| line.total).sum::<i64>(), app.clock.now());
    // Money first, as far as any that was captured is left; what banks took of it before is with the buyer.
    let (money, taken) = if wish.to_credit {
        let taken = amount.min(payment.lost);
        (taken, taken)
    } else {
        let money = amount.min(payment.captured - payment.refunded);
        (money, (money - held(payment)).max(0))
    };
    // Where no money goes back, or the bank has it, nobody has to be told.
    let settled = money == taken || matches!(wish.by, By::Bank(_));
    refund::Model {
        id: app.clock.new_id(),
        order_id: order.id,
        payment_id: payment.id,
        amount,
        credit: amount - money,
        taken,
        currency: order.currency.clone(),
        reason: wish.reason.clone(),
        requested_by: wish.by.actor(),
        keep_access: wish.by.keeps_access(),
        status: if settled { refund::Status::Succeeded } else { refund::Status::Pending },
        created_at: now,
        settled_at: settled.then_some(now),
    }
}

/// What was booked for the lines when they were paid, the other way round.
fn entries(
    app: &App,
    order: &order::Model,
    refund: &refund::Model,
    chosen: &[&order_line::Model],
) -> Vec<ledger_entry::Model> {
    let sum = |part: fn(&order_line::Model) -> i64| chosen.iter().map(|line| part(line)).sum::<i64>();
    let (total, tax) = (sum(|line| line.total), sum(|line| line.tax));
    let booked = [
        (Account::Provider, refund.credit + refund.taken - total),
        (Account::Losses, -refund.taken),
        (Account::Credit, -refund.credit),
        (Account::Sales, total - tax),
        (Account::Tax, tax),
    ];
    settle::entries(app, order, Some(refund.payment_id), &booked)
}

/// Takes the rights away, or turns them into gifts of the staff's; nobody has a gift that was not claimed yet, or what is of
/// somebody who was erased.
async fn take_back(
    app: &App,
    tx: &impl ConnectionTrait,
    owner: Option<Uuid>,
    chosen: &[&order_line::Model],
    wish: &Wish,
) -> Result<()> {
    let (actor, ids): (Uuid, Vec<Uuid>) = (wish.by.actor(), chosen.iter().map(|line| line.id).collect());
    library::revoke_lines(tx, &app.clock, &ids, Some(actor)).await?;
    let kept_by = match owner.filter(|_| wish.by.keeps_access()) {
        Some(owner) => accounts::hold_living(tx, &[owner]).await?.into_iter().next(),
        None => None,
    };
    if let Some(owner) = kept_by {
        for line in chosen {
            let (product, reason) = (line.product_id, wish.reason.as_str());
            let grant = library::leave(tx, &app.clock, owner, product, reason, actor).await?;
            licenses::move_to(tx, line.id, grant).await?;
        }
    }
    licenses::revoke(tx, &ids).await?;
    Ok(())
}

async fn tell(app: &App, tx: &impl ConnectionTrait, order: &order::Model, row: &refund::Model) -> Result<()> {
    Event::new("order.refunded", order.id)
        .account(order.account_id)
        .actor(row.requested_by)
        .with("refund_id", row.id.to_string())
        .with("amount", row.amount)
        .with("credit", row.credit)
        .with("currency", row.currency.as_str())
        .record(tx, &app.clock)
        .await?;
    if row.status == refund::Status::Pending {
        let job = NewJob::new(app.clock.new_id(), GIVE_BACK, &json!({"refund_id": row.id}));
        queue::enqueue(tx, job, row.created_at).await?;
    }
    if let Some(numbering) = receipts::numbered_refund(app.clock.new_id(), row) {
        queue::enqueue(tx, numbering, row.created_at).await?;
    }
    Ok(())
}
