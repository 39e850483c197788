//! The same request twice is one order.
use chrono::Duration;
use entity::{idempotency_key, order, payment};
use mist::config::Rate;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, end, id, read, wish};
use crate::support::{Client, Reply};

async fn send(client: &Client, key: &str, body: &Value) -> Reply {
    let request = client.request(Method::POST, "/api/v1/checkout").header("Idempotency-Key", key);
    Reply::of(request.json(body)).await
}

async fn orders(shop: &Shop) -> u64 {
    order::Entity::find().count(&shop.app.app.db.read).await.unwrap()
}

#[tokio::test]
async fn a_request_sent_again_is_answered_by_the_order_it_made() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let first = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    let again = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!((again.json(), again.header("location")), (first.json(), first.header("location")));
    end(&shop.ada, &first.json(), "succeed").await;
    // The order is read anew, and a body that says the same in another order is the same.
    let text = format!(r#"{{"accept_immediate_delivery": true,  "items": [{{"product_id": "{game}"}}]}}"#);
    let request = shop.ada.request(Method::POST, "/api/v1/checkout").header("idempotency-key", "k-1");
    let paid = Reply::of(request.header("content-type", "application/json").body(text)).await;
    assert_eq!((paid.status, paid.json()["status"].clone()), (201, json!("paid")));
    assert_eq!(orders(&shop).await, 1);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_account() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    send(&shop.ada, "k-1", &wish(&[game])).await;
    let reply = send(&shop.ada, "k-1", &wish(&[book])).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "idempotency_key_reused"));
    let bob = shop.app.account("bob").await;
    assert_eq!(send(&bob, "k-1", &wish(&[game])).await.header("idempotent-replayed"), "");
    let support = shop.app.support().await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", bob.account_id());
    let give = async |key: &str, reason: &str| {
        let request = support.request(Method::POST, &grants).header("idempotency-key", key);
        Reply::of(request.json(&json!({"product_id": book, "reason": reason}))).await
    };
    let (first, again) = (give("k-2", "Prize").await, give("k-2", "Prize").await);
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
    assert_eq!((first.json(), again.header("idempotent-replayed")), (again.json(), "true"));
    assert_eq!(give("k-2", "Other").await.code(), "idempotency_key_reused");
    assert_eq!(give("k-3", "Prize").await.code(), "already_owned");
}

#[tokio::test]
async fn only_what_succeeded_is_remembered() {
    let shop = Shop::new().await;
    let game = shop.draft("Soon", json!([{"currency": "USD", "amount": 100}])).await;
    assert_eq!(send(&shop.ada, "k-1", &wish(&[game])).await.code(), "not_for_sale");
    shop.edit(game, "publish").await;
    let reply = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (201, ""));
}

#[tokio::test]
async fn keys_are_visible_ascii_and_not_too_long() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    for key in ["", "a b", &"k".repeat(256), "a\tb", "caf\u{e9}"] {
        let reply = send(&shop.ada, key, &wish(&[game])).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "invalid_idempotency_key"), "{key:?}");
    }
    assert_eq!(send(&shop.ada, &"~".repeat(255), &wish(&[game])).await.status, 201);
    let request = shop.ada.request(Method::POST, "/api/v1/checkout");
    let twice = request.header("idempotency-key", "a").header("idempotency-key", "b");
    assert_eq!(Reply::of(twice.json(&wish(&[game]))).await.status, 422);
}

