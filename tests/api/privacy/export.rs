use entity::session;
use mist::background;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::person::{ADDRESS, AGENT, EXPORT, IP, NAME, leave_traces, shop, zenobia};
use crate::checkout::shop::buy;

/// The values of one member of every row of a list.
fn all(export: &Value, list: &str, member: &str) -> Vec<Value> {
    export[list].as_array().unwrap().iter().map(|row| row[member].clone()).collect()
}

#[tokio::test]
async fn everything_of_ones_own_is_taken_along() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    let traces = leave_traces(&shop, &zenobia).await;
    background::tick(&shop.app.app, "events").await.unwrap();
    let reply = zenobia.get(EXPORT).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "private, no-store");
    assert_eq!(reply.header("content-type"), "application/json");
    let export = reply.json();
    assert_eq!(export["exported_at"], "2026-11-22T12:00:00Z");
    let mut account = zenobia.session()["account"].clone();
    account["signup_locale"] = Value::Null;
    assert_eq!(export["account"], account);
    let session = &export["sessions"][0];
    assert_eq!((&session["ip"], &session["user_agent"]), (&json!(IP), &json!(AGENT)));
    assert_eq!(all(&export, "cart", "product_id"), [json!(traces.wanted)]);
    assert_eq!(all(&export, "orders", "id"), [&traces.open["id"], &traces.paid["id"]].map(Clone::clone));
    let paid = &export["orders"][1];
    assert_eq!((&paid["items"], &paid["total"]), (&traces.paid["items"], &traces.paid["total"]));
    assert_eq!(paid["payments"][0]["captured"], 1000);
    assert_eq!(paid["history"][1]["status"], "paid");
    assert_eq!(all(&export, "entitlements", "product_id"), [json!(traces.bought), json!(traces.given)]);
    assert_eq!(all(&export, "grants", "reason"), [json!(format!("{NAME} won it"))]);
    assert_eq!(all(&export, "downloads", "id"), [] as [Value; 0]);
    assert_eq!(all(&export, "idempotency_keys", "key"), [json!(format!("order-of-{ADDRESS}"))]);
    let deeds = all(&export, "audit_log", "action");
    let told = ["account.created", "session.started", "entitlement.granted", "credit.granted"];
    assert_eq!(deeds, told.map(|deed| json!(deed)));
    assert_eq!(all(&export, "audit_log", "ip"), [json!(IP), json!(IP), Value::Null, Value::Null]);
}

#[tokio::test]
async fn nothing_of_others_is_taken_along() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    leave_traces(&shop, &zenobia).await;
    buy(&shop.ada, &[shop.sell("Hers", 500).await]).await;
    background::tick(&shop.app.app, "events").await.unwrap();
    let (hers, text) = (shop.ada.get(EXPORT).await.json(), zenobia.get(EXPORT).await.text());
    assert_eq!(all(&hers, "orders", "id").len(), 1);
    let support = shop
        .app
        .nobody()
        .post(
            "/api/v1/auth/login",
            json!({"email": "support@example.com", "password": crate::support::PASSWORD}),
        )
        .await
        .json();
    for others in [&shop.ada.session()["account"], &shop.editor.session()["account"], &support["account"]] {
        assert!(!text.contains(others["id"].as_str().unwrap()), "{others} in {text}");
        assert!(!text.contains(others["email"].as_str().unwrap()), "{others} in {text}");
    }
    assert!(!hers.to_string().contains(&zenobia.account_id().to_string()));
    assert!(!text.contains("password") && !text.contains("hash") && !text.contains("127.0.0.1"), "{text}");
}

#[tokio::test]
async fn an_export_goes_on_from_page_to_page() {
    let shop = shop().await;
    let zenobia = zenobia(&shop).await;
    for number in 0..203 {
        let id = shop.app.clock.new_id();
        let row = session::Model {
            id,
            account_id: zenobia.account_id(),
            created_at: shop.app.clock.now(),
            last_used_at: shop.app.clock.now(),
            expires_at: shop.app.clock.now(),
            ip: number.to_string(),
            user_agent: String::new(),
            proven_at: shop.app.clock.now(),
            reused_at: None,
            revoked_at: None,
        };
        row.into_active_model().insert(shop.app.app.db.writer()).await.unwrap();
    }
    let export = zenobia.get(EXPORT).await.json();
    let ips = all(&export, "sessions", "ip");
    assert_eq!((ips.len(), &ips[1], &ips[203]), (204, &json!("0"), &json!("202")));
}
