//! What support can show of an order when its payment is disputed, and for how long.
use chrono::Duration;
use mist::background;
use serde_json::{Value, json};

use super::{
    gifts,
    shop::{Shop, buy, id},
};
use crate::support::Reply;

#[tokio::test]
async fn evidence_on_an_order_tells_consent_payment_delivery_and_sign_ins() {
    let mut shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    shop.editor.post(&keys, json!({"keys": ["CELESTE-1"]})).await;
    let builds = format!("/api/v1/admin/products/{game}/builds");
    let build = id(&shop.editor.post(&builds, json!({"version": "1", "platform": "linux"})).await.json());
    let file = format!("/api/v1/admin/builds/{build}/files/game.zip");
    let put = shop.editor.request(reqwest::Method::PUT, &file).body("bytes");
    assert_eq!(Reply::of(put).await.status, 201);
    shop.editor.act(&format!("/api/v1/admin/builds/{build}/release")).await;
    shop.ada_again().await;
    let bought = buy(&shop.ada, &[game]).await;
    shop.ada.get(&format!("/api/v1/library/{game}")).await;
    let download = shop.ada.post(&format!("/api/v1/library/{game}/downloads"), json!({})).await;
    assert_eq!(download.status, 201, "{}", download.text());
    background::tick(&shop.app.app, "events").await.unwrap();

    let path = format!("/api/v1/admin/orders/{}/evidence", id(&bought));
    let support = shop.app.support().await;
    let reply = support.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let evidence = reply.json();
    assert_eq!(evidence["order"]["number"], bought["number"]);
    assert_eq!(evidence["consent"]["immediate_delivery_accepted_at"], "2026-11-22T12:00:00Z");
    assert_eq!(evidence["consent"]["ip"], "127.0.0.1");
    assert_eq!(evidence["payments"][0]["captured"], json!({"amount": 1999, "currency": "USD"}));
    let history: Vec<_> =
        evidence["history"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(history, ["pending", "paid"]);
    assert_eq!(evidence["license_keys"][0]["product_id"], json!(game));
    assert!(!reply.text().contains("CELESTE-1"), "the key itself is its owner's");
    let downloads = &evidence["downloads"];
    assert_eq!((&downloads[0]["file"], &downloads[0]["ip"]), (&json!("game.zip"), &json!("127.0.0.1")));
    let sign_ins = evidence["sign_ins"].as_array().unwrap();
    assert!(sign_ins.iter().any(|one| one["action"] == "session.started" && one["ip"] == "127.0.0.1"));

    // Addresses are kept for 90 days.
    shop.app.advance(Duration::days(91));
    background::tick(&shop.app.app, "retention").await.unwrap();
    let body = json!({"email": "support@example.com", "password": crate::support::PASSWORD});
    let session = shop.app.nobody().post("/api/v1/auth/login", body).await.json();
    let support = crate::support::Client::signed_in(&shop.app.url, &session);
    let later = support.get(&path).await.json();
    assert_eq!((&later["consent"]["ip"], &later["downloads"][0]["ip"]), (&Value::Null, &Value::Null));
    assert_eq!(later["consent"]["immediate_delivery_accepted_at"], "2026-11-22T12:00:00Z");
}

#[tokio::test]
async fn evidence_on_a_gift_tells_what_was_delivered_to_whoever_claimed_it() {
    let shop = gifts::shop().await;
    let (game, bob) = (shop.sell("Celeste", 1999).await, shop.app.account("bob").await);
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    shop.editor.post(&keys, json!({"keys": ["CELESTE-1", "CELESTE-2"]})).await;
    let builds = format!("/api/v1/admin/products/{game}/builds");
    let build = id(&shop.editor.post(&builds, json!({"version": "1", "platform": "linux"})).await.json());
    let file = format!("/api/v1/admin/builds/{build}/files/game.zip");
    assert_eq!(Reply::of(shop.editor.request(reqwest::Method::PUT, &file).body("bytes")).await.status, 201);
    shop.editor.act(&format!("/api/v1/admin/builds/{build}/release")).await;
    let download = format!("/api/v1/library/{game}/downloads");
    // What the giver has of the same is another order's.
    buy(&shop.ada, &[game]).await;
    assert_eq!(shop.ada.post(&download, json!({})).await.status, 201);
    let (given, token) = gifts::give(&shop, &shop.ada, &[game]).await;
    let path = format!("/api/v1/admin/orders/{}/evidence", id(&given));
    let support = shop.app.support().await;
    let before = support.get(&path).await.json();
    assert_eq!(
        (&before["downloads"], &before["license_keys"]),
        (&json!([]), &json!([])),
        "it is nobody's yet"
    );

    assert_eq!(gifts::claim(&bob, &token).await.status, 200);
    bob.get(&format!("/api/v1/library/{game}")).await;
    assert_eq!(bob.post(&download, json!({})).await.status, 201);
    let after = support.get(&path).await.json();
    assert_eq!(after["downloads"].as_array().unwrap().len(), 1);
    assert_eq!(after["license_keys"][0]["product_id"], json!(game));
}
