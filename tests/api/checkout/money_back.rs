//! Money on its way back: once, whatever Stripe forgets and whichever job is gone; and what can't be sent is told to people.
use std::time::Duration as Time;

use chrono::Duration;
use entity::{event, job, payment_return, refund};
use mist::{check::Extent, checkout};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    shop::{Shop, id, order, read},
    stripe::{outcomes, owns, session, shop, told},
};
use crate::support::stripe::{Fault, StandIn, event as news};

/// A call that goes as it should.
const WELL: Fault = Fault::Slow(Time::ZERO);

/// Why people must look at an order, as the back office shows it.
async fn flags(shop: &Shop, order: &Value) -> Vec<String> {
    let support = shop.app.support().await;
    let seen = support.get(&format!("/api/v1/admin/orders/{}", id(order))).await.json();
    let flags = seen["flags"].as_array().unwrap().iter();
    flags.map(|flag| flag["reason"].as_str().unwrap().to_owned()).collect()
}

/// The reasons of the events that tell people to look.
async fn flagged(shop: &Shop) -> Vec<String> {
    let rows = event::Entity::find().filter(event::Column::Kind.eq("payment.flagged"));
    let rows = rows.all(&shop.app.app.db.read).await.unwrap();
    rows.iter().map(|row| row.data["reason"].as_str().unwrap().to_owned()).collect()
}

async fn count(shop: &Shop, kind: &str) -> usize {
    let rows = event::Entity::find().filter(event::Column::Kind.eq(kind));
    rows.all(&shop.app.app.db.read).await.unwrap().len()
}

async fn lose_jobs(shop: &Shop) {
    job::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
}

async fn returns(shop: &Shop) -> Vec<payment_return::Status> {
    let rows = payment_return::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    rows.iter().map(|row| row.status).collect()
}

async fn refunds(shop: &Shop) -> Vec<refund::Status> {
    let rows = refund::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    rows.iter().map(|row| row.status).collect()
}

/// An order that is paid of products that cost 5.00 each.
async fn paid(stripe: &StandIn, shop: &Shop, titles: &[&str]) -> (Value, Vec<Uuid>) {
    let mut games = Vec::new();
    for title in titles {
        games.push(shop.sell(title, 500).await);
    }
    let order = order(&shop.ada, &games).await;
    stripe.pay(&session(&order));
    told(shop, &stripe.session_event("checkout.session.completed", &session(&order))).await;
    (order, games)
}

