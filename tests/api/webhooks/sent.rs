//! What endpoints are told, and how they know that the store told it.
use chrono::Duration;
use serde_json::{Value, json};

use super::{
    deliveries, path,
    receiver::{Manner, Message, Receiver},
    redeliver, send, shop, tell, test,
};
use crate::{
    checkout::shop::{Shop, buy, id},
    support::{Client, PASSWORD, judge::judge},
};

/// What a library of others makes of a message.
fn judged(shop: &Shop, secret: &Value, message: &Message) -> Value {
    judge(&json!({
        "judge": "webhook", "secret": secret, "body": message.body, "headers": message.headers,
        "at": shop.app.clock.now().timestamp(),
    }))
}

#[tokio::test]
async fn a_paid_order_is_told_signed_and_without_anybodys_name() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(204)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    let order = buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    send(&shop).await;
    let messages = receiver.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let told = judged(&shop, &webhook["secret"], &messages[0]);
    assert_eq!(told["answer"]["type"], "order.paid");
    assert_eq!(told["answer"]["timestamp"], "2026-11-22T12:00:00Z");
    let data = &told["answer"]["data"];
    assert_eq!((&data["order_id"], &data["order"]["number"]), (&order["id"], &order["number"]));
    assert_eq!(data["order"]["total"], json!({"amount": 900, "currency": "USD"}));
    assert_eq!(data["account_id"], json!(shop.ada.account_id()));
    assert!(!messages[0].body.contains("\"ada") && !messages[0].body.contains('@'), "{}", messages[0].body);
    let known = deliveries(&admin, &webhook).await;
    assert_eq!(
        (&known[0]["status"], &known[0]["event_id"], &known[0]["request"], &known[0]["next_attempt_at"]),
        (&json!("delivered"), &json!(messages[0].id()), &json!(messages[0].body), &Value::Null)
    );
    assert_eq!(known[0]["attempts"][0]["status"], 204);
    let other = judged(&shop, &json!("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), &messages[0]);
    assert_eq!(other["refused"], "WebhookVerificationError");
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_verify() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let before = tell(&admin, &receiver.url, &["order.paid"]).await;
    let after = admin.act(&format!("{}/rotate-secret", path(&before))).await.json();
    for (hours, former) in [(0, true), (24, false)] {
        shop.app.advance(Duration::hours(hours));
        let row = tested(&shop, &before).await;
        let message = receiver.messages().pop().unwrap();
        assert_eq!(row, message.id());
        assert!(judged(&shop, &after["secret"], &message)["answer"].is_object());
        assert_eq!(judged(&shop, &before["secret"], &message)["answer"].is_object(), former, "{hours} h");
    }
}

#[tokio::test]
async fn each_secret_that_was_replaced_signs_for_a_day_however_soon_the_next_follows() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let made = tell(&admin, &receiver.url, &["order.paid"]).await;
    let mut secrets = vec![made["secret"].clone()];
    for _ in 0..2 {
        let admin = admin_again(&shop).await;
        let after = admin.act(&format!("{}/rotate-secret", path(&made))).await.json();
        secrets.push(after["secret"].clone());
        shop.app.advance(Duration::hours(1));
    }
    for (hours, first) in [(0, 0), (22, 1), (1, 2)] {
        shop.app.advance(Duration::hours(hours));
        tested(&shop, &made).await;
        let message = receiver.messages().pop().unwrap();
        for (number, secret) in secrets.iter().enumerate() {
            let verifies = judged(&shop, secret, &message)["answer"].is_object();
            assert_eq!(verifies, number >= first, "secret {number} after {hours} more hours");
        }
    }
    let admin = admin_again(&shop).await;
    for _ in 0..8 {
        admin.act(&format!("{}/rotate-secret", path(&made))).await;
    }
    tested(&shop, &made).await;
    let message = receiver.messages().pop().unwrap();
    assert_eq!(message.headers["webhook-signature"].split(' ').count(), 6, "the last five sign too");
}

