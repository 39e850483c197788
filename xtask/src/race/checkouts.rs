//! Many checkouts at once: one order with a key, one paid order without.

use std::collections::HashSet;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, text};
use crate::stock;

/// Checkouts with one key at once.
const WITH_KEY: usize = 50;
/// Checkouts of one product without a key at once.
const WITHOUT_KEY: usize = 20;

/// What everything costs.
pub(super) const CENTS: u32 = 1999;

/// A product to buy.
pub(super) async fn stock(admin: &Caller, title: &str) -> Result<String> {
    stock::product(admin, title, CENTS).await
}

/// How a checkout is asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) coupon: Option<&'a str>,
    pub(super) provider: Option<&'a str>,
}

/// Sends a checkout and gives its status with its body.
pub(super) async fn checkout(buyer: &Caller, product: &str, wish: Wish<'_>) -> Result<(StatusCode, Value)> {
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    let mut body = body.as_object().cloned().unwrap_or_default();
    for (name, value) in [("coupon", wish.coupon), ("provider", wish.provider)] {
        if let Some(value) = value {
            body.insert(name.to_owned(), json!(value));
        }
    }
    let mut request = buyer.request(Method::POST, "/api/v1/checkout").json(&body);
    if let Some(key) = wish.key {
        request = request.header("idempotency-key", key);
    }
    let reply = request.send().await?;
    Ok((reply.status(), serde_json::from_str(&reply.text().await?)?))
}

/// A checkout that succeeds: its order.
pub(super) async fn order(buyer: &Caller, product: &str, wish: Wish<'_>) -> Result<Value> {
    match checkout(buyer, product, wish).await? {
        (StatusCode::CREATED, order) => Ok(order),
        (status, body) => Err(format!("{status} {body}").into()),
    }
}

/// All of them check a product out at once: the orders that were placed. The others are refused by that code.
pub(super) async fn all_at_once(
    buyers: &[Caller],
    product: &str,
    wish: Wish<'_>,
    refused: &str,
) -> Result<Vec<(usize, Value)>> {
    let mut orders = Vec::new();
    let replies = join_all(buyers.iter().map(|buyer| checkout(buyer, product, wish))).await;
    for (number, reply) in replies.into_iter().enumerate() {
        let (status, body) = reply?;
        if status == StatusCode::CREATED {
            orders.push((number, body));
        } else if text(&body, "/code")? != refused {
            return Err(format!("{status} {body}").into());
        }
    }
    Ok(orders)
}

/// Every answer is the same order, or that the first is still at it.
pub(super) async fn with_one_key(buyer: &Caller, product: &str, key: &str) -> Result<()> {
    let wish = Wish { key: Some(key), ..Wish::default() };
    let callers = vec![buyer.clone(); WITH_KEY];
    let orders = all_at_once(&callers, product, wish, "idempotency_in_progress").await?;
    let ids = orders.iter().map(|(_, order)| text(order, "/id"));
    let ids = ids.collect::<Result<HashSet<&str>>>()?;
    if ids.len() == 1 { Ok(()) } else { Err(format!("one key made {} orders", ids.len()).into()) }
}

/// Of all orders that were placed, one is paid.
pub(super) async fn without_keys(buyer: &Caller, product: &str) -> Result<()> {
    let callers = vec![buyer.clone(); WITHOUT_KEY];
    let orders = all_at_once(&callers, product, Wish::default(), "order_pending").await?;
    let paid = join_all(orders.iter().map(|(_, order)| pay(buyer, order))).await;
    let paid = paid.into_iter().collect::<Result<Vec<_>>>()?.into_iter().filter(|paid| *paid).count();
    if paid == 1 { Ok(()) } else { Err(format!("{paid} of {} orders were paid", orders.len()).into()) }
}

/// Pays an order at the mock provider; false: it can't be paid any more.
pub(super) async fn pay(buyer: &Caller, order: &Value) -> Result<bool> {
    let path = format!("/api/v1/payments/mock/{}", text(order, "/payment/id")?);
    let reply = buyer.request(Method::POST, &path).json(&json!({"outcome": "succeed"})).send().await?;
    match reply.status() {
        StatusCode::OK => Ok(true),
        StatusCode::CONFLICT => Ok(false),
        status => Err(format!("{status} {}", reply.text().await?).into()),
    }
}