async fn give_back(shop: &Shop, order: &Value, products: &[Uuid]) {
    let path = format!("/api/v1/orders/{}/refund", id(order));
    let reply = shop.ada.post(&path, json!({"items": products, "reason": "no fun"})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// An order that was paid at Stripe after it was cancelled, of which the store is told.
async fn paid_too_late(stripe: &StandIn, shop: &Shop) -> Value {
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    // Told of its end first, which Stripe never does of one that is paid.
    told(shop, &stripe.session_event("checkout.session.expired", &session)).await;
    stripe.pay(&session);
    order
}

#[tokio::test]
async fn money_that_nobody_waits_for_goes_back_although_its_job_is_gone() {
    let (stripe, shop) = shop().await;
    let order = paid_too_late(&stripe, &shop).await;
    let session = session(&order);
    let late = stripe.session_event("checkout.session.completed", &session);
    // The look for the card, then the return itself.
    stripe.fail(&[WELL, Fault::Status(503), Fault::Status(503), Fault::Status(503)]);
    told(&shop, &late).await;
    assert_eq!(
        (outcomes(&shop).await, returns(&shop).await),
        (vec!["applied".to_owned(), "returned".to_owned()], vec![payment_return::Status::Pending])
    );
    lose_jobs(&shop).await;

    let again = news("checkout.session.async_payment_succeeded", late["data"]["object"].clone());
    told(&shop, &again).await;
    assert_eq!(outcomes(&shop).await, ["applied", "ignored", "returned"]);
    assert_eq!(count(&shop, "payment.returned").await, 1, "it is told once");
    assert!(stripe.refunds().is_empty(), "and has one job");

    shop.app.advance(Duration::hours(25));
    let changed = Extent::Since(shop.app.clock.now());
    let broken = checkout::checks::run(&shop.app.app, &shop.app.app.db.read, changed).await.unwrap();
    let broken: Vec<_> = broken.iter().map(|violation| violation.invariant).collect();
    assert_eq!(broken, ["money that no order waits for is sent back within a day"]);
    let run = checkout::reconcile(&shop.app.app).await.unwrap();
    assert_eq!((run.returns, run.unreachable), (1, 0));
    assert_eq!(returns(&shop).await, [payment_return::Status::Succeeded]);
    assert_eq!((stripe.refunds().len(), &stripe.refunds()[0]["amount"]), (1, &json!(1999)));
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().returns, 0);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_return_that_an_older_version_enqueued_is_done() {
    let (stripe, shop) = shop().await;
    let order = paid_too_late(&stripe, &shop).await;
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&order))).await;
    assert_eq!(stripe.refunds().len(), 1);
    // The same job, of which there is no row.
    payment_return::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
    let payload = json!({"payment_id": order["payment"]["id"], "amount": 1999});
    let now = shop.app.clock.now();
    let job = queue::NewJob::new(shop.app.clock.new_id(), "return_money", &payload);
    queue::enqueue(shop.app.app.db.writer(), job, now).await.unwrap();
    shop.app.run_jobs().await;
    assert_eq!(returns(&shop).await, [payment_return::Status::Succeeded]);
    assert_eq!(stripe.refunds().len(), 1, "it is the same refund");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_return_that_died_before_returns_had_rows_gets_one() {
    let (stripe, shop) = shop().await;
    let order = paid_too_late(&stripe, &shop).await;
    stripe.fail(&[WELL, Fault::Status(503), Fault::Status(503), Fault::Status(503)]);
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&order))).await;
    let db = shop.app.app.db.writer();
    for undone in [
        "UPDATE job SET state = 'dead' WHERE kind = 'return_money'",
        "DROP TABLE payment_return",
        "DROP INDEX refund_waiting_idx",
        "DROP INDEX provider_event_waiting_idx",
        "DELETE FROM seaql_migrations WHERE version LIKE 'm0060%'",
    ] {
        db.execute_unprepared(undone).await.unwrap();
    }
    let Shop { app, editor, ada } = shop;
    let shop = Shop { app: app.restart().await, editor, ada };
    let row = payment_return::Entity::find().one(&shop.app.app.db.read).await.unwrap().unwrap();
    assert_eq!((row.payment_id, row.amount), (id(&order["payment"]), 1999));
    assert_eq!((row.status, row.created_at), (payment_return::Status::Pending, shop.app.clock.now()));
    shop.app.advance(Duration::minutes(16));
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().returns, 1);
    assert_eq!(stripe.refunds().len(), 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_refund_whose_key_stripe_has_forgotten_is_found_and_not_made_again() {
    let (stripe, shop) = shop().await;
    let (order, games) = paid(&stripe, &shop, &["One", "Two", "Three", "Four"]).await;
    give_back(&shop, &order, &games[..1]).await;
    // It is made, and no answer arrives.
    stripe.fail(&[WELL, Fault::Dropped, Fault::Dropped, Fault::Dropped]);
    shop.app.run_jobs().await;
    assert_eq!((refunds(&shop).await, stripe.refunds().len()), (vec![refund::Status::Pending], 1));
    lose_jobs(&shop).await;
    // More refunds of the same payment than an answer of Stripe's holds.
    for game in &games[1..] {
        give_back(&shop, &order, &[*game]).await;
    }
    shop.app.run_jobs().await;
    assert_eq!(stripe.refunds().len(), 4);
    stripe.forget_keys();
    shop.app.advance(Duration::hours(25));
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().refunds, 1);
    assert_eq!(refunds(&shop).await, [refund::Status::Succeeded; 4]);
    assert_eq!(stripe.refunds().len(), 4, "each once");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_part_whose_key_stripe_has_forgotten_is_not_sent_twice() {
    let (stripe, shop) = shop().await;
    let (order, games) = paid(&stripe, &shop, &["One", "Two"]).await;
    give_back(&shop, &order, &games[..1]).await;
    stripe.fail(&[WELL, Fault::Dropped, Fault::Dropped, Fault::Dropped]);
    shop.app.run_jobs().await;
    stripe.forget_keys();
    shop.app.advance(Duration::hours(13));
    shop.app.run_jobs().await;
    assert_eq!(refunds(&shop).await, [refund::Status::Succeeded]);
    assert_eq!(stripe.refunds().len(), 1, "there was money for two");
    shop.is_sound().await;
}

#[tokio::test]
async fn what_stripe_refuses_for_it_was_given_back_is_looked_for() {
    let (stripe, shop) = shop().await;
    let (order, games) = paid(&stripe, &shop, &["One"]).await;
    give_back(&shop, &order, &games).await;
    stripe.fail(&[WELL, Fault::Dropped, Fault::Dropped, Fault::Dropped]);
    shop.app.run_jobs().await;
    stripe.forget_keys();
    shop.app.advance(Duration::hours(1));
    shop.app.run_jobs().await;
    assert_eq!(refunds(&shop).await, [refund::Status::Succeeded]);
    assert_eq!(stripe.refunds().len(), 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_refund_that_fails_is_told_to_people_and_not_asked_again() {
    let (stripe, shop) = shop().await;
    let (order, games) = paid(&stripe, &shop, &["One"]).await;
    stripe.fail_refunds(true);
    give_back(&shop, &order, &games).await;
    shop.app.run_jobs().await;
    assert_eq!(refunds(&shop).await, [refund::Status::Failed]);
    // Told by Stripe too.
    let failed = stripe.refunds()[0].clone();
    told(&shop, &news("refund.failed", failed)).await;
    assert_eq!(outcomes(&shop).await, ["applied", "ignored"]);
    shop.app.advance(Duration::days(2));
    shop.app.run_jobs().await;
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().refunds, 0);
    assert_eq!(stripe.refunds().len(), 1);
    assert_eq!(
        (flagged(&shop).await, flags(&shop, &order).await),
        (vec!["refund_failed".to_owned()], vec!["refund_failed".to_owned()])
    );
    shop.is_sound().await;
}

#[tokio::test]
async fn a_refund_of_which_stripe_tells_later_that_it_failed_is_told_to_people() {
    let (stripe, shop) = shop().await;
    let (order, games) = paid(&stripe, &shop, &["One"]).await;
    give_back(&shop, &order, &games).await;
    shop.app.run_jobs().await;
    assert_eq!(refunds(&shop).await, [refund::Status::Succeeded]);
    let made = stripe.refunds()[0].clone();
    told(&shop, &news("refund.failed", made.clone())).await;
    told(&shop, &news("refund.failed", made)).await;
    assert_eq!(refunds(&shop).await, [refund::Status::Failed]);
    assert_eq!(outcomes(&shop).await, ["applied", "ignored", "refund_failed"]);
    assert_eq!(flags(&shop, &order).await, ["refund_failed"]);
    assert_eq!(read(&shop.ada, &order).await["status"], "refunded");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_return_that_fails_is_told_to_people_and_not_asked_again() {
    let (stripe, shop) = shop().await;
    let order = paid_too_late(&stripe, &shop).await;
    stripe.fail_refunds(true);
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&order))).await;
    assert_eq!(returns(&shop).await, [payment_return::Status::Failed]);
    shop.app.advance(Duration::days(2));
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().returns, 0);
    assert_eq!((stripe.refunds().len(), flags(&shop, &order).await), (1, vec!["return_failed".to_owned()]));
    shop.is_sound().await;
}

