//! Numbers of invoices and credit notes: without a gap, in the order of payments and of refunds.
//!
//! A number is given by a job, some seconds after the payment, so that buyers don't queue for it. The job locks the
//! counter of the series and the year, numbers whatever was paid up to its order, and commits both together: whoever
//! comes second sees what the first did, and what is rolled back leaves no gap.
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entity::{invoice, order, order_line, refund};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::facts::Facts;
use crate::{
    app::App,
    checkout::{machine, queries},
    error::{Error, NOT_FOUND, Result},
};

/// The job that numbers the invoice of an order; its payload is `{order_id}`.
pub(in crate::checkout) const INVOICE: &str = "invoice";
/// The job that numbers the credit note of a refund; its payload is `{refund_id}`.
pub(in crate::checkout) const CREDIT_NOTE: &str = "credit_note";

/// What invoices are counted among.
const INVOICES: &str = "INV";
/// What credit notes are counted among.
const CREDIT_NOTES: &str = "CN";
/// Seconds after which nothing older is still being committed: what is numbered then is in its order.
const SETTLED: TimeDelta = TimeDelta::seconds(10);
/// Documents that are numbered in one transaction: the counter is not held for long.
const BATCH: u64 = 100;

/// The job of an order that was paid; none for one that cost nothing, which has no invoice.
pub(in crate::checkout) fn paid(id: Uuid, order: &order::Model, now: DateTime<Utc>) -> Option<NewJob> {
    let job = || NewJob::new(id, INVOICE, &json!({"order_id": order.id})).at(now + SETTLED);
    (order.total > 0).then(job)
}

/// The job of a refund; none where nothing was paid.
pub(in crate::checkout) fn numbered_refund(id: Uuid, refund: &refund::Model) -> Option<NewJob> {
    let job =
        || NewJob::new(id, CREDIT_NOTE, &json!({"refund_id": refund.id})).at(refund.created_at + SETTLED);
    (refund.amount > 0).then(job)
}

/// Numbers the invoice of an order, and first those of whatever was paid before it in its year.
pub(in crate::checkout) async fn number_order(app: &App, order: Uuid) -> Result<()> {
    // Whoever numbers one numbers all that are due: the others mostly find it done, and hold nobody up.
    if queries::invoice_of(&app.db.read, order).await?.is_some() {
        return Ok(());
    }
    while !app.db.write(async |tx| number_orders_in(app, tx, order).await).await? {}
    Ok(())
}

/// Numbers the credit note of a refund, after its invoice and after those of whatever was given back before it.
pub(in crate::checkout) async fn number_refund(app: &App, refund: Uuid) -> Result<()> {
    let row = queries::refund(&app.db.read, refund).await?.ok_or(NOT_FOUND)?;
    number_order(app, row.order_id).await?;
    while !app.db.write(async |tx| number_refunds_in(app, tx, refund).await).await? {}
    Ok(())
}

/// One batch; says whether the order has its number by now.
async fn number_orders_in(app: &App, tx: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    let order = queries::order(tx, id).await?.ok_or(NOT_FOUND)?;
    let Some(paid_at) = order.paid_at.filter(|_| machine::is_captured(order.status)) else {
        return Err(Error::unexpected("an order that is not paid has no invoice"));
    };
    let mut counter = queries::locked_counter(tx, INVOICES, paid_at).await?;
    if order.total == 0 || queries::invoice_of(tx, id).await?.is_some() {
        return Ok(true);
    }
    let due = queries::orders_without_invoice(tx, counter.until, paid_at, BATCH).await?;
    // One that committed later than all of its time is numbered alone.
    let due = if due.is_empty() { vec![order] } else { due };
    let ids: Vec<Uuid> = due.iter().map(|order| order.id).collect();
    let lines = queries::lines(tx, &ids).await?;
    let mut documents = Vec::new();
    for order in &due {
        let of_it: Vec<order_line::Model> =
            lines.iter().filter(|line| line.order_id == order.id).cloned().collect();
        let at = order.paid_at.unwrap_or(paid_at);
        counter.last += 1;
        counter.until = counter.until.max(at);
        let facts = Facts::of(&app.config.store, order, &of_it, at);
        documents.push(document(app, &facts, order.id, None, (INVOICES, at.year(), counter.last))?);
    }
    queries::insert_invoices(tx, documents).await?;
    queries::move_counter(tx, &counter).await?;
    Ok(ids.contains(&id))
}

/// One batch; says whether the refund has its number by now.
async fn number_refunds_in(app: &App, tx: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    let refund = queries::refund(tx, id).await?.ok_or(NOT_FOUND)?;
    let at = refund.created_at;
    let mut counter = queries::locked_counter(tx, CREDIT_NOTES, at).await?;
    if refund.amount == 0 || queries::credit_note_of(tx, id).await?.is_some() {
        return Ok(true);
    }
    let due = queries::refunds_without_credit_note(tx, counter.until, at, BATCH).await?;
    let due = if due.is_empty() { vec![refund] } else { due };
    let mut documents = Vec::new();
    for refund in &due {
        let order = queries::order(tx, refund.order_id).await?.ok_or(NOT_FOUND)?;
        let lines = queries::lines_of_refund(tx, refund.id).await?;
        counter.last += 1;
        counter.until = counter.until.max(refund.created_at);
        let facts = Facts::of(&app.config.store, &order, &lines, refund.created_at);
        let number = (CREDIT_NOTES, refund.created_at.year(), counter.last);
        documents.push(document(app, &facts, order.id, Some(refund.id), number)?);
    }
    queries::insert_invoices(tx, documents).await?;
    queries::move_counter(tx, &counter).await?;
    Ok(due.iter().any(|refund| refund.id == id))
}

fn document(
    app: &App,
    facts: &Facts,
    order: Uuid,
    refund: Option<Uuid>,
    (series, year, number): (&str, i32, i64),
) -> Result<invoice::Model> {
    Ok(invoice::Model {
        id: app.clock.new_id(),
        order_id: order,
        refund_id: refund,
        series: series.to_owned(),
        year,
        number,
        issued_at: app.clock.now(),
        snapshot: serde_json::to_value(facts).map_err(Error::unexpected)?,
    })
}

/// The number as people write it: `INV-2026-000001`.
pub(in crate::checkout) fn written(document: &invoice::Model) -> String {
    format!("{}-{}-{:06}", document.series, document.year, document.number)
}
