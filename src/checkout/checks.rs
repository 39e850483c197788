//! The promises about money and ownership, judged on a live store.
//!
//! Orders are read in batches without a lock, so a purchase that happens meanwhile can make one look wrong: what looks
//! wrong is judged again under the lock of its account, and only what is wrong then is told.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    coupon_redemption, dispute, gift,
    ledger_entry::{self, Account},
    order::{self, Status},
    order_line, order_transition, payment, payment_return, refund, refund_line, withdrawal,
};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use super::{coupon_changes::is_exceeded, credit, gifts, machine, queries, settle};
use crate::{
    accounts,
    app::App,
    catalog::{
        self,
        licenses::{self, KeyStatus},
    },
    check::{Extent, Violation},
    clock::first_id_since,
    error::Result,
    library::{self, Entitlement},
};

/// Orders that are read together.
const BATCH: u64 = 200;
/// How long what waits for a provider may wait.
const LATE: TimeDelta = TimeDelta::days(1);

/// Judges what must always be true of orders and of what lies under them; none is what there should be. Of what changed
/// since a moment orders are judged, with their rights, keys, refunds, coupons and gifts, and balances of credit; and
/// always what waits for a provider.
///
/// What is read of orders is read by `db`, which may be behind: what looks wrong there is judged again where it is written.
pub async fn run(app: &App, db: &DatabaseConnection, extent: Extent) -> Result<Vec<Violation>> {
    let changed = match extent {
        Extent::Whole => None,
        Extent::Since(at) => Some(at),
    };
    let since = changed.map(first_id_since);
    let mut violations = orders(app, db, changed).await?;
    violations.extend(rights(db, since).await?);
    violations.extend(limits(db, changed).await?);
    violations.extend(credit::checks::balances(db, since).await?);
    violations.extend(late(app).await?);
    if since.is_some() {
        return Ok(violations);
    }
    violations.extend(numbers(db).await?);
    violations.extend(statistics(db).await?);
    violations.extend(credit::checks::ledger(db).await?);
    violations.extend(catalog::checks::violations(app).await?);
    violations.extend(accounts::checks::violations(app).await?);
    Ok(violations)
}

/// An order with everything that was written of it.
struct Story {
    order: order::Model,
    lines: Vec<order_line::Model>,
    payments: Vec<payment::Model>,
    history: Vec<order_transition::Model>,
    entries: Vec<ledger_entry::Model>,
    rights: Vec<Entitlement>,
    /// Whether it is for somebody else.
    gift: Option<gift::Model>,
    refunds: Vec<refund::Model>,
    given_back: Vec<refund_line::Model>,
    /// The coupons that it uses: one at most, as the key of their table says.
    coupons: Vec<coupon_redemption::Model>,
    /// The licence keys of its lines.
    keys: Vec<(Uuid, KeyStatus)>,
    withdrawals: Vec<withdrawal::Model>,
    disputes: Vec<dispute::Model>,
    /// What of its payments goes back because it did not wait for it.
    returns: Vec<payment_return::Model>,
}

