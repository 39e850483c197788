//! What accounts are told: in the store, as it comes, and by mail.
mod kinds;
mod list;
mod mailed;
mod many;
mod personal;
mod preferences;
mod stream;
mod wishes;

use chrono::Duration;
use mist::{background, config::Config};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD, Reply, TestApp},
};

const NOTIFICATIONS: &str = "/api/v1/notifications";
const PREFERENCES: &str = "/api/v1/me/notification-preferences";

/// A shop that tells two people at a time.
async fn shop() -> Shop {
    shop_with(|_| {}).await
}

async fn shop_with(settings: impl FnOnce(&mut Config)) -> Shop {
    Shop::with(|config| {
        config.notifications.batch = 2.try_into().unwrap();
        settings(config);
    })
    .await
}

/// Lets the event log be followed, and the jobs of it run.
async fn follow(app: &TestApp) {
    background::tick(&app.app, "events").await.unwrap();
    app.run_jobs().await;
}

/// Lets the calendar be looked through, and everybody be told.
async fn look_at_calendar(app: &TestApp) {
    assert!(background::tick(&app.app, "calendar").await.unwrap());
    app.run_jobs().await;
}

async fn page(client: &Client, query: &str) -> Value {
    let reply = client.get(&format!("{NOTIFICATIONS}{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// What somebody was told, the latest first.
async fn told(client: &Client) -> Vec<Value> {
    page(client, "?limit=100").await["items"].as_array().unwrap().clone()
}

/// Of which kinds, sorted.
async fn kinds(client: &Client) -> Vec<String> {
    let mut kinds: Vec<String> =
        told(client).await.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

/// What somebody was told of a kind, the latest first.
async fn of_kind(client: &Client, kind: &str) -> Vec<Value> {
    told(client).await.into_iter().filter(|item| item["kind"] == kind).collect()
}

fn text<'a>(item: &'a Value, member: &str) -> &'a str {
    item[member].as_str().unwrap_or_else(|| panic!("{item}"))
}

async fn wish(client: &Client, product: Uuid) {
    let reply = Reply::of(client.request(Method::PUT, &format!("/api/v1/wishlist/{product}"))).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

/// A product costs less from a moment on that is later than any before it.
async fn lower(shop: &Shop, product: Uuid, cents: i64) {
    shop.app.advance(Duration::seconds(1));
    shop.price(product, cents).await;
}

/// People who wish for a product, whose names begin alike.
async fn wishers(shop: &Shop, name: &str, count: usize, product: Uuid) -> Vec<Client> {
    let mut wishers = Vec::new();
    for number in 0..count {
        let client = shop.app.account(&format!("{name}{number}")).await;
        wish(&client, product).await;
        wishers.push(client);
    }
    wishers
}

/// Somebody whose token the clock has ended signs in anew.
async fn again(app: &TestApp, name: &str) -> Client {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let reply = app.nobody().post("/api/v1/auth/login", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    Client::signed_in(&app.url, &reply.json())
}

async fn choose(client: &Client, choices: Value) -> Reply {
    client.put(PREFERENCES, choices).await
}
