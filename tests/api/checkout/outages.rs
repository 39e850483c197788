//! Stripe away, slow, or silent: never a false refusal, never two payments, and all is settled soon after it is back.
use chrono::Duration;
use entity::payment;
use futures::future::join;
use mist::background;
use reqwest::Method;
use sea_orm::{EntityTrait, QuerySelect, TransactionTrait};
use serde_json::{Value, json};

use super::{
    shop::{Shop, id, order, read},
    stripe::{owns, session, shop, told},
};
use crate::support::{
    Reply,
    stripe::{Fault, StandIn},
};

/// Moves the clock and does what the store does by itself meanwhile.
async fn pass(shop: &mut Shop, time: Duration) {
    shop.app.advance(time);
    for task in ["reconcile", "order expiry"] {
        background::tick(&shop.app.app, task).await.unwrap();
    }
    shop.app.run_jobs().await;
    shop.ada_again().await;
}

async fn status(shop: &Shop, order: &Value) -> Value {
    read(&shop.ada, order).await["status"].clone()
}

/// What Stripe's own ledger says of an order: whether it was paid, and what went back.
fn at_stripe(stripe: &StandIn, order: &Value) -> (bool, i64) {
    let theirs: Vec<_> = stripe
        .payments()
        .into_iter()
        .filter(|payment| order["payment"]["id"] == payment.payment_id.as_str())
        .collect();
    assert_eq!(theirs.len(), 1, "one payment of an order");
    (theirs[0].captured, theirs[0].refunded)
}

#[tokio::test]
async fn after_an_hour_without_events_all_is_settled_within_15_minutes_of_stripe_being_back() {
    let (stripe, mut shop) = shop().await;
    let mut games = Vec::new();
    for title in ["Celeste", "Hades", "Portal", "Braid"] {
        games.push(shop.sell(title, 1999).await);
    }
    let given_back = order(&shop.ada, &[games[3]]).await;
    stripe.pay(&session(&given_back));
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&given_back))).await;
    let (before, during) = (order(&shop.ada, &[games[0]]).await, order(&shop.ada, &[games[1]]).await);
    let unpaid = order(&shop.ada, &[games[2]]).await;

    // From here on no event arrives, and no call is answered. Stripe's own page still takes money.
    stripe.pay(&session(&before));
    stripe.be_away(true);
    let refund = format!("/api/v1/orders/{}/refund", id(&given_back));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.status, 200);
    pass(&mut shop, Duration::minutes(30)).await;
    stripe.pay(&session(&during));
    pass(&mut shop, Duration::minutes(32)).await;
    for order in [&before, &during, &unpaid] {
        assert_eq!(status(&shop, order).await, "pending", "what is unknown is not refused");
    }
    assert!(stripe.refunds().is_empty());

    stripe.be_away(false);
    for _ in 0..3 {
        pass(&mut shop, Duration::minutes(5)).await;
    }
    for (order, game) in [(&before, games[0]), (&during, games[1])] {
        assert_eq!((status(&shop, order).await, owns(&shop, game).await), (json!("paid"), true));
        assert_eq!(at_stripe(&stripe, order), (true, 0));
    }
    assert_eq!(status(&shop, &unpaid).await, "expired");
    assert_eq!(at_stripe(&stripe, &unpaid), (false, 0));
    assert_eq!(status(&shop, &given_back).await, "refunded");
    assert_eq!(at_stripe(&stripe, &given_back), (true, 1999));
    shop.is_sound().await;
}

