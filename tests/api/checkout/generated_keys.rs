//! Licence keys that the store makes: each purchase gets one of its own, and anybody can verify it without the store.
use std::collections::HashSet;

use entity::{license_key, order_line};
use futures::future::join_all;
use mist::background;
use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, end, id, order};
use crate::support::{Client, Reply, judge::judge};

fn policy_of(product: Uuid) -> String {
    format!("/api/v1/admin/products/{product}/license-policy")
}

async fn generate(shop: &Shop, product: Uuid, generated: bool) {
    let policy = json!({"max_activations": 1, "generated": generated});
    let reply = shop.editor.put(&policy_of(product), policy).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

/// A shop with a game whose keys are made.
async fn shop() -> (Shop, Uuid) {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    generate(&shop, game, true).await;
    (shop, game)
}

async fn keys(client: &Client, product: Uuid) -> Vec<String> {
    let owned = client.get(&format!("/api/v1/library/{product}")).await.json();
    owned["license_keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

async fn ask(shop: &Shop, what: &str, body: Value) -> Reply {
    shop.app.nobody().post(&format!("/api/v1/licenses/{what}"), body).await
}

#[tokio::test]
async fn a_key_is_made_when_it_is_paid_and_others_verify_it_by_the_public_key_alone() {
    let (shop, game) = shop().await;
    let open = order(&shop.ada, &[game]).await;
    let pool = shop.editor.get(&format!("/api/v1/admin/products/{game}/license-keys")).await.json();
    assert_eq!((&pool["sold"], &pool["generated"]), (&json!(0), &json!(true)));
    end(&shop.ada, &open, "succeed").await;
    let key = keys(&shop.ada, game).await.pop().unwrap();

    let published = shop.app.nobody().get("/.well-known/mist-license-keys.json").await.json();
    let policy = shop.editor.get(&policy_of(game)).await.json();
    assert_eq!(policy["public_key"], published["keys"][0]["x"]);
    let asked = |key: &str| json!({"judge": "license_key", "jwk": published["keys"][0], "key": key});
    let told = judge(&asked(&key))["answer"].clone();
    assert_eq!(told, json!({"version": 1, "product": game, "day": "2026-11-22"}));
    let changed: String = key.chars().rev().collect();
    assert_eq!(judge(&asked(&changed))["answer"], Value::Null, "what was changed is no key");
    shop.is_sound().await;
}

#[tokio::test]
async fn keys_never_run_out_and_are_never_the_same() {
    let (shop, game) = shop().await;
    let mut buyers = Vec::new();
    for number in 0..5 {
        buyers.push(shop.app.account(&format!("buyer{number}")).await);
    }
    let games = [game];
    join_all(buyers.iter().map(|buyer| buy(buyer, &games))).await;
    let mut made = HashSet::new();
    for buyer in &buyers {
        made.extend(keys(buyer, game).await);
    }
    assert_eq!(made.len(), 5);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_made_key_is_activated_however_it_is_typed_and_ends_with_a_refund() {
    let (shop, game) = shop().await;
    let bought = buy(&shop.ada, &[game]).await;
    let key = keys(&shop.ada, game).await.pop().unwrap();
    let typed = key.to_lowercase().replace('-', "").replace('0', "o");
    let device = |device: &str| json!({"license_key": typed, "fingerprint": device});
    assert_eq!(ask(&shop, "activate", device("one")).await.status, 201);
    assert_eq!(ask(&shop, "activate", device("two")).await.code(), "activation_limit");
    assert_eq!(ask(&shop, "validate", device("one")).await.json()["valid"], true);
    assert_eq!(ask(&shop, "deactivate", device("one")).await.status, 204);
    let refund = format!("/api/v1/admin/orders/{}/refund", id(&bought));
    assert_eq!(shop.app.support().await.post(&refund, json!({"reason": "a bug"})).await.status, 200);
    assert_eq!(ask(&shop, "validate", json!({"license_key": key})).await.json()["reason"], "license_revoked");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_grant_gets_a_key_too_and_a_product_needs_nothing_else_to_be_sold() {
    let shop = Shop::new().await;
    let prices = json!([{"currency": "USD", "amount": 900}]);
    let body = json!({"kind": "software", "title": "Tool", "prices": prices});
    let tool = id(&shop.editor.post("/api/v1/admin/products", body).await.json());
    let publish = format!("/api/v1/admin/products/{tool}/publish");
    assert_eq!(shop.editor.act(&publish).await.code(), "not_publishable");
    generate(&shop, tool, true).await;
    assert_eq!(shop.editor.act(&publish).await.status, 200);
    let path = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let given = shop.app.support().await.post(&path, json!({"product_id": tool, "reason": "a prize"})).await;
    assert_eq!(given.status, 201, "{}", given.text());
    assert_eq!(keys(&shop.ada, tool).await.len(), 1);
    let eve = shop.app.account("eve").await;
    buy(&eve, &[tool]).await;
    assert_eq!(keys(&eve, tool).await.len(), 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_that_an_open_order_holds_is_what_it_gets_whatever_is_said_meanwhile() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let pool = format!("/api/v1/admin/products/{game}/license-keys");
    assert_eq!(shop.editor.post(&pool, json!({"keys": ["KEY-1"]})).await.status, 201);
    let open = order(&shop.ada, &[game]).await;
    generate(&shop, game, true).await;
    end(&shop.ada, &open, "succeed").await;
    assert_eq!(keys(&shop.ada, game).await, ["KEY-1"]);
    let policy = json!({"max_activations": 3});
    let put = Reply::of(shop.editor.request(Method::PUT, &policy_of(game)).json(&policy)).await;
    assert_eq!(put.status, 204);
    let policy = shop.editor.get(&policy_of(game)).await.json();
    assert_eq!(
        (&policy["generated"], &policy["max_activations"]),
        (&json!(true), &json!(3)),
        "what isn't said stays"
    );
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_that_an_older_copy_wrote_gets_its_keys() {
    let (shop, made) = shop().await;
    let pooled = shop.sell("Pooled", 500).await;
    let pool = format!("/api/v1/admin/products/{pooled}/license-keys");
    assert_eq!(shop.editor.post(&pool, json!({"keys": ["KEY-1"]})).await.status, 201);
    let open = order(&shop.ada, &[made, pooled]).await;
    // That copy doesn't know the column.
    let silent = order_line::ActiveModel { with_key: Set(false), ..Default::default() };
    order_line::Entity::update_many().set(silent).exec(shop.app.app.db.writer()).await.unwrap();
    assert_eq!(end(&shop.ada, &open, "succeed").await.status, 200);
    assert_eq!(keys(&shop.ada, made).await.len(), 1);
    assert_eq!(keys(&shop.ada, pooled).await, ["KEY-1"]);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_key_that_was_to_be_made_is_made_whatever_is_said_meanwhile() {
    let (shop, game) = shop().await;
    let open = order(&shop.ada, &[game]).await;
    generate(&shop, game, false).await;
    assert_eq!(end(&shop.ada, &open, "succeed").await.status, 200);
    assert_eq!(keys(&shop.ada, game).await.len(), 1);
    shop.is_sound().await;
    license_key::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
    let violations = background::violations(&shop.app.app).await.unwrap();
    assert!(violations.iter().any(|one| one.to_string().contains("none is missing")), "{violations:?}");
}