/// Its words, and whether it is kept.
type Promise = (&'static str, fn(&Story) -> bool);

/// What must be true of an order.
const PROMISES: [Promise; 15] = [
    ("an order has at most one succeeded payment", Story::is_paid_once),
    (
        "an order is paid exactly when captured and credit are its total, in its currency",
        Story::is_paid_in_full,
    ),
    ("refunds lie between nothing and what was captured", Story::refunds_are_covered),
    ("what was given back is that of its refunds, line by line", Story::is_given_back),
    ("a confirmed withdrawal gave its money back, and no other did", Story::withdrawals_gave_back),
    ("an order's total is that of its lines, and not negative", Story::adds_up),
    ("an open or paid order uses its coupon, and no other order does", Story::uses_its_coupon),
    (
        "a licence key is held for an open line, sold with a paid one, revoked with one given back; none is missing",
        Story::has_its_keys,
    ),
    ("a paid line that was not given back is owned, and no other", Story::is_owned),
    (
        "a gift is given with its payment, is nobody's until it is claimed, and then mailed no more",
        Story::is_given,
    ),
    ("an order's ledger sums to zero and holds what was captured and not refunded", Story::is_booked),
    (
        "an order is disputed exactly while a dispute of it is open, unless all of it was given back",
        Story::is_disputed_in_time,
    ),
    ("money that goes back for want of an order is that of no order's payment", Story::returns_what_is_spare),
    (
        "an order's credit is reserved while it is open, spent when it is paid, and given back when it ends",
        Story::has_its_credit,
    ),
    ("an order's history holds only allowed steps, from pending to where it stands", Story::went_right),
];

impl Story {
    fn is_paid_once(&self) -> bool {
        self.succeeded().count() <= 1
    }

    fn is_paid_in_full(&self) -> bool {
        let captured: i64 = self.payments.iter().map(|payment| payment.captured).sum();
        if machine::is_captured(self.order.status) {
            self.succeeded().any(|payment| payment.currency == self.order.currency)
                && captured + self.order.credit == self.order.total
        } else {
            self.succeeded().count() == 0 && captured == 0
        }
    }

    fn refunds_are_covered(&self) -> bool {
        self.payments
            .iter()
            .all(|payment| (0..=payment.captured).contains(&payment.refunded) && payment.lost >= 0)
    }

    fn is_given_back(&self) -> bool {
        let of = |refund: Uuid| {
            let ids =
                self.given_back.iter().filter(move |row| row.refund_id == refund).map(|row| row.line_id);
            ids.filter_map(|id| self.lines.iter().find(|line| line.id == id))
                .map(|line| line.total)
                .sum::<i64>()
        };
        let counted: i64 = self.payments.iter().map(|payment| payment.refunded).sum();
        let marked = self.lines.iter().filter(|line| line.refunded);
        let whole = self.order.status != Status::Refunded || self.lines.iter().all(|line| line.refunded);
        whole
            && counted == self.refunds.iter().map(|refund| refund.amount - refund.credit).sum::<i64>()
            && self.refunds.iter().all(|refund| refund.amount == of(refund.id))
            && marked.count() == self.given_back.len()
    }

    fn withdrawals_gave_back(&self) -> bool {
        let known = |refund: Uuid| self.refunds.iter().any(|row| row.id == refund);
        self.withdrawals.iter().all(|row| match (row.confirmed_at, row.refund_id) {
            (Some(_), Some(refund)) => known(refund),
            (None, None) => true,
            _ => false,
        })
    }

    fn adds_up(&self) -> bool {
        let sum = |part: fn(&order_line::Model) -> i64| self.lines.iter().map(part).sum::<i64>();
        let order = &self.order;
        order.total >= 0
            && order.subtotal - order.discount + self.added(order.tax) == order.total
            && order.subtotal == sum(|line| line.unit_price)
            && order.discount == sum(|line| line.discount)
            && order.tax == sum(|line| line.tax)
            && order.total == sum(|line| line.total)
            && self.lines.iter().all(|line| {
                (0..=line.total).contains(&line.tax)
                    && line.unit_price - line.discount + self.added(line.tax) == line.total
            })
    }

    /// What of a tax comes on top of the prices.
    fn added(&self, tax: i64) -> i64 {
        if self.order.tax_included { 0 } else { tax }
    }

    fn uses_its_coupon(&self) -> bool {
        let counts = self.order.status == Status::Pending || machine::is_captured(self.order.status);
        let due = usize::from(counts && self.order.coupon.is_some());
        let bundled = self.lines.iter().any(|line| line.bundle_id.is_some());
        let reduced = self.order.coupon.is_some() || bundled;
        self.coupons.len() == due && (reduced || self.order.discount == 0)
    }

    fn has_its_keys(&self) -> bool {
        let is_paid = machine::is_captured(self.order.status);
        let has_one = |line: Uuid| self.keys.iter().filter(|(of, _)| *of == line).count() == 1;
        let mut due = self.lines.iter().filter(|line| is_paid && line.with_key && !line.refunded);
        let in_place = self.keys.iter().all(|(line, status)| {
            let line = self.lines.iter().find(|one| one.id == *line);
            *status
                == match (self.order.status, line.is_some_and(|line| line.refunded)) {
                    (Status::Pending, _) => KeyStatus::Reserved,
                    (_, true) => KeyStatus::Revoked,
                    (status, false) if machine::is_captured(status) => KeyStatus::Sold,
                    // What ended unpaid holds none.
                    _ => return false,
                }
        });
        in_place && due.all(|line| has_one(line.id))
    }

    fn is_owned(&self) -> bool {
        let owner = gifts::owner(&self.order, self.gift.as_ref());
        let is_claimed = self.gift.as_ref().is_some_and(|gift| gift.claimed_by.is_some());
        let source = if is_claimed { library::Source::Gift } else { library::Source::Order };
        self.lines.iter().all(|line| {
            let due = match self.order.status {
                Status::Disputed if !line.refunded => Some(library::Status::Frozen),
                status if machine::is_captured(status) && !line.refunded => Some(library::Status::Active),
                _ => None,
            };
            let alive: Vec<_> = self
                .rights
                .iter()
                .filter(|right| right.source_id == line.id && right.status != library::Status::Revoked)
                .collect();
            match (due.filter(|_| owner.is_some()), alive.as_slice()) {
                (None, []) => true,
                (Some(due), [right]) => {
                    right.status == due
                        && Some(right.account_id) == owner
                        && right.source == source
                        && right.product_id == line.product_id
                }
                _ => false,
            }
        })
    }

    fn is_given(&self) -> bool {
        use gift::Status::{Claimed, Given, Ordered, TakenBack};
        let Some(gift) = &self.gift else { return true };
        let is_paid = machine::is_captured(self.order.status);
        let has_ended = matches!(gift.status, Claimed | TakenBack);
        is_paid == (gift.status != Ordered)
            && (gift.status == Claimed) == gift.claimed_by.is_some()
            && has_ended == gift.ended_at.is_some()
            && (gift.status != Given || self.rights.is_empty())
            && !(has_ended && (gift.email.is_some() || gift.message.is_some()))
            && gift.account_id == self.order.account_id
    }

    fn is_booked(&self) -> bool {
        let held: i64 = self.payments.iter().map(|payment| payment.captured - payment.refunded).sum();
        let lost: i64 = self.payments.iter().map(|payment| payment.lost).sum();
        self.entries.iter().map(|entry| entry.amount).sum::<i64>() == 0
            && self.booked(Account::Provider) == held - lost
            && self.booked(Account::Losses) == lost
            && self.entries.iter().all(|entry| entry.currency == self.order.currency)
    }

    fn is_disputed_in_time(&self) -> bool {
        let is_open = self.disputes.iter().any(|dispute| dispute.status == dispute::Status::Open);
        // One that was disputed by an older version of the store has no row.
        self.disputes.is_empty()
            || self.order.status == Status::Refunded
            || is_open == (self.order.status == Status::Disputed)
    }

    fn returns_what_is_spare(&self) -> bool {
        self.returns
            .iter()
            .all(|row| row.amount > 0 && !self.succeeded().any(|payment| payment.id == row.payment_id))
    }

    fn has_its_credit(&self) -> bool {
        let (credit, paid_out) =
            (self.order.credit, self.refunds.iter().map(|refund| refund.credit).sum::<i64>());
        let (spent, reserved) = match self.order.status {
            Status::Pending => (credit, credit),
            status if machine::is_captured(status) => (credit - paid_out, 0),
            _ => (0, 0),
        };
        (0..=self.order.total.max(0)).contains(&credit)
            && self.refunds.iter().all(|refund| (0..=refund.amount).contains(&refund.credit))
            && self.booked(Account::Credit) == spent
            && self.booked(Account::CreditReserved) == -reserved
    }

    /// What a book holds of the order.
    fn booked(&self, account: Account) -> i64 {
        self.entries.iter().filter(|entry| entry.account == account).map(|entry| entry.amount).sum()
    }

    fn went_right(&self) -> bool {
        let mut stands = None;
        for step in &self.history {
            let allowed = match stands {
                None => step.to_status == Status::Pending,
                Some(from) => machine::next(from).contains(&step.to_status),
            };
            if step.from_status != stands || !allowed {
                return false;
            }
            stands = Some(step.to_status);
        }
        stands == Some(self.order.status)
    }

    fn succeeded(&self) -> impl Iterator<Item = &payment::Model> {
        self.payments.iter().filter(|payment| payment.status == payment::Status::Succeeded)
    }

    fn broken(&self) -> Vec<Violation> {
        let broken = PROMISES.iter().filter(|(_, holds)| !holds(self));
        broken.map(|(promise, _)| Violation::new(promise, format!("order {}", self.order.id))).collect()
    }
}

async fn orders(app: &App, db: &DatabaseConnection, since: Option<DateTime<Utc>>) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = None;
    loop {
        let orders = queries::all_orders(db, since, after, BATCH).await?;
        let Some(last) = orders.last() else { return Ok(violations) };
        after = Some(last.id);
        for story in stories(db, orders).await? {
            if !story.broken().is_empty() {
                violations.extend(judge_again(app, story.order.id).await?);
            }
        }
    }
}