#[tokio::test]
async fn whichever_call_goes_wrong_in_whichever_way_there_is_one_payment_and_one_refund() {
    for fault in [Fault::Dropped, Fault::Status(500), Fault::Status(429), Fault::Status(409)] {
        let (stripe, mut shop) = shop().await;
        let game = shop.sell("Celeste", 1999).await;
        stripe.fail(&[fault]);
        let order = order(&shop.ada, &[game]).await;
        stripe.pay(&session(&order));
        stripe.fail(&[fault]);
        pass(&mut shop, Duration::minutes(6)).await;
        assert_eq!(status(&shop, &order).await, "paid", "{fault:?}");
        // The look at the session goes wrong, then the refund itself.
        stripe.fail(&[fault, fault, fault]);
        let refund = format!("/api/v1/orders/{}/refund", id(&order));
        assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.status, 200);
        pass(&mut shop, Duration::minutes(6)).await;
        pass(&mut shop, Duration::minutes(6)).await;
        assert_eq!((at_stripe(&stripe, &order), stripe.refunds().len()), ((true, 1999), 1), "{fault:?}");
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn an_order_is_not_called_off_while_stripe_does_not_say_whether_it_is_paid() {
    let (stripe, mut shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    stripe.pay(&session(&order));
    stripe.fail(&[Fault::Dropped; 3]);
    let cancelled = shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&order))).await;
    assert_eq!(cancelled.status, 503, "{}", cancelled.text());
    assert_eq!(status(&shop, &order).await, "pending");
    let cancelled = shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&order))).await;
    assert_eq!(cancelled.code(), "not_cancellable", "it is paid");
    pass(&mut shop, Duration::minutes(6)).await;
    assert_eq!(status(&shop, &order).await, "paid");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_call_that_hangs_is_given_up_and_later_is_the_same_payment() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    stripe.fail(&[Fault::Hung]);
    let request = || {
        let request = shop.ada.request(Method::POST, "/api/v1/checkout").header("idempotency-key", "one");
        request.json(&json!({"items": [{"product_id": game}], "accept_immediate_delivery": true}))
    };
    let away = Reply::of(request()).await;
    assert_eq!(away.status, 503, "unknown, not refused: {}", away.text());
    stripe.release();
    shop.app.advance(Duration::seconds(10));
    let back = Reply::of(request()).await;
    assert_eq!((back.status, stripe.sessions()), (201, 1), "{}", back.text());
    shop.is_sound().await;
}

#[tokio::test]
async fn money_of_a_session_that_was_never_noted_goes_back_too() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    // Every answer is lost, and the buyer gives up: the order is called off although its session is open.
    stripe.fail(&[Fault::Dropped; 3]);
    let lost = super::shop::checkout(&shop.ada, &[game]).await;
    assert_eq!(lost.status, 503, "{}", lost.text());
    let orders = shop.ada.get("/api/v1/orders").await.json();
    let order = &orders["items"][0];
    assert_eq!(shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(order))).await.status, 200);
    let session = stripe.payments()[0].session.clone();
    stripe.pay(&session);
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    shop.app.run_jobs().await;
    assert_eq!(at_stripe(&stripe, order), (true, 1999));
    assert!(!owns(&shop, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_that_is_called_off_while_its_session_is_noted_leaves_none_that_can_be_paid() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    stripe.fail(&[Fault::Hung]);
    let calling_off = async {
        while stripe.sessions() == 0 {
            tokio::task::yield_now().await;
        }
        let orders = shop.ada.get("/api/v1/orders").await.json();
        let cancel = format!("/api/v1/orders/{}/cancel", id(&orders["items"][0]));
        // What Stripe answers can't be noted until this is over, and whoever calls the order off sees no session.
        #[expect(clippy::disallowed_methods, reason = "it is held from outside of the store")]
        let held = shop.app.app.db.writer().begin().await.unwrap();
        payment::Entity::find().lock_exclusive().all(&held).await.unwrap();
        let over = async {
            for _ in 0..20 {
                stripe.release();
                shop.app.nobody().get("/healthz").await;
            }
            held.commit().await.unwrap();
        };
        join(shop.ada.act(&cancel), over).await.0
    };
    let (placed, cancelled) = join(super::shop::checkout(&shop.ada, &[game]), calling_off).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelled")));
    let session = stripe.payments()[0].session.clone();
    assert!(!stripe.try_pay(&session), "a page still takes money: {}", placed.text());
    shop.is_sound().await;
}