#[tokio::test]
async fn a_bad_key_hides_no_fault_of_the_body() {
    let shop = Shop::new().await;
    let faults = async |body: Value| {
        let reply = send(&shop.ada, "a b", &body).await;
        assert_eq!(reply.status, 422, "{}", reply.text());
        reply.faults().into_iter().map(|(field, _)| field).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({"coupon": 1, "owner": "me"})).await, ["Idempotency-Key", "coupon", "owner"]);
    let all = ["Idempotency-Key", "accept_immediate_delivery", "items"];
    assert_eq!(faults(json!({"items": []})).await, all, "those that the schema doesn't know too");
    let support = shop.app.support().await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let request = support.request(Method::POST, &grants).header("idempotency-key", "a b");
    let reply = Reply::of(request.json(&json!({"reason": " "}))).await;
    let fields: Vec<_> = reply.faults().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["Idempotency-Key", "product_id", "reason"]);
    let order = buy(&shop.ada, &[shop.sell("A Game", 1999).await]).await;
    for (client, path) in [(&shop.ada, "/api/v1/orders"), (&support, "/api/v1/admin/orders")] {
        let path = format!("{path}/{}/refund", id(&order));
        let request = client.request(Method::POST, &path).header("idempotency-key", "a b");
        let reply = Reply::of(request.json(&json!({"reason": "", "owner": "me"}))).await;
        let fields: Vec<_> = reply.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["Idempotency-Key", "owner", "reason"], "{path}");
    }
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let mut shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 0).await, shop.sell("A Book", 0).await);
    let first = send(&shop.ada, "k-1", &wish(&[game])).await.json();
    shop.app.advance(Duration::hours(24) - Duration::seconds(1));
    shop.ada_again().await;
    assert_eq!(send(&shop.ada, "k-1", &wish(&[game])).await.json(), first);
    shop.app.advance(Duration::seconds(1));
    let reply = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!(reply.code(), "already_owned", "it is judged as a new request");
    assert_eq!(send(&shop.ada, "k-1", &wish(&[book])).await.status, 201);
    shop.app.advance(Duration::hours(25));
    assert_eq!(mist::idempotency::forget_old(&shop.app.app).await.unwrap(), 1);
}

/// As the process leaves an order that dies between writing it and asking the provider.
async fn crashed(shop: &Shop, order: &Value) {
    let db = shop.app.app.db.writer();
    let key = idempotency_key::Entity::find().one(db).await.unwrap().unwrap();
    let mut key = key.into_active_model();
    (key.status, key.lease_until) = (Set(None), Set(shop.app.clock.now() + Duration::seconds(5)));
    key.update(db).await.unwrap();
    let payment: Uuid = order["payment"]["id"].as_str().unwrap().parse().unwrap();
    let row = payment::ActiveModel {
        id: Set(payment),
        status: Set(payment::Status::Created),
        provider_ref: Set(None),
        checkout_url: Set(None),
        ..Default::default()
    };
    row.update(db).await.unwrap();
}

#[tokio::test]
async fn a_retry_after_a_crash_goes_on_at_the_provider() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = send(&shop.ada, "k-1", &wish(&[game])).await.json();
    crashed(&shop, &order).await;
    let cut = read(&shop.ada, &order).await;
    assert_eq!(
        (&cut["payment"]["status"], &cut["payment"]["checkout_url"]),
        (&json!("created"), &Value::Null)
    );
    let early = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((early.status, early.code().as_str()), (409, "idempotency_in_progress"));
    shop.app.advance(Duration::seconds(5));
    let resumed = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((resumed.status, resumed.header("idempotent-replayed")), (201, ""));
    assert_eq!(resumed.json(), order, "the same order, and the same payment at the provider");
    assert_eq!(send(&shop.ada, "k-1", &wish(&[game])).await.header("idempotent-replayed"), "true");
    assert_eq!(orders(&shop).await, 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_that_was_called_off_while_its_process_was_dead_stays_so() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = send(&shop.ada, "k-1", &wish(&[game])).await.json();
    crashed(&shop, &order).await;
    let reply = shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&order))).await;
    assert_eq!((reply.status, reply.json()["status"].clone()), (200, json!("cancelled")));
    shop.app.advance(Duration::seconds(5));
    let resumed = send(&shop.ada, "k-1", &wish(&[game])).await;
    assert_eq!((resumed.status, resumed.json()["status"].clone()), (201, json!("cancelled")));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_repetition_is_no_other_gift_and_no_other_try_of_a_coupon() {
    let shop = Shop::with(|config| {
        config.checkout.gifts_per_account = Rate::new(1, 3600);
        config.checkout.coupon_tries_per_account = Rate::new(1, 3600);
    })
    .await;
    shop.app.prove("ada@example.com").await;
    let coupon = json!({"code": "HALF", "percent": 50});
    assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
    let mut body = wish(&[shop.sell("A Game", 1999).await]);
    body["gift"] = json!({"email": "friend@example.com"});
    body["coupon"] = json!("HALF");
    for replayed in ["", "true", "true"] {
        let reply = send(&shop.ada, "k-1", &body).await;
        assert_eq!((reply.status, reply.header("idempotent-replayed")), (201, replayed), "{}", reply.text());
    }
    assert_eq!(send(&shop.ada, "k-2", &body).await.code(), "too_many_attempts");
    assert_eq!(orders(&shop).await, 1);
}
