//! What there is not enough of for everybody: uses of a coupon, licence keys, devices of a licence.

use std::collections::HashSet;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::checkouts::{self, Wish};
use crate::process::Result;
use crate::server::{Caller, text};

/// Licence keys of a pool that everybody wants one of.
const KEYS: usize = 10;
/// Devices that want the one seat of a licence at once.
const DEVICES: usize = 20;

/// A coupon that may be used once: one order has it.
pub(super) async fn coupon(admin: &Caller, buyers: &[Caller], product: &str, code: &str) -> Result<()> {
    let body = json!({"code": code, "percent": 50, "max_redemptions": 1});
    admin.call(Method::POST, "/api/v1/admin/coupons", Some(body)).await?;
    let wish = Wish { coupon: Some(code), ..Wish::default() };
    let orders = checkouts::all_at_once(buyers, product, wish, "invalid_coupon").await?;
    let [(buyer, order)] = orders.as_slice() else {
        return Err(format!("a coupon of one use was used {} times", orders.len()).into());
    };
    let buyer = buyers.get(*buyer).ok_or("a stranger's order")?;
    if checkouts::pay(buyer, order).await? { Ok(()) } else { Err("the order was not paid".into()) }
}

/// A pool of ten licence keys: ten buyers have one, each another.
pub(super) async fn keys(admin: &Caller, buyers: &[Caller], product: &str, round: u32) -> Result<()> {
    let pool: Vec<String> = (0..KEYS).map(|number| format!("RACE-{round}-{number}")).collect();
    add_keys(admin, product, &pool).await?;
    let orders = checkouts::all_at_once(buyers, product, Wish::default(), "out_of_keys").await?;
    if orders.len() != KEYS {
        return Err(format!("{} orders of {KEYS} keys", orders.len()).into());
    }
    let mut seen = HashSet::new();
    for (buyer, order) in &orders {
        let buyer = buyers.get(*buyer).ok_or("a stranger's order")?;
        checkouts::pay(buyer, order).await?;
        seen.insert(key(buyer, product).await?);
    }
    if seen.len() == KEYS { Ok(()) } else { Err(format!("{KEYS} buyers have {} keys", seen.len()).into()) }
}

/// A licence of one seat: it is active on one device.
pub(super) async fn seat(admin: &Caller, buyer: &Caller, product: &str, round: u32) -> Result<()> {
    add_keys(admin, product, &[format!("SEAT-{round}")]).await?;
    let policy = format!("/api/v1/admin/products/{product}/license-policy");
    admin.call(Method::PUT, &policy, Some(json!({"max_activations": 1}))).await?;
    let order = checkouts::order(buyer, product, Wish::default()).await?;
    checkouts::pay(buyer, &order).await?;
    let key = key(buyer, product).await?;
    let requests = (0..DEVICES).map(|device| {
        let body = json!({"license_key": key, "fingerprint": format!("device {device}")});
        buyer.request(Method::POST, "/api/v1/licenses/activate").json(&body).send()
    });
    let mut active = 0;
    for reply in join_all(requests).await {
        let reply = reply?;
        match reply.status() {
            StatusCode::CREATED => active += 1,
            StatusCode::CONFLICT => {}
            status => return Err(format!("{status} {}", reply.text().await?).into()),
        }
    }
    if active == 1 { Ok(()) } else { Err(format!("one seat is taken {active} times").into()) }
}

async fn add_keys(admin: &Caller, product: &str, keys: &[String]) -> Result<()> {
    let path = format!("/api/v1/admin/products/{product}/license-keys");
    admin.call(Method::POST, &path, Some(json!({"keys": keys}))).await.map(drop)
}

/// The licence key of something owned.
async fn key(buyer: &Caller, product: &str) -> Result<String> {
    let item: Value = buyer.call(Method::GET, &format!("/api/v1/library/{product}"), None).await?;
    Ok(text(&item, "/license_keys/0")?.to_owned())
}
