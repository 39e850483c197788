//! Withdrawal from an order within 14 days, without a reason: stated first, then confirmed (Directive 2011/83/EU, articles 9,
//! 11a and 16 m). The right to it is lost by delivery to which the buyer has consented, product by product.
use chrono::{DateTime, Datelike, Days, NaiveTime, Utc, Weekday};
use entity::{
    order::{self, Status},
    order_line, withdrawal,
};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    gifts, queries,
    refunds::{self, By},
    settle,
};
use crate::{
    accounts,
    app::App,
    catalog::licenses,
    error::{Error, NOT_FOUND, Refusal, Result},
    languages::{Gap, Language, Part},
    library,
    mail::{self, Mail, Withdrawn, WithdrawnLine, day},
    values::{Currency, Money},
};

/// The job that mails that a withdrawal was received; its payload is `{withdrawal_id}`.
pub(super) const WITHDRAWAL_MAIL: &str = "withdrawal_mail";

/// How long the right lasts from the day after the contract (article 9).
const PERIOD: Days = Days::new(14);
/// Why an order was given back whose buyer withdrew.
const REASON: &str = "withdrawal";

const NOT_WITHDRAWABLE: Refusal =
    Refusal::conflict("not_withdrawable", "Nothing of it can be withdrawn from; `reason` says why.");
const NOT_PREPARED: Refusal =
    Refusal::conflict("withdrawal_not_prepared", "State first from what you withdraw, then confirm it.");

/// Where a withdrawal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WithdrawalStatus)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// It is stated, and has no effect yet.
    Prepared,
    /// It was received, and the money goes back.
    Confirmed,
}

/// By what the right to withdraw was lost: the buyer had consented that delivery begins at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WithdrawalLoss)]
#[serde(rename_all = "snake_case")]
pub(super) enum Loss {
    /// It was downloaded.
    Downloaded,
    /// Its licence key was shown.
    KeyShown,
}

/// A withdrawal from an order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Withdrawal {
    /// UUIDv7.
    id: Uuid,
    /// From which order.
    order_id: Uuid,
    /// What people quote.
    order_number: String,
    /// Where it stands.
    status: Standing,
    /// What is declared by confirming it, in the reader's language.
    statement: String,
    /// From what.
    items: Vec<WithdrawnItem>,
    /// What else was bought with it that can't be withdrawn from any more.
    lost: Vec<LostItem>,
    /// What goes back.
    refund: Money,
    /// UTC: until then it can be confirmed.
    until: DateTime<Utc>,
    /// UTC.
    prepared_at: DateTime<Utc>,
    /// UTC, when it was received.
    #[schema(required)]
    confirmed_at: Option<DateTime<Utc>>,
}

/// A product that is withdrawn from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithdrawnItem {
    product_id: Uuid,
    /// As it was called when it was bought.
    title: String,
    /// What was paid for it.
    total: Money,
}

/// A product that can't be withdrawn from any more.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LostItem {
    product_id: Uuid,
    /// As it was called when it was bought.
    title: String,
    /// By what the right was lost.
    reason: Loss,
}

/// A line with what took the right to withdraw from it away.
type Judged = (order_line::Model, Option<Loss>);

/// States from what of an order its buyer withdraws: the products, default all that can be. It has no effect before it is
/// confirmed; stated again it replaces what was stated before.
///
/// 409 `not_withdrawable` with its `reason`: `not_paid`, `disputed`, `already_refunded`, `claimed`, `too_late`, `delivered`.
pub(super) async fn prepare(app: &App, account: Uuid, order: Uuid, items: Option<&[Uuid]>) -> Result<()> {
    app.db
        .write(async |tx| {
            let order = settle::locked_order_of(tx, account, order).await?;
            let lines = judge(app, tx, &order, items.unwrap_or_default()).await?;
            let chosen = choose(&lines, items)?;
            let row = withdrawal::Model {
                id: app.clock.new_id(),
                order_id: order.id,
                refund_id: None,
                prepared_at: app.clock.now(),
                confirmed_at: None,
            };
            Ok(queries::put_withdrawal(tx, &row, &chosen).await?)
        })
        .await
}

