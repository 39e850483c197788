//! Endpoints that do not take what they are told.
use chrono::{DateTime, Duration, Utc};
use mist::webhooks::send_due;
use serde_json::{Value, json};

use super::{
    change, deliveries, path,
    receiver::{Manner, Receiver},
    redeliver, send, shop, tell, test,
};
use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD},
};

/// The admin's token does not last for days.
async fn admin_again(shop: &Shop) -> Client {
    let body = json!({"email": "admin@example.com", "password": PASSWORD});
    Client::signed_in(&shop.app.url, &shop.app.nobody().post("/api/v1/auth/login", body).await.json())
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_fails_is_tried_for_more_than_a_day_and_then_given_up() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(500)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    for (tried, seconds) in (1..).zip([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]) {
        send(&shop).await;
        send(&shop).await;
        assert_eq!(receiver.messages().len(), tried, "nothing is tried before its time");
        let delivery = deliveries(&admin_again(&shop).await, &webhook).await[0].clone();
        assert_eq!(delivery["status"], "pending");
        let wait = time(&delivery["next_attempt_at"]) - shop.app.clock.now();
        let least = Duration::seconds(seconds);
        assert!(least <= wait && wait <= least + least / 10, "{wait} after attempt {tried}");
        shop.app.advance(wait);
    }
    send(&shop).await;
    let admin = admin_again(&shop).await;
    let delivery = deliveries(&admin, &webhook).await[0].clone();
    assert_eq!((&delivery["status"], &delivery["next_attempt_at"]), (&json!("failed"), &Value::Null));
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(
        (attempts.len(), &attempts[7]["status"], &attempts[7]["reply"]),
        (8, &json!(500), &json!("thanks"))
    );
    assert!(receiver.messages().windows(2).all(|two| two[0].id() == two[1].id()));
    receiver.be(Manner::Status(200));
    assert_eq!(redeliver(&admin, &webhook, &delivery).await.status, 202);
    send(&shop).await;
    assert_eq!(deliveries(&admin, &webhook).await[0]["status"], "delivered");
    assert_eq!(admin.get(&path(&webhook)).await.json()["failing_since"], Value::Null);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_no_more() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(410)).await;
    let webhook = tell(&admin, &receiver.url, &["product.published"]).await;
    test(&admin, &webhook).await;
    send(&shop).await;
    let known = admin.get(&path(&webhook)).await.json();
    assert_eq!((&known["enabled"], &known["disabled_reason"]), (&json!(false), &json!("gone")));
    shop.sell("Unheard", 100).await;
    send(&shop).await;
    assert_eq!((receiver.messages().len(), deliveries(&admin, &webhook).await.len()), (1, 1));
    let events = crate::support::everything::values_of(&shop.app.app.db.read, "event.kind").await;
    assert!(events.iter().any(|kind| kind == "webhook.disabled"));
}