#[tokio::test]
async fn another_amount_than_the_order_asks_ends_it_and_goes_back() {
    for found_by_looking in [false, true] {
        let (stripe, mut shop) = shop().await;
        let game = shop.sell("Celeste", 1999).await;
        let order = order(&shop.ada, &[game]).await;
        let session = session(&order);
        stripe.change(&session, "amount_total", json!(1500));
        stripe.pay(&session);
        if found_by_looking {
            shop.app.advance(Duration::minutes(2));
            let run = checkout::reconcile(&shop.app.app).await.unwrap();
            assert_eq!((run.looked_at, run.settled, run.unreachable), (1, 1, 0));
            assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().looked_at, 0, "it is over");
            shop.app.run_jobs().await;
            shop.ada_again().await;
        } else {
            told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
            assert_eq!(outcomes(&shop).await, ["wrong_amount"]);
        }
        assert!(!owns(&shop, game).await);
        assert_eq!(read(&shop.ada, &order).await["status"], "failed");
        assert_eq!((stripe.refunds().len(), &stripe.refunds()[0]["amount"]), (1, &json!(1500)));
        assert_eq!(flagged(&shop).await, ["wrong_amount"]);
        assert_eq!(flags(&shop, &order).await, ["wrong_amount"]);
        shop.is_sound().await;
    }
}