/// Coupons that more orders use than may.
async fn limits(db: &DatabaseConnection, since: Option<DateTime<Utc>>) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = None;
    loop {
        let coupons = match since {
            Some(since) => queries::coupons_used(db, since, after, BATCH).await?,
            None => queries::coupons(db, after, BATCH).await?,
        };
        let Some(last) = coupons.last() else { return Ok(violations) };
        after = Some(last.id);
        for coupon in coupons {
            let (most, each) = (coupon.max_redemptions, coupon.per_account);
            if is_exceeded(db, coupon.id, most, each).await? {
                let promise = "no more orders use a coupon than may";
                violations.push(Violation::new(promise, format!("coupon {}", coupon.id)));
            }
        }
    }
}

async fn numbers(db: &DatabaseConnection) -> Result<Vec<Violation>> {
    let gaps = queries::gaps(db).await?;
    let told = |gap: queries::Series| {
        Violation::new(
            "invoices are numbered without a gap",
            format!("series {} of {}", gap.series, gap.year),
        )
    };
    Ok(gaps.into_iter().map(told).collect())
}

/// What the back office counts of orders against the books.
async fn statistics(db: &DatabaseConnection) -> Result<Vec<Violation>> {
    let off = queries::currencies_off_the_ledger(db).await?.into_iter().map(|currency| {
        Violation::new(
            "what was sold and not given back is what the ledger holds of sales and tax",
            format!("currency {currency}"),
        )
    });
    Ok(off.collect())
}

