//! Orders for somebody else.
mod claiming;
mod ending;
mod giving;
mod personal;

use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, end, wish};
use crate::support::{Client, Reply};

const CLAIM: &str = "/api/v1/gifts/claim";
const GIFTS: &str = "/api/v1/gifts";
/// Whom everything is given to; nobody has to have an account of that address.
pub const FRIEND: &str = "friend@example.com";
/// Where a mailed gift leads.
const PAGE: &str = "/gifts/claim";

/// A shop whose Ada has proven her address, so that she may give.
pub async fn shop() -> Shop {
    let shop = Shop::new().await;
    shop.app.prove("ada@example.com").await;
    shop
}

/// A checkout for somebody else.
async fn place(client: &Client, products: &[Uuid], gift: Value) -> Reply {
    let mut body = wish(products);
    body["gift"] = gift;
    client.post("/api/v1/checkout", body).await
}

/// A gift that is paid: its order.
async fn pay(client: &Client, products: &[Uuid], gift: Value) -> Value {
    let reply = place(client, products, gift).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let order = reply.json();
    if order["status"] == "paid" {
        return order;
    }
    let reply = end(client, &order, "succeed").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Somebody gives products to the friend: the order, and the token that was mailed.
pub async fn give(shop: &Shop, giver: &Client, products: &[Uuid]) -> (Value, String) {
    let order = pay(giver, products, json!({"email": FRIEND})).await;
    (order, shop.app.token_for(FRIEND, PAGE).await)
}

pub async fn claim(client: &Client, token: &str) -> Reply {
    client.post(CLAIM, json!({"token": token})).await
}

/// A claim that succeeds.
async fn claimed(client: &Client, token: &str) -> Value {
    let reply = claim(client, token).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// The newest gift of somebody.
async fn newest(client: &Client) -> Value {
    client.get(GIFTS).await.json()["items"][0].clone()
}

async fn owns(client: &Client, product: Uuid) -> bool {
    client.get(&format!("/api/v1/library/{product}")).await.status == 200
}

/// Refused, for that reason.
fn refused(reply: &Reply, code: &str, reason: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (409, code), "{}", reply.text());
    assert_eq!(reply.json()["reason"], reason);
}