#[tokio::test]
async fn five_days_of_failures_disable_an_endpoint_and_two_far_apart_do_not() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(503)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    send(&shop).await;
    shop.app.advance(Duration::days(6));
    send(&shop).await;
    let known = admin_again(&shop).await.get(&path(&webhook)).await.json();
    assert_eq!(known["enabled"], true, "nobody knows how it fared meanwhile");
    for hour in (0..=100).step_by(20) {
        assert_eq!(admin_again(&shop).await.get(&path(&webhook)).await.json()["enabled"], true, "{hour} h");
        test(&admin_again(&shop).await, &webhook).await;
        shop.app.advance(Duration::hours(20));
        send(&shop).await;
    }
    let admin = admin_again(&shop).await;
    let known = admin.get(&path(&webhook)).await.json();
    assert_eq!((&known["enabled"], &known["disabled_reason"]), (&json!(false), &json!("failing")));
    assert!(deliveries(&admin, &webhook).await.iter().all(|one| one["status"] == "failed"));
    let refused = redeliver(&admin, &webhook, &deliveries(&admin, &webhook).await[0]).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "webhook_disabled"));
    let known = change(&admin, &webhook, json!({"enabled": true})).await.json();
    assert_eq!((&known["enabled"], &known["failing_since"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn one_that_hangs_delays_nobody_else() {
    let (shop, admin) = shop().await;
    let mut slow = Receiver::new(Manner::Hang).await;
    let mut quick = Receiver::new(Manner::Status(200)).await;
    let hanging = tell(&admin, &slow.url, &["product.published"]).await;
    for _ in 0..6 {
        test(&admin, &hanging).await;
    }
    let webhook = tell(&admin, &quick.url, &["product.published"]).await;
    test(&admin, &webhook).await;
    let app = shop.app.app.clone();
    let sending = tokio::spawn(async move { send_due(&app).await });
    for _ in 0..4 {
        slow.arrival().await;
    }
    quick.arrival().await;
    assert_eq!(slow.messages().len(), 4, "no more are sent to one endpoint at once");
    let waiting = deliveries(&admin, &hanging).await;
    let refused = redeliver(&admin, &hanging, waiting.last().unwrap()).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "delivery_in_progress"));
    sending.await.unwrap().unwrap();
    let known = deliveries(&admin, &hanging).await;
    assert!(known.iter().all(|one| one["attempts"][0]["error"] == "timed_out"), "{known:?}");
    assert_eq!(deliveries(&admin, &webhook).await[0]["status"], "delivered");
}

#[tokio::test]
async fn in_whatever_way_others_fail_nobody_waits_for_them_and_every_attempt_is_noted() {
    let (shop, admin) = shop().await;
    let inside = "http://169.254.169.254/latest".to_owned();
    let manners = [Manner::Hang, Manner::Status(500), Manner::Redirect(inside), Manner::Flood];
    let (mut failing, mut receivers) = (Vec::new(), Vec::new());
    for manner in manners {
        let receiver = Receiver::new(manner).await;
        let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
        test(&admin, &webhook).await;
        failing.push(webhook);
        receivers.push(receiver);
    }
    let mut quick = Receiver::new(Manner::Status(200)).await;
    let webhook = tell(&admin, &quick.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    let app = shop.app.app.clone();
    let sending = tokio::spawn(async move { send_due(&app).await });
    quick.arrival().await;
    assert!(!sending.is_finished(), "the one that hangs is still being waited for");
    sending.await.unwrap().unwrap();
    let mut ends = Vec::new();
    for webhook in &failing {
        let attempt = deliveries(&admin, webhook).await[0]["attempts"][0].clone();
        ends.push((attempt["status"].clone(), attempt["error"].clone()));
    }
    let answered = |status: u16| (json!(status), Value::Null);
    assert_eq!(ends, [(Value::Null, json!("timed_out")), answered(500), answered(302), answered(200)]);
    assert_eq!(deliveries(&admin, &webhook).await[0]["status"], "delivered");
}

#[tokio::test]
async fn redirects_are_not_followed_and_long_answers_not_read() {
    let (shop, admin) = shop().await;
    let elsewhere = Receiver::new(Manner::Status(200)).await;
    let receiver = Receiver::new(Manner::Redirect(elsewhere.url.clone())).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    send(&shop).await;
    assert_eq!(deliveries(&admin, &webhook).await[0]["attempts"][0]["status"], 302);
    assert_eq!(elsewhere.messages().len(), 0);
    receiver.be(Manner::Flood);
    shop.app.advance(Duration::seconds(6));
    send(&shop).await;
    let delivery = deliveries(&admin, &webhook).await[0].clone();
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"][1]["reply"].as_str().unwrap().len(), 2_000);
}

#[tokio::test]
async fn what_a_copy_left_behind_is_sent_when_its_lease_is_over() {
    let (shop, admin) = shop().await;
    let mut receiver = Receiver::new(Manner::Hang).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    let app = shop.app.app.clone();
    let died = tokio::spawn(async move { send_due(&app).await });
    receiver.arrival().await;
    died.abort();
    assert!(died.await.unwrap_err().is_cancelled());
    receiver.be(Manner::Status(200));
    send(&shop).await;
    assert_eq!(receiver.messages().len(), 1, "somebody may still be sending it");
    shop.app.advance(Duration::minutes(2));
    send(&shop).await;
    assert_eq!(deliveries(&admin, &webhook).await[0]["status"], "delivered");
}

#[tokio::test]
async fn what_was_being_sent_to_an_endpoint_that_is_disabled_comes_to_an_end() {
    let (shop, admin) = shop().await;
    let mut receiver = Receiver::new(Manner::Hang).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    let app = shop.app.app.clone();
    let died = tokio::spawn(async move { send_due(&app).await });
    receiver.arrival().await;
    died.abort();
    assert!(died.await.unwrap_err().is_cancelled());
    assert_eq!(change(&admin, &webhook, json!({"enabled": false})).await.status, 200);
    shop.app.advance(Duration::minutes(2));
    send(&shop).await;
    let delivery = deliveries(&admin, &webhook).await[0].clone();
    assert_eq!((&delivery["status"], &delivery["next_attempt_at"]), (&json!("failed"), &Value::Null));
    assert!(delivery["finished_at"].is_string(), "{delivery}");
    receiver.be(Manner::Status(200));
    assert_eq!(change(&admin, &webhook, json!({"enabled": true})).await.status, 200);
    send(&shop).await;
    assert_eq!(receiver.messages().len(), 1, "what was given up is not sent by itself");
    assert_eq!(redeliver(&admin, &webhook, &delivery).await.status, 202);
    send(&shop).await;
    assert_eq!(deliveries(&admin, &webhook).await[0]["status"], "delivered");
}

#[tokio::test]
async fn whoever_still_sends_to_an_endpoint_that_is_disabled_notes_how_that_went() {
    let (shop, admin) = shop().await;
    let mut receiver = Receiver::new(Manner::Hang).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    let app = shop.app.app.clone();
    let sending = tokio::spawn(async move { send_due(&app).await });
    receiver.arrival().await;
    assert_eq!(change(&admin, &webhook, json!({"enabled": false})).await.status, 200);
    sending.await.unwrap().unwrap();
    let delivery = deliveries(&admin, &webhook).await[0].clone();
    assert_eq!(
        (&delivery["status"], &delivery["attempts"][0]["error"]),
        (&json!("failed"), &json!("timed_out"))
    );
}

/// What an admin finds of endpoints that were disabled: in the audit log, and among what they are told, the latest first.
async fn disabled(shop: &Shop, admin: &Client) -> (Vec<Value>, Vec<Value>) {
    send(shop).await;
    let items = async |path: &str| admin.get(path).await.json()["items"].as_array().unwrap().clone();
    let noted = items("/api/v1/admin/audit-log?action=webhook.disabled").await;
    let mut told = items("/api/v1/notifications").await;
    told.retain(|item| item["kind"] == "webhook_disabled");
    (noted, told)
}

#[tokio::test]
async fn admins_are_told_of_an_endpoint_that_the_store_disabled_and_the_audit_log_has_it() {
    let (shop, admin) = shop().await;
    let receiver = Receiver::new(Manner::Status(410)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    send(&shop).await;
    let (noted, told) = disabled(&shop, &admin).await;
    assert_eq!((noted.len(), told.len()), (1, 1));
    assert_eq!((&noted[0]["actor_id"], &noted[0]["subject_id"]), (&Value::Null, &webhook["id"]));
    assert_eq!(noted[0]["details"], json!({"reason": "gone", "host": "127.0.0.1"}));
    let body = "The endpoint at 127.0.0.1 answers that it is gone. It is told nothing any more until an admin \
                enables it.";
    assert_eq!(
        (&told[0]["body"], &told[0]["subject"]),
        (&json!(body), &json!({"webhook_id": webhook["id"]}))
    );
    let letter = shop.app.letters("admin@example.com").await.pop().unwrap();
    assert_eq!(letter.subject, "Mist: A webhook was disabled");
    assert!(letter.text.contains(body) && letter.headers.contains("List-Unsubscribe"), "{}", letter.text);
    let others = shop.editor.get("/api/v1/notifications").await.json();
    assert_eq!(others["items"], json!([]), "who can't manage webhooks is told nothing");
    // What an admin does is known to them, and noted as theirs.
    for enabled in [true, false] {
        assert_eq!(change(&admin, &webhook, json!({"enabled": enabled})).await.status, 200);
    }
    let (noted, told) = disabled(&shop, &admin).await;
    assert_eq!((noted.len(), told.len()), (2, 1));
    assert_eq!(noted[0]["actor_id"], json!(admin.account_id()));
}