async fn admin_again(shop: &Shop) -> Client {
    let body = json!({"email": "admin@example.com", "password": PASSWORD});
    Client::signed_in(&shop.app.url, &shop.app.nobody().post("/api/v1/auth/login", body).await.json())
}

/// An admin who signs in for it has an endpoint tested: the id of the message.
async fn tested(shop: &Shop, webhook: &Value) -> String {
    let admin = admin_again(shop).await;
    test(&admin, webhook).await;
    send(shop).await;
    deliveries(&admin, webhook).await[0]["event_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn endpoints_are_told_what_they_asked_for_each_event_once() {
    let (shop, admin) = shop().await;
    let (all, orders) = (Receiver::new(Manner::Status(200)).await, Receiver::new(Manner::Status(200)).await);
    shop.sell("Before", 100).await;
    shop.app.advance(Duration::seconds(1));
    let events = ["account.created", "product.published", "order.paid", "entitlement.granted"];
    tell(&admin, &all.url, &events).await;
    tell(&admin, &orders.url, &["order.paid"]).await;
    shop.app.account("eve").await;
    let product = shop.sell("Celeste", 900).await;
    buy(&shop.ada, &[product]).await;
    for _ in 0..2 {
        send(&shop).await;
    }
    let mut kinds: Vec<String> =
        all.messages().iter().map(|message| message.json()["type"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    assert_eq!(kinds, ["account.created", "entitlement.granted", "order.paid", "product.published"]);
    assert_eq!(orders.messages().len(), 1);
    let published = all.messages().into_iter().find(|message| message.body.contains("product.published"));
    let data = published.unwrap().json()["data"].clone();
    assert_eq!(data["product_id"], json!(product));
    assert_eq!(data["product"]["title"], "Celeste");
}

#[tokio::test]
async fn two_copies_deliver_once() {
    let (shop, admin) = shop().await;
    let copy = shop.app.another_copy().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let webhook = tell(&admin, &receiver.url, &["product.published"]).await;
    for title in ["One", "Two", "Three", "Four", "Five", "Six"] {
        shop.sell(title, 100).await;
    }
    let both = |app: mist::app::App| async move {
        mist::background::tick(&app, "events").await.unwrap();
        mist::webhooks::send_due(&app).await.unwrap();
    };
    tokio::join!(both(shop.app.app.clone()), both(copy.app.clone()));
    send(&shop).await;
    let mut ids: Vec<String> = receiver.messages().iter().map(|message| message.id().to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.messages().len()), (6, 6));
    assert_eq!(deliveries(&admin, &webhook).await.len(), 6);
}

#[tokio::test]
async fn what_was_told_is_told_again_by_the_same_id() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    send(&shop).await;
    let delivery = deliveries(&admin, &webhook).await[0].clone();
    let reply = redeliver(&admin, &webhook, &delivery).await;
    assert_eq!((reply.status, &reply.json()["status"]), (202, &json!("pending")));
    send(&shop).await;
    let messages = receiver.messages();
    assert_eq!((messages.len(), messages[0].id()), (2, messages[1].id()));
    let known = deliveries(&admin, &webhook).await;
    assert_eq!((known.len(), known[0]["attempts"].as_array().unwrap().len()), (1, 2));
    assert_eq!(id(&known[0]), id(&delivery));
}

#[tokio::test]
async fn what_was_sent_of_an_account_goes_with_it_and_all_else_after_thirty_days() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    send(&shop).await;
    let erased = shop.ada.request(reqwest::Method::DELETE, "/api/v1/me");
    let reply = crate::support::Reply::of(erased.json(&json!({"password": crate::support::PASSWORD}))).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    let known = deliveries(&admin, &webhook).await;
    assert_eq!((&known[0]["request"], &known[0]["attempts"][0]["reply"]), (&Value::Null, &Value::Null));
    shop.app.advance(Duration::days(31));
    mist::background::tick(&shop.app.app, "retention").await.unwrap();
    let left = crate::support::everything::values_of(&shop.app.app.db.read, "webhook_attempt.id").await;
    assert_eq!(left, Vec::<String>::new());
}