/// What waits for a provider longer than a provider is ever away.
async fn late(app: &App) -> Result<Vec<Violation>> {
    let (db, before) = (&app.db.read, app.clock.now() - LATE);
    let told = |promise: &'static str, what: &'static str, ids: Vec<Uuid>| {
        ids.into_iter().map(move |id| Violation::new(promise, format!("{what} {id}")))
    };
    let refunds = queries::waiting_refunds(db, before, None, BATCH).await?;
    let returns = queries::waiting_returns(db, before, None, BATCH).await?;
    let events = queries::waiting_events(db, before, None, BATCH).await?;
    Ok(told("a refund is sent within a day", "refund", refunds)
        .chain(told("money that no order waits for is sent back within a day", "payment", returns))
        .chain(told("what a provider told is applied within a day", "provider event", events))
        .collect())
}

async fn judge_again(app: &App, order: Uuid) -> Result<Vec<Violation>> {
    app.db
        .write(async |tx| {
            let order = settle::locked_order(tx, order).await?;
            Ok(stories(tx, vec![order]).await?.iter().flat_map(Story::broken).collect())
        })
        .await
}

async fn stories(db: &impl ConnectionTrait, orders: Vec<order::Model>) -> Result<Vec<Story>> {
    let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
    let lines = queries::lines(db, &ids).await?;
    let line_ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    let rights = library::of_lines(db, &line_ids).await?;
    let order_of: HashMap<Uuid, Uuid> = lines.iter().map(|line| (line.id, line.order_id)).collect();
    let mut lines = grouped(lines, |line| Some(line.order_id));
    let payments = queries::payments(db, &ids).await?;
    let order_of_payment: HashMap<Uuid, Uuid> =
        payments.iter().map(|payment| (payment.id, payment.order_id)).collect();
    let payment_ids: Vec<Uuid> = payments.iter().map(|payment| payment.id).collect();
    let disputes = queries::disputes(db, &payment_ids).await?;
    let mut disputes = grouped(disputes, |row| order_of_payment.get(&row.payment_id).copied());
    let returns = queries::payment_returns(db, &payment_ids).await?;
    let mut returns = grouped(returns, |row| order_of_payment.get(&row.payment_id).copied());
    let mut payments = grouped(payments, |payment| Some(payment.order_id));
    let mut history = grouped(queries::transitions(db, &ids).await?, |step| Some(step.order_id));
    let mut entries = grouped(queries::entries(db, &ids).await?, |entry| entry.order_id);
    let given_back = queries::refunded_lines(db, &line_ids).await?;
    let mut given_back = grouped(given_back, |row| order_of.get(&row.line_id).copied());
    let mut refunds = grouped(queries::refunds(db, &ids).await?, |refund| Some(refund.order_id));
    let mut rights = grouped(rights, |right| order_of.get(&right.source_id).copied());
    let coupons = queries::orders_with_coupon(db, &ids).await?;
    let mut coupons = grouped(coupons, |row| Some(row.order_id));
    let gifts = queries::gifts_of_orders(db, &ids).await?.into_iter();
    let mut gifts: HashMap<Uuid, gift::Model> = gifts.map(|gift| (gift.order_id, gift)).collect();
    let mut withdrawals = grouped(queries::withdrawals(db, &ids).await?, |row| Some(row.order_id));
    let keys = licenses::statuses(db, &line_ids).await?;
    let mut keys = grouped(keys, |(line, _)| order_of.get(line).copied());
    let story = |order: order::Model| Story {
        lines: lines.remove(&order.id).unwrap_or_default(),
        payments: payments.remove(&order.id).unwrap_or_default(),
        history: history.remove(&order.id).unwrap_or_default(),
        entries: entries.remove(&order.id).unwrap_or_default(),
        rights: rights.remove(&order.id).unwrap_or_default(),
        gift: gifts.remove(&order.id),
        refunds: refunds.remove(&order.id).unwrap_or_default(),
        given_back: given_back.remove(&order.id).unwrap_or_default(),
        coupons: coupons.remove(&order.id).unwrap_or_default(),
        keys: keys.remove(&order.id).unwrap_or_default(),
        withdrawals: withdrawals.remove(&order.id).unwrap_or_default(),
        disputes: disputes.remove(&order.id).unwrap_or_default(),
        returns: returns.remove(&order.id).unwrap_or_default(),
        order,
    };
    Ok(orders.into_iter().map(story).collect())
}

fn grouped<T>(rows: Vec<T>, order: impl Fn(&T) -> Option<Uuid>) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        if let Some(order) = order(&row) {
            groups.entry(order).or_default().push(row);
        }
    }
    groups
}

/// Rights that say they come from an order line which isn't there.
async fn rights(db: &DatabaseConnection, since: Option<Uuid>) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = since;
    loop {
        let rights = library::of_orders(db, after, BATCH).await?;
        let Some(last) = rights.last() else { return Ok(violations) };
        after = Some(last.id);
        let ids: Vec<Uuid> = rights.iter().map(|right| right.source_id).collect();
        let lines = queries::lines_by_id(db, &ids).await?;
        let known: HashSet<Uuid> = lines.into_iter().map(|line| line.id).collect();
        let stray = rights.iter().filter(|right| !known.contains(&right.source_id));
        violations.extend(stray.map(|right| {
            Violation::new("a right by purchase has its order line", format!("entitlement {}", right.id))
        }));
    }
}