/// Confirms what was stated: the money goes back, and the buyer is mailed that it was received. Again it changes nothing.
///
/// 409 `withdrawal_not_prepared`; `not_withdrawable` for what was delivered or claimed since, or is too late by now.
pub(super) async fn confirm(app: &App, account: Uuid, order: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            let order = settle::locked_order_of(tx, account, order).await?;
            let stated = queries::latest_withdrawal(tx, order.id).await?.ok_or(NOT_PREPARED)?;
            if stated.confirmed_at.is_some() {
                return Ok(());
            }
            let lines = judge(app, tx, &order, &[]).await?;
            let chosen = queries::withdrawn_lines(tx, stated.id).await?;
            let products = lines.iter().filter(|(line, _)| chosen.contains(&line.id));
            let products: Vec<Uuid> = products.map(|(line, _)| line.product_id).collect();
            if products.len() != chosen.len() {
                return Err(refused("already_refunded"));
            }
            choose(&lines, Some(&products))?;
            let by = By::Withdrawal(account);
            let wish =
                refunds::Wish { items: Some(products), reason: REASON.to_owned(), to_credit: false, by };
            let refund = refunds::refund_in(app, tx, &order, &wish).await?;
            let now = app.clock.now();
            if !queries::confirm_withdrawal(tx, stated.id, refund, now).await? {
                return Err(Error::unexpected("a withdrawal was confirmed while its order was locked"));
            }
            let payload = json!({"withdrawal_id": stated.id});
            let mail = NewJob::new(app.clock.new_id(), WITHDRAWAL_MAIL, &payload).in_lane(order.account_id);
            queue::enqueue(tx, mail, now).await?;
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// The latest withdrawal from an order; 409 `withdrawal_not_prepared` without one.
pub(super) async fn show(app: &App, order: Uuid, language: Language) -> Result<Withdrawal> {
    let db = &app.db.read;
    let order = queries::order(db, order).await?.ok_or(NOT_FOUND)?;
    let row = queries::latest_withdrawal(db, order.id).await?.ok_or(NOT_PREPARED)?;
    let chosen = queries::withdrawn_lines(db, row.id).await?;
    let lines = losses(db, queries::lines(db, &[order.id]).await?).await?;
    let currency = Currency::stored(&order.currency)?;
    let money = |amount| Money { amount, currency: currency.clone() };
    let (items, others): (Vec<Judged>, Vec<Judged>) =
        lines.into_iter().partition(|(line, _)| chosen.contains(&line.id));
    let lost = others.into_iter().filter_map(|(line, loss)| {
        let reason = loss.filter(|_| !line.refunded)?;
        Some(LostItem { product_id: line.product_id, title: line.title, reason })
    });
    let paid_at = order.paid_at.unwrap_or(order.created_at);
    Ok(Withdrawal {
        id: row.id,
        order_id: order.id,
        status: if row.confirmed_at.is_some() { Standing::Confirmed } else { Standing::Prepared },
        statement: statement(app, &order, language).await?,
        refund: money(items.iter().map(|(line, _)| line.total).sum()),
        items: items
            .into_iter()
            .map(|(line, _)| WithdrawnItem {
                product_id: line.product_id,
                title: line.title,
                total: money(line.total),
            })
            .collect(),
        lost: lost.collect(),
        until: deadline(paid_at),
        order_number: order.number,
        prepared_at: row.prepared_at,
        confirmed_at: row.confirmed_at,
    })
}

/// What a withdrawal declares: who withdraws from which contract.
async fn statement(app: &App, order: &order::Model, language: Language) -> Result<String> {
    let names = accounts::display_names(&app.db.read, &[order.account_id]).await?;
    let name = names.get(&order.account_id).map(String::as_str).unwrap_or_default();
    let day = day(language, order.paid_at.unwrap_or(order.created_at));
    let gaps = [
        ("name", Gap::from(name)),
        ("number", Gap::from(order.number.as_str())),
        ("day", Gap::from(day.as_str())),
    ];
    let said = language.text(Part::Mail, "withdrawal-statement", &gaps);
    said.ok_or_else(|| Error::unexpected("there is no statement of withdrawal"))
}

/// The lines that were not given back, each with what took the right away; refuses where there is none to any, and what of
/// `named` was given back or is no product of the order.
async fn judge(
    app: &App,
    tx: &impl ConnectionTrait,
    order: &order::Model,
    named: &[Uuid],
) -> Result<Vec<Judged>> {
    match order.status {
        Status::Paid | Status::PartiallyRefunded => {}
        Status::Disputed => return Err(refused("disputed")),
        Status::Refunded => return Err(refused("already_refunded")),
        Status::Pending | Status::Failed | Status::Cancelled | Status::Expired => {
            return Err(refused("not_paid"));
        }
    }
    // What somebody else took into an account is delivered, to whom the buyer wanted it delivered.
    if gifts::is_anothers(order, gifts::of_order(tx, order.id).await?.as_ref()) {
        return Err(refused("claimed"));
    }
    if order.paid_at.is_none_or(|paid_at| app.clock.now() >= deadline(paid_at)) {
        return Err(refused("too_late"));
    }
    let mut lines = queries::lines(tx, &[order.id]).await?;
    refunds::require_in_order(&lines, named)?;
    if lines.iter().any(|line| line.refunded && named.contains(&line.product_id)) {
        return Err(refused("already_refunded"));
    }
    lines.retain(|line| !line.refunded);
    // Whoever is about to send a file or to show a key waits until this is decided, and sends and shows none that was given
    // back.
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    library::hold_lines(tx, &ids).await?;
    licenses::hold(tx, &ids).await?;
    losses(tx, lines).await
}

/// Lines with what of each was delivered.
async fn losses(db: &impl ConnectionTrait, lines: Vec<order_line::Model>) -> Result<Vec<Judged>> {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    let rights = library::of_lines(db, &ids).await?;
    let shown = licenses::shown(db, &ids).await?;
    let loss = |line: Uuid| {
        let mut theirs = rights.iter().filter(|right| right.source_id == line);
        if theirs.any(library::Entitlement::is_delivered) {
            Some(Loss::Downloaded)
        } else {
            shown.iter().any(|(source, _)| *source == line).then_some(Loss::KeyShown)
        }
    };
    Ok(lines
        .into_iter()
        .map(|line| {
            let lost = loss(line.id);
            (line, lost)
        })
        .collect())
}

/// The lines of these products, default of all that can be withdrawn from.
fn choose(lines: &[Judged], items: Option<&[Uuid]>) -> Result<Vec<Uuid>> {
    let wanted = |line: &order_line::Model| items.is_none_or(|items| items.contains(&line.product_id));
    let chosen: Vec<&Judged> = lines.iter().filter(|(line, _)| wanted(line)).collect();
    let (kept, lost): (Vec<&Judged>, Vec<&Judged>) = chosen.into_iter().partition(|(_, loss)| loss.is_none());
    if kept.is_empty() || items.is_some() && !lost.is_empty() {
        return Err(refused("delivered"));
    }
    Ok(kept.into_iter().map(|(line, _)| line.id).collect())
}

fn refused(reason: &str) -> Error {
    NOT_WITHDRAWABLE.with("reason", reason)
}

/// The end of the fourteenth day after that of the contract, UTC, and of the next working day where it falls on a weekend
/// (Regulation (EEC, Euratom) 1182/71, article 3).
fn deadline(contract: DateTime<Utc>) -> DateTime<Utc> {
    let last = contract.date_naive() + PERIOD;
    let weekend = match last.weekday() {
        Weekday::Sat => 2,
        Weekday::Sun => 1,
        _ => 0,
    };
    (last + Days::new(weekend + 1)).and_time(NaiveTime::MIN).and_utc()
}

/// Mails a buyer that a withdrawal was received, what it says and when; sending it again is the same mail.
pub(super) async fn acknowledge(app: &App, id: Uuid, withdrawal: Uuid) -> Result<()> {
    let row = queries::withdrawal(&app.db.read, withdrawal).await?.ok_or(NOT_FOUND)?;
    let order = queries::order(&app.db.read, row.order_id).await?.ok_or(NOT_FOUND)?;
    // An account that was erased since has no address: nobody is left to tell.
    let Some((to, language)) = accounts::correspondent(app, order.account_id).await? else { return Ok(()) };
    let chosen = queries::withdrawn_lines(&app.db.read, row.id).await?;
    let mut lines = queries::lines(&app.db.read, &[order.id]).await?;
    lines.retain(|line| chosen.contains(&line.id));
    let currency = Currency::stored(&order.currency)?;
    let money = |amount| Money { amount, currency: currency.clone() };
    let told = Withdrawn {
        store: app.config.store.name.clone(),
        number: order.number.clone(),
        statement: statement(app, &order, language).await?,
        received_at: row.confirmed_at.unwrap_or(row.prepared_at),
        refund: money(lines.iter().map(|line| line.total).sum()),
        lines: lines
            .into_iter()
            .map(|line| WithdrawnLine { title: line.title, total: money(line.total) })
            .collect(),
    };
    let letter = mail::withdrawal(&app.letters, language, &told)?;
    mail::send(app, Mail { id, to, letter, attachments: Vec::new(), unsubscribe: None }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_lasts_to_the_end_of_the_fourteenth_day_and_over_a_weekend() {
        let until = |contract: &str| deadline(contract.parse().unwrap()).to_rfc3339();
        assert_eq!(until("2026-11-23T00:00:00Z"), "2026-12-08T00:00:00+00:00", "Monday to Monday's end");
        assert_eq!(until("2026-11-27T23:59:59Z"), "2026-12-12T00:00:00+00:00", "Friday to Friday's end");
        assert_eq!(until("2026-11-21T12:00:00Z"), "2026-12-08T00:00:00+00:00", "Saturday to Monday's end");
        assert_eq!(until("2026-11-22T12:00:00Z"), "2026-12-08T00:00:00+00:00", "Sunday to Monday's end");
    }
}
