//! Somebody who has left traces wherever a person can.
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, buy, wish},
    support::{Client, PASSWORD, Reply},
};

pub const ME: &str = "/api/v1/me";
pub const EXPORT: &str = "/api/v1/me/export";
pub const NAME: &str = "Zenobia Quillfeather";
pub const ADDRESS: &str = "zenobia.quillfeather@example.com";
pub const IP: &str = "203.0.113.77";
pub const AGENT: &str = "ZenobiaBrowser/7.3";

/// A shop behind a proxy, which tells the addresses of its visitors.
pub async fn shop() -> Shop {
    Shop::with(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await
}

/// Zenobia, who has registered.
pub async fn zenobia(shop: &Shop) -> Client {
    let visitor = shop.app.nobody().coming_from(IP, AGENT);
    let body = json!({
        "email": ADDRESS, "password": PASSWORD, "display_name": NAME, "locale": "de", "country": "DE",
    });
    let reply = visitor.post("/api/v1/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    visitor.with_session(&reply.json())
}

/// Somebody signs in as Zenobia; the answer whatever it is.
pub async fn sign_in(shop: &Shop, password: &str) -> Reply {
    let visitor = shop.app.nobody().coming_from(IP, AGENT);
    visitor.post("/api/v1/auth/login", json!({"email": ADDRESS, "password": password})).await
}

pub async fn delete(client: &Client, body: Value) -> Reply {
    Reply::of(client.request(Method::DELETE, ME).json(&body)).await
}

/// What Zenobia owns, thinks of buying, and has open.
pub struct Traces {
    pub bought: Uuid,
    pub given: Uuid,
    pub wanted: Uuid,
    pub paid: Value,
    pub open: Value,
}

/// Zenobia buys, is given something, downloads nothing yet, leaves a cart and an open order.
pub async fn leave_traces(shop: &Shop, zenobia: &Client) -> Traces {
    let mut products = Vec::new();
    for title in ["Bought", "Given", "Wanted", "Open"] {
        products.push(shop.sell(title, 1000).await);
    }
    let [bought, given, wanted, open] = products[..] else { unreachable!() };
    let paid = buy(zenobia, &[bought]).await;
    let support = shop.app.support().await;
    let reason = format!("{NAME} won it");
    let path = format!("/api/v1/admin/accounts/{}/grants", zenobia.account_id());
    assert_eq!(support.post(&path, json!({"product_id": given, "reason": reason})).await.status, 201);
    let credit = json!({"amount": {"amount": 100, "currency": "USD"}, "reason": format!("{NAME} waited")});
    let path = format!("/api/v1/admin/accounts/{}/credit", zenobia.account_id());
    assert_eq!(support.post(&path, credit).await.status, 201);
    assert_eq!(zenobia.put(&format!("/api/v1/cart/items/{wanted}"), json!({})).await.status, 200);
    let mut body = wish(&[open]);
    body["success_url"] = json!(format!("https://shop.example/thanks?for={ADDRESS}"));
    let checkout = zenobia.request(Method::POST, "/api/v1/checkout").json(&body);
    let open = Reply::of(checkout.header("idempotency-key", format!("order-of-{ADDRESS}"))).await;
    assert_eq!(open.status, 201, "{}", open.text());
    Traces { bought, given, wanted, paid, open: open.json() }
}
