//! Disputes: whatever is told first, late or again, an order ends as the bank decided, and the books hold what it took.
use chrono::Duration;
use entity::{dispute, job, ledger_entry::Account, provider_event};
use mist::{background, check::Extent, checkout};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    credit::{balance, booked},
    shop::{Shop, id, order, read},
    stripe::{owns, session, shop, told},
};
use crate::support::stripe::{StandIn, tell};

const CREATED: &str = "charge.dispute.created";
const CLOSED: &str = "charge.dispute.closed";

/// The orders in which four things can be told.
fn permutations() -> Vec<[usize; 4]> {
    let codes = (0..256_usize).map(|code| [code / 64, code / 16 % 4, code / 4 % 4, code % 4]);
    codes.filter(|order| (0..4).all(|one| order.contains(&one))).collect()
}

/// A shop, and an order of 19.99 that is paid.
async fn paid() -> (StandIn, Shop, Value, Uuid) {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    stripe.pay(&session(&order));
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&order))).await;
    (stripe, shop, order, game)
}

/// What became of what was told, from the first.
async fn outcomes(shop: &Shop) -> Vec<String> {
    let rows = provider_event::Entity::find().order_by_asc(provider_event::Column::Id);
    let rows = rows.all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| row.outcome.unwrap_or_else(|| "waits".to_owned())).collect()
}

async fn stands(shop: &Shop, order: &Value, game: Uuid) -> (String, bool) {
    let status = read(&shop.ada, order).await["status"].as_str().unwrap().to_owned();
    (status, owns(shop, game).await)
}

