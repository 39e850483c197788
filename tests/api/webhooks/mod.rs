//! Outgoing webhooks, as the programs see them that are told, and the admins who have them told.
mod closed_networks;
mod endpoints;
mod failures;
pub mod receiver;
mod sent;
mod topic;

use std::num::NonZeroU16;

use mist::{background, webhooks};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, id},
    support::{Client, Reply},
};

const WEBHOOKS: &str = "/api/v1/admin/webhooks";

/// A store that may tell programs on loopback, and its admin.
async fn shop() -> (Shop, Client) {
    let shop = Shop::with(|config| {
        config.webhooks.allow_private = true;
        config.webhooks.timeout = NonZeroU16::new(2).unwrap();
    })
    .await;
    let admin = shop.app.admin().await;
    (shop, admin)
}

/// Has an address told of events; the answer, with the secret.
async fn tell(admin: &Client, url: &str, events: &[&str]) -> Value {
    let reply = admin.post(WEBHOOKS, json!({"url": url, "events": events})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", id(webhook))
}

async fn change(admin: &Client, webhook: &Value, changes: Value) -> Reply {
    Reply::of(admin.request(Method::PATCH, &path(webhook)).json(&changes)).await
}

/// What is known of what an endpoint was told, the newest first.
async fn deliveries(admin: &Client, webhook: &Value) -> Vec<Value> {
    let list = admin.get(&format!("{}/deliveries", path(webhook))).await.json();
    list["items"].as_array().unwrap().clone()
}

/// Reads the event log, and sends all that is due.
pub async fn send(shop: &Shop) {
    background::tick(&shop.app.app, "events").await.unwrap();
    webhooks::send_due(&shop.app.app).await.unwrap();
}

async fn test(admin: &Client, webhook: &Value) -> Uuid {
    let reply = admin.act(&format!("{}/test", path(webhook))).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    id(&reply.json())
}

async fn redeliver(admin: &Client, webhook: &Value, delivery: &Value) -> Reply {
    admin.act(&format!("{}/deliveries/{}/redeliver", path(webhook), id(delivery))).await
}
