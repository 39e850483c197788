//! What orders and carts hold of a person: taken along, called off, erased, and removed after its time.
use chrono::{DateTime, Utc};
use entity::{dispute, order::Status, payment, payment_return};
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{close, credit, gifts, orders, queries, receipts};
use crate::{
    app::App,
    error::{Error, Refusal, Result},
};

/// Carts emptied in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 500;

/// 409: the money may be on its way.
const BEING_PAID: Refusal =
    Refusal::conflict("order_pending", "An order of yours is being paid; try again when it is.");

/// Cancels every open order of an account, at its provider too; 409 `order_pending` when one is being paid.
pub async fn call_off(app: &App, account: Uuid) -> Result<()> {
    for order in queries::open_orders(&app.db.read, account).await? {
        if close::close(app, order, Status::Cancelled).await? {
            continue;
        }
        if queries::open_orders(&app.db.read, account).await?.contains(&order) {
            return Err(BEING_PAID.into());
        }
    }
    Ok(())
}

/// Takes the cart, and of the orders what leads to the person, away; 409 `order_pending` when one was just placed. The
/// caller has locked the account, so none is placed meanwhile.
pub async fn erase(app: &App, tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    if !queries::open_orders(tx, account).await?.is_empty() {
        return Err(BEING_PAID.into());
    }
    queries::empty_cart(tx, account).await?;
    queries::take_coupon_out_of_cart(tx, account).await?;
    queries::forget_urls(tx, account).await?;
    queries::forget_reasons(tx, account).await?;
    credit::close_out(app, tx, account).await?;
    gifts::erase(tx, account).await
}

/// What is in the cart, from behind a product.
pub async fn exported_cart(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::cart_rows(&app.db.read, account, after, most).await?;
    let told = |row: entity::cart_item::Model| {
        let item = json!({
            "product_id": row.product_id, "amount": row.amount, "currency": row.currency, "added_at": row.added_at,
        });
        (row.product_id, item)
    };
    Ok(rows.into_iter().map(told).collect())
}

/// The coupon in the cart: at most one, so none is behind another.
pub async fn exported_cart_coupon(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
) -> Result<Vec<(Uuid, Value)>> {
    let row = queries::cart_coupon(&app.db.read, account).await?.filter(|_| after.is_none());
    let Some(row) = row else { return Ok(Vec::new()) };
    let coupon = queries::coupon(&app.db.read, row.coupon_id).await?;
    let told = coupon.map(|coupon| (coupon.id, json!({"code": coupon.code, "added_at": row.added_at})));
    Ok(told.into_iter().collect())
}

/// Orders with their lines, payments, refunds and history, newest first, from behind one.
pub async fn exported_orders(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::orders_of(&app.db.read, account, after, most).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let payments = queries::payments(&app.db.read, &ids).await?;
    let payment_ids: Vec<Uuid> = payments.iter().map(|payment| payment.id).collect();
    let returns = queries::payment_returns(&app.db.read, &payment_ids).await?;
    let disputes = queries::disputes(&app.db.read, &payment_ids).await?;
    let history = queries::transitions(&app.db.read, &ids).await?;
    let refunds = queries::refunds(&app.db.read, &ids).await?;
    let places = queries::places(&app.db.read, &ids).await?;
    let invoices = queries::invoices(&app.db.read, &ids).await?;
    let withdrawals = queries::withdrawals(&app.db.read, &ids).await?;
    let mut told = Vec::new();
    for (row, order) in rows.iter().zip(orders::whole(app, rows.clone()).await?) {
        let mut order = serde_json::to_value(order).map_err(Error::unexpected)?;
        let payments = payments.iter().filter(|payment| payment.order_id == row.id);
        let payments = payments.map(|row| payment(row, &returns, &disputes));
        let history = history.iter().filter(|step| step.order_id == row.id);
        let history = history.map(|step| json!({"status": step.to_status, "at": step.at}));
        if let Some(order) = order.as_object_mut() {
            order.remove("payment");
            order.insert("payments".to_owned(), payments.collect());
            order.insert("history".to_owned(), history.collect());
            let refunds = refunds.iter().filter(|refund| refund.order_id == row.id).map(refund);
            order.insert("refunds".to_owned(), refunds.collect());
            let invoices = invoices.iter().filter(|document| document.order_id == row.id).map(invoice);
            order.insert("invoices".to_owned(), invoices.collect());
            order.insert(
                "immediate_delivery_accepted_at".to_owned(),
                json!(row.immediate_delivery_accepted_at),
            );
            let places = places.iter().filter(|place| place.order_id == row.id);
            let places = places.map(|place| json!({"source": place.source, "country": place.country}));
            order.insert("places".to_owned(), places.collect());
            order.insert("ip".to_owned(), json!(row.ip));
            let withdrawals = withdrawals.iter().filter(|withdrawal| withdrawal.order_id == row.id);
            let withdrawals = withdrawals
                .map(|row| json!({"prepared_at": row.prepared_at, "confirmed_at": row.confirmed_at}));
            order.insert("withdrawals".to_owned(), withdrawals.collect());
            order.insert("success_url".to_owned(), json!(row.success_url));
            order.insert("cancel_url".to_owned(), json!(row.cancel_url));
        }
        told.push((row.id, order));
    }
    Ok(told)
}

fn payment(row: &payment::Model, returns: &[payment_return::Model], disputes: &[dispute::Model]) -> Value {
    let returned = returns.iter().find(|returned| returned.payment_id == row.id);
    let disputes = disputes.iter().filter(|dispute| dispute.payment_id == row.id);
    let disputes = disputes.map(|dispute| {
        json!({
            "amount": dispute.amount, "status": dispute.status.to_value(), "told_at": dispute.told_at,
            "ended_at": dispute.ended_at,
        })
    });
    json!({
        "id": row.id, "provider": row.provider, "provider_ref": row.provider_ref, "status": row.status,
        "amount": row.amount, "captured": row.captured, "refunded": row.refunded, "currency": row.currency,
        "created_at": row.created_at, "settled_at": row.settled_at,
        "returned": returned.map(|row| json!({"amount": row.amount, "at": row.created_at})),
        "disputes": disputes.collect::<Vec<_>>(),
    })
}

fn refund(row: &entity::refund::Model) -> Value {
    json!({
        "id": row.id, "amount": row.amount, "credit": row.credit, "currency": row.currency, "reason": row.reason, "status": row.status,
        "created_at": row.created_at, "settled_at": row.settled_at,
    })
}

fn invoice(row: &entity::invoice::Model) -> Value {
    json!({"number": receipts::written(row), "refund_id": row.refund_id, "issued_at": row.issued_at})
}

/// Empties the carts into which nothing was put since; says how many.
pub async fn forget_carts(app: &App, untouched_since: DateTime<Utc>) -> Result<u64> {
    app.db.write(async |tx| Ok(queries::forget_cart_coupons(tx, untouched_since).await?)).await?;
    app.db
        .write_in_batches(BATCH, async |tx| {
            let old = queries::old_carts(tx, untouched_since, BATCH).await?;
            queries::empty_carts(tx, &old, untouched_since).await?;
            Ok(old.len() as u64)
        })
        .await
}

/// Forgets from where orders were placed before a moment; says how many.
pub async fn forget_addresses(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(queries::forget_addresses(tx, before, BATCH).await?)).await
}
