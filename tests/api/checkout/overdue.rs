//! Orders that can't be closed yet: their payment is on its way, and may come, or never.
use std::time::Duration as Time;

use chrono::Duration;
use entity::payment;
use mist::{background, checkout};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    shop::{Shop, checkout as buy, id, order, read},
    stripe::{owns, session, shop},
};
use crate::support::{
    Reply,
    stripe::{Fault, StandIn, event, tell},
};

async fn status(shop: &mut Shop, order: &Value) -> Value {
    shop.ada_again().await;
    read(&shop.ada, order).await["status"].clone()
}

/// How often Stripe was asked to close something.
fn closings(stripe: &StandIn) -> usize {
    let calls = stripe.calls();
    calls.iter().filter(|call| call["type"] == "SessionExpireParams").count()
}

async fn expire(shop: &Shop) {
    background::tick(&shop.app.app, "order expiry").await.unwrap();
}

#[tokio::test]
async fn money_that_comes_days_later_pays_its_order() {
    let (stripe, mut shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    stripe.pay_later(&session(&order));
    shop.app.advance(Duration::days(2));
    expire(&shop).await;
    let run = checkout::reconcile(&shop.app.app).await.unwrap();
    assert_eq!((run.looked_at, run.settled), (1, 0));
    assert_eq!(status(&mut shop, &order).await, "pending", "it is on its way");
    stripe.end_later(&session(&order), true);
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().settled, 1);
    assert_eq!(status(&mut shop, &order).await, "paid");
    assert!(owns(&shop, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn money_that_never_comes_ends_its_order_although_nobody_tells() {
    for by_expiry in [false, true] {
        let (stripe, mut shop) = shop().await;
        let game = shop.sell("Celeste", 1999).await;
        let order = order(&shop.ada, &[game]).await;
        stripe.pay_later(&session(&order));
        stripe.end_later(&session(&order), false);
        shop.app.advance(Duration::hours(2));
        if by_expiry {
            expire(&shop).await;
        } else {
            assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().settled, 1);
        }
        assert_eq!(status(&mut shop, &order).await, "expired");
        assert_eq!(buy(&shop.ada, &[game]).await.status, 201, "it can be bought again");
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn what_cannot_be_closed_is_asked_for_ever_more_seldom() {
    let (stripe, mut shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    stripe.pay_later(&session(&order));
    shop.app.advance(Duration::minutes(61));
    let copy = shop.app.another_copy().await;
    for _ in 0..3 {
        expire(&shop).await;
        background::tick(&copy.app, "order expiry").await.unwrap();
        assert_eq!(status(&mut shop, &order).await, "pending");
        shop.app.advance(Duration::seconds(5));
    }
    assert_eq!(closings(&stripe), 1, "not by every copy, and at every read");
    shop.app.advance(Duration::minutes(1));
    expire(&shop).await;
    assert_eq!(closings(&stripe), 2);
    shop.app.advance(Duration::minutes(1));
    expire(&shop).await;
    assert_eq!(closings(&stripe), 2, "it is over for longer, and waits longer");

    // Its buyer may ask at any time.
    let cancel = format!("/api/v1/orders/{}/cancel", id(&order));
    assert_eq!(shop.ada.act(&cancel).await.code(), "not_cancellable");
    assert_eq!(closings(&stripe), 3);
    stripe.end_later(&session(&order), false);
    assert_eq!(shop.ada.act(&cancel).await.json()["status"], "cancelled");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_session_is_noted_although_it_was_declined_before_its_answer_came() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    stripe.fail(&[Fault::Slow(Time::from_secs(1))]);
    let declined = async {
        while stripe.sessions() == 0 {
            tokio::task::yield_now().await;
        }
        let made = stripe.payments()[0].clone();
        let metadata = json!({"mist_payment_id": made.payment_id});
        let intent = stripe.intent_of(&made.session);
        let object = json!({"id": intent, "amount": 1999, "currency": "usd", "metadata": metadata});
        assert_eq!(tell(&shop.app, &event("payment_intent.payment_failed", object)).await.status, 200);
        shop.app.run_jobs().await;
        made.session
    };
    let games = [game];
    let (reply, session): (Reply, String) = tokio::join!(buy(&shop.ada, &games), declined);
    assert_eq!(reply.status, 201, "{}", reply.text());
    let payments = payment::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(payments[0].status, payment::Status::Declined);
    assert_eq!(payments[0].provider_ref.as_deref(), Some(session.as_str()));
    let cancel = format!("/api/v1/orders/{}/cancel", id(&reply.json()));
    assert_eq!(shop.ada.act(&cancel).await.status, 200);
    assert!(!stripe.try_pay(&session), "nobody pays what was called off");
    shop.is_sound().await;
}
