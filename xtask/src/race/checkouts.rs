//! Many checkouts at once: one order with a key, one paid order without.

use std::collections::HashSet;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, text};

/// Checkouts with one key at once.
const WITH_KEY: usize = 50;
/// Checkouts of one product without a key at once.
const WITHOUT_KEY: usize = 20;

/// A product to buy, to be released some day.
pub(super) async fn stock(admin: &Caller, title: &str) -> Result<String> {
    let prices = json!([{"currency": "USD", "amount": 1999}]);
    let body = json!({"kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01"});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let id = text(&product, "/id")?.to_owned();
    admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
    Ok(id)
}

/// Sends a checkout and gives its status with its body.
async fn checkout(buyer: &Caller, product: &str, key: Option<&str>) -> Result<(StatusCode, Value)> {
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    let mut request = buyer.request(Method::POST, "/api/v1/checkout").json(&body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let reply = request.send().await?;
    Ok((reply.status(), serde_json::from_str(&reply.text().await?)?))
}

/// Every answer is the same order, or that the first is still at it.
pub(super) async fn with_one_key(buyer: &Caller, product: &str, key: &str) -> Result<()> {
    let mut orders = HashSet::new();
    for reply in join_all((0..WITH_KEY).map(|_| checkout(buyer, product, Some(key)))).await {
        let (status, body) = reply?;
        if status == StatusCode::CREATED {
            orders.insert(text(&body, "/id")?.to_owned());
        } else if text(&body, "/code")? != "idempotency_in_progress" {
            return Err(format!("{status} {body}").into());
        }
    }
    if orders.len() == 1 { Ok(()) } else { Err(format!("one key made {} orders", orders.len()).into()) }
}

/// Of all orders that were placed, one is paid.
pub(super) async fn without_keys(buyer: &Caller, product: &str) -> Result<()> {
    let mut orders = Vec::new();
    for reply in join_all((0..WITHOUT_KEY).map(|_| checkout(buyer, product, None))).await {
        let (status, body) = reply?;
        if status == StatusCode::CREATED {
            orders.push(body);
        } else if text(&body, "/code")? != "order_pending" {
            return Err(format!("{status} {body}").into());
        }
    }
    let paid = join_all(orders.iter().map(|order| pay(buyer, order))).await;
    let paid = paid.into_iter().collect::<Result<Vec<_>>>()?.into_iter().filter(|paid| *paid).count();
    if paid == 1 { Ok(()) } else { Err(format!("{paid} of {} orders were paid", orders.len()).into()) }
}

/// Pays an order; false when it can't be any more.
pub(super) async fn pay(buyer: &Caller, order: &Value) -> Result<bool> {
    let path = format!("/api/v1/payments/mock/{}", text(order, "/payment/id")?);
    let reply = buyer.request(Method::POST, &path).json(&json!({"outcome": "succeed"})).send().await?;
    match reply.status() {
        StatusCode::OK => Ok(true),
        StatusCode::CONFLICT => Ok(false),
        status => Err(format!("{status} {}", reply.text().await?).into()),
    }
}