#[tokio::test]
async fn a_payment_its_dispute_and_the_verdict_told_in_any_order_end_alike() {
    let (stripe, shop) = shop().await;
    let mut told_so_far = 0;
    for (verdict, status, owned) in [("won", "paid", true), ("lost", "refunded", false)] {
        for turn in permutations() {
            let game = shop.sell(&format!("{verdict} {turn:?}"), 1999).await;
            let order = order(&shop.ada, &[game]).await;
            let session = session(&order);
            stripe.pay(&session);
            let of = |kind: &str, status: &str| {
                stripe.dispute_event(kind, &session, &format!("dp_{session}"), 1999, status)
            };
            let events = [
                stripe.session_event("checkout.session.completed", &session),
                // A gesture in Stripe's dashboard: it is flagged, and changes nothing.
                stripe.refund_event(&session, 100),
                of(CREATED, "needs_response"),
                of(CLOSED, verdict),
            ];
            for at in turn {
                told(&shop, &events[at]).await;
                told_so_far += 1;
            }
            assert_eq!(stands(&shop, &order, game).await, (status.to_owned(), owned), "{verdict} {turn:?}");
        }
    }
    let outcomes = outcomes(&shop).await;
    assert_eq!(outcomes.len(), told_so_far);
    let flagged =
        |outcome: &String| !["applied", "ignored", "refunded_elsewhere"].contains(&outcome.as_str());
    assert!(!outcomes.iter().any(flagged), "{outcomes:?}");
    assert!(stripe.refunds().is_empty(), "the bank has the money already");
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_of_two_disputes_is_held_back_until_both_are_over() {
    let (stripe, shop, order, game) = paid().await;
    let session = session(&order);
    let of =
        |kind: &str, dispute: &str, status: &str| stripe.dispute_event(kind, &session, dispute, 1999, status);
    told(&shop, &of(CREATED, "dp_1", "needs_response")).await;
    told(&shop, &of(CREATED, "dp_2", "needs_response")).await;
    told(&shop, &of(CLOSED, "dp_1", "won")).await;
    assert_eq!(stands(&shop, &order, game).await, ("disputed".to_owned(), false), "one is open");
    shop.is_sound().await;
    told(&shop, &of(CLOSED, "dp_2", "won")).await;
    assert_eq!(stands(&shop, &order, game).await, ("paid".to_owned(), true));
    shop.is_sound().await;

    told(&shop, &of(CREATED, "dp_3", "needs_response")).await;
    told(&shop, &of(CREATED, "dp_4", "needs_response")).await;
    told(&shop, &of(CLOSED, "dp_3", "lost")).await;
    assert_eq!(stands(&shop, &order, game).await, ("refunded".to_owned(), false));
    shop.is_sound().await;
    told(&shop, &of(CLOSED, "dp_4", "won")).await;
    assert_eq!(stands(&shop, &order, game).await, ("refunded".to_owned(), false), "nothing comes back");
    assert_eq!(booked(&shop, Account::Provider).await, 0);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_that_is_told_again_long_after_its_end_begins_nothing() {
    for (verdict, status, owned) in [("won", "paid", true), ("lost", "refunded", false)] {
        let (stripe, mut shop, order, game) = paid().await;
        let session = session(&order);
        let created = stripe.dispute_event(CREATED, &session, "dp_1", 1999, "needs_response");
        told(&shop, &created).await;
        told(&shop, &stripe.dispute_event(CLOSED, &session, "dp_1", 1999, verdict)).await;
        shop.app.advance(Duration::days(91));
        assert!(background::tick(&shop.app.app, "retention").await.unwrap());
        assert_eq!(outcomes(&shop).await, Vec::<String>::new(), "forgotten");
        told(&shop, &created).await;
        shop.ada_again().await;
        assert_eq!(stands(&shop, &order, game).await, (status.to_owned(), owned));
        assert_eq!(outcomes(&shop).await, ["ignored"]);
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn what_an_older_version_saw_disputed_ends_all_the_same() {
    for (verdict, status, owned) in [("won", "paid", true), ("lost", "refunded", false)] {
        let (stripe, shop, order, game) = paid().await;
        let session = session(&order);
        told(&shop, &stripe.dispute_event(CREATED, &session, "dp_1", 1999, "needs_response")).await;
        // It wrote no row of it.
        dispute::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
        shop.is_sound().await;
        told(&shop, &stripe.dispute_event(CLOSED, &session, "dp_1", 1999, verdict)).await;
        assert_eq!(stands(&shop, &order, game).await, (status.to_owned(), owned));
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn news_of_money_that_the_store_has_not_heard_of_wait_until_it_has() {
    let (stripe, mut shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    // Whose intent it is Stripe knows; the session doesn't say yet that it is paid.
    stripe.pay_later(&session);
    assert_eq!(tell(&shop.app, &stripe.refund_event(&session, 500)).await.status, 200);
    let disputed = stripe.dispute_event(CREATED, &session, "dp_1", 1999, "needs_response");
    assert_eq!(tell(&shop.app, &disputed).await.status, 200);
    shop.app.run_jobs().await;
    assert_eq!(outcomes(&shop).await, ["waits", "waits"]);
    assert_eq!(read(&shop.ada, &order).await["status"], "pending");

    stripe.end_later(&session, true);
    shop.app.advance(Duration::minutes(10));
    shop.app.run_jobs().await;
    shop.ada_again().await;
    assert_eq!(outcomes(&shop).await, ["refunded_elsewhere", "applied"]);
    assert_eq!(stands(&shop, &order, game).await, ("disputed".to_owned(), false));
    shop.is_sound().await;
}

#[tokio::test]
async fn news_whose_job_is_gone_are_taken_up_again() {
    let (stripe, mut shop, order, game) = paid().await;
    let disputed = stripe.dispute_event(CREATED, &session(&order), "dp_1", 1999, "needs_response");
    assert_eq!(tell(&shop.app, &disputed).await.status, 200);
    job::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
    shop.app.advance(Duration::minutes(14));
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().events, 0, "its job is likely at it");
    shop.app.advance(Duration::hours(24));
    let changed = Extent::Since(shop.app.clock.now());
    let broken = checkout::checks::run(&shop.app.app, &shop.app.app.db.read, changed).await.unwrap();
    let broken: Vec<_> = broken.iter().map(|violation| violation.invariant).collect();
    assert_eq!(broken, ["what a provider told is applied within a day"]);

    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().events, 1);
    assert_eq!(checkout::reconcile(&shop.app.app).await.unwrap().events, 0, "its job waits");
    shop.app.run_jobs().await;
    shop.ada_again().await;
    assert_eq!(outcomes(&shop).await, ["applied", "applied"]);
    assert_eq!(stands(&shop, &order, game).await, ("disputed".to_owned(), false));
    shop.is_sound().await;
}

#[tokio::test]
async fn what_a_bank_takes_of_a_part_is_a_loss_and_people_decide_about_the_rest() {
    let (stripe, shop, order, game) = paid().await;
    let session = session(&order);
    let of = |kind: &str, status: &str| stripe.dispute_event(kind, &session, "dp_1", 500, status);
    told(&shop, &of(CREATED, "needs_response")).await;
    assert_eq!(stands(&shop, &order, game).await, ("disputed".to_owned(), false));
    told(&shop, &of(CLOSED, "lost")).await;
    assert_eq!(stands(&shop, &order, game).await, ("paid".to_owned(), true), "it was not asked for");
    assert_eq!(outcomes(&shop).await, ["applied", "disputed_amount", "disputed_amount"]);
    assert_eq!((booked(&shop, Account::Provider).await, booked(&shop, Account::Losses).await), (1499, 500));
    shop.is_sound().await;

    // What the bank took is with the buyer: no more than the rest is sent.
    let refund = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.json()["status"], "refunded");
    shop.app.run_jobs().await;
    let refunds = stripe.refunds();
    assert_eq!((refunds.len(), &refunds[0]["amount"]), (1, &json!(1499)));
    assert_eq!((booked(&shop, Account::Provider).await, booked(&shop, Account::Losses).await), (0, 0));
    shop.is_sound().await;
}

#[tokio::test]
async fn after_a_bank_took_a_part_no_more_becomes_credit_than_is_left() {
    let (stripe, shop, order, _) = paid().await;
    let session = session(&order);
    // Its end is told first.
    told(&shop, &stripe.dispute_event(CLOSED, &session, "dp_1", 500, "lost")).await;
    told(&shop, &stripe.dispute_event(CREATED, &session, "dp_1", 500, "needs_response")).await;
    assert_eq!(read(&shop.ada, &order).await["status"], "paid");
    let refund = format!("/api/v1/orders/{}/refund", id(&order));
    let body = json!({"reason": "no fun", "to_credit": true});
    assert_eq!(shop.ada.post(&refund, body).await.json()["status"], "refunded");
    shop.app.run_jobs().await;
    assert!(stripe.refunds().is_empty());
    assert_eq!(balance(&shop.ada).await, 1499);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_bank_that_takes_what_was_given_back_is_a_loss() {
    let (stripe, shop, order, game) = paid().await;
    let session = session(&order);
    let refund = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.status, 200);
    shop.app.run_jobs().await;
    let of = |kind: &str, status: &str| stripe.dispute_event(kind, &session, "dp_1", 1999, status);
    told(&shop, &of(CREATED, "needs_response")).await;
    shop.is_sound().await;
    told(&shop, &of(CLOSED, "lost")).await;
    assert_eq!(stands(&shop, &order, game).await, ("refunded".to_owned(), false));
    assert_eq!(outcomes(&shop).await, ["applied", "disputed_amount", "disputed_amount"]);
    assert_eq!((booked(&shop, Account::Provider).await, booked(&shop, Account::Losses).await), (-1999, 1999));
    shop.is_sound().await;
}
