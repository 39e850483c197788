//! Stripe: never two payments, never a false refusal, always settled, whatever is lost, doubled or told in another order.
use chrono::Duration;
use futures::future::join_all;
use mist::{background, checkout, config::Secret};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, checkout as buy, id, order, read, usd};
use crate::support::{
    Reply,
    judge::judge,
    stripe::{Fault, SECRET, StandIn, configure, event, signature, tell},
};

const WEBHOOK: &str = "/api/v1/webhooks/stripe";

pub(super) async fn shop() -> (StandIn, Shop) {
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| configure(&stripe, config)).await;
    (stripe, shop)
}

/// The checkout session of an order.
pub(super) fn session(order: &Value) -> String {
    order["payment"]["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

pub(super) async fn told(shop: &Shop, event: &Value) {
    let reply = tell(&shop.app, event).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    shop.app.run_jobs().await;
}

pub(super) async fn owns(shop: &Shop, product: Uuid) -> bool {
    shop.ada.get(&format!("/api/v1/library/{product}")).await.status == 200
}

pub(super) async fn outcomes(shop: &Shop) -> Vec<String> {
    let rows = entity::provider_event::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let mut outcomes: Vec<String> = rows.into_iter().filter_map(|row| row.outcome).collect();
    outcomes.sort();
    outcomes
}

#[tokio::test]
async fn a_buyer_pays_on_stripes_page_and_owns_once_stripe_tells() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    assert_eq!((&order["payment"]["provider"], &order["status"]), (&json!("stripe"), &json!("pending")));
    let session = session(&order);
    stripe.pay(&session);
    assert_eq!(read(&shop.ada, &order).await["status"], "pending", "not before Stripe tells");
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    let paid = read(&shop.ada, &order).await;
    assert_eq!((&paid["status"], &paid["payment"]["checkout_url"]), (&json!("paid"), &Value::Null));
    assert!(owns(&shop, game).await);

    let refund = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.json()["status"], "refunded");
    shop.app.run_jobs().await;
    shop.app.run_jobs().await;
    let refunds = stripe.refunds();
    assert_eq!((refunds.len(), &refunds[0]["amount"]), (1, &json!(1999)));
    shop.is_sound().await;

    let judged = judge(&json!({"judge": "stripe_request", "calls": stripe.calls()}));
    assert_eq!(judged["answer"], json!([]), "every call is of the types that Stripe publishes");
}

#[tokio::test]
async fn only_what_stripe_signed_just_now_is_believed() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let session = session(&order(&shop.ada, &[game]).await);
    stripe.pay(&session);
    let body = stripe.session_event("checkout.session.completed", &session).to_string();
    let now = shop.app.clock.now().timestamp();
    let good = signature(SECRET, now, &body);
    let judged = judge(
        &json!({"judge": "stripe_signature", "secret": SECRET, "at": now, "body": body, "header": good}),
    );
    assert_eq!(judged["answer"], json!(good), "Stripe's own library signs and takes the same");
    let spaced = body.replacen(',', ", ", 1);
    for (header, body) in [
        (signature("whsec_other", now, &body), &body),
        (signature(SECRET, now - 301, &body), &body),
        (signature(SECRET, now + 301, &body), &body),
        (good.clone(), &spaced),
        (good.replace("v1=", "v0="), &body),
        (String::new(), &body),
    ] {
        let request = shop.app.nobody().request(Method::POST, WEBHOOK).header("stripe-signature", &header);
        let reply = Reply::of(request.body(body.clone())).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_signature"), "{header}");
    }
    let unsigned = Reply::of(shop.app.nobody().request(Method::POST, WEBHOOK).body(body.clone())).await;
    assert_eq!(unsigned.code(), "invalid_signature");
    let rolled = signature("whsec_new", now, &body);
    let request = shop.app.nobody().request(Method::POST, WEBHOOK).header("stripe-signature", rolled);
    assert_eq!(Reply::of(request.body(body.clone())).await.status, 200, "either of two secrets counts");
}

#[tokio::test]
async fn a_store_without_a_secret_believes_nothing() {
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| {
        configure(&stripe, config);
        config.payments.stripe.webhook_secret = Some(Secret::new(""));
    })
    .await;
    let event = event("ping", json!({}));
    assert_eq!(tell(&shop.app, &event).await.code(), "invalid_signature");
    let body = event.to_string();
    let header = signature("", shop.app.clock.now().timestamp(), &body);
    let request = shop.app.nobody().request(Method::POST, WEBHOOK).header("stripe-signature", header);
    assert_eq!(Reply::of(request.body(body)).await.status, 400);
}

#[tokio::test]
async fn an_event_told_twenty_times_and_after_a_restart_is_one() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    stripe.pay(&session);
    let event = stripe.session_event("checkout.session.completed", &session);
    let replies = join_all((0..20).map(|_| tell(&shop.app, &event))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    shop.app.run_jobs().await;
    assert_eq!(outcomes(&shop).await, ["applied"]);
    let kinds = shop.events().await;
    assert_eq!(kinds, ["entitlement.granted", "order.paid"], "{kinds:?}");
    shop.is_sound().await;
    let app = shop.app.restart().await;
    while app.run_jobs().await > 0 {}
    assert_eq!(tell(&app, &event).await.status, 200);
    assert_eq!(app.run_jobs().await, 0, "nothing is left to do");
    assert_eq!(background::violations(&app.app).await.unwrap(), []);
}

#[tokio::test]
async fn events_in_any_order_end_alike() {
    let kinds =
        ["checkout.session.completed", "payment_intent.succeeded", "checkout.session.expired", "other"];
    for first in 0..kinds.len() {
        for second in (0..kinds.len()).filter(|second| *second != first) {
            let (stripe, shop) = shop().await;
            let game = shop.sell("Celeste", 1999).await;
            let order = order(&shop.ada, &[game]).await;
            let session = session(&order);
            stripe.pay(&session);
            let mut rest: Vec<usize> =
                (0..kinds.len()).filter(|kind| ![first, second].contains(kind)).collect();
            rest.splice(0..0, [first, second]);
            for kind in rest {
                let metadata = json!({"mist_payment_id": order["payment"]["id"]});
                let event = match kinds[kind] {
                    "payment_intent.succeeded" => {
                        let object = json!({
                            "id": stripe.intent_of(&session), "amount_received": 1999, "currency": "usd", "metadata": metadata,
                        });
                        event(kinds[kind], object)
                    }
                    kind => stripe.session_event(kind, &session),
                };
                told(&shop, &event).await;
            }
            let status = read(&shop.ada, &order).await["status"].clone();
            // An expiry that comes first is what Stripe never tells of a session that is paid: the money goes back then.
            let (paid, returned) = (status == "paid", !stripe.refunds().is_empty());
            assert!(paid != returned, "{first} {second}: {status}");
            assert_eq!(paid, owns(&shop, game).await);
            shop.is_sound().await;
        }
    }
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_made_again_and_is_one_payment() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    for fault in [Fault::Dropped, Fault::Status(500), Fault::Status(429), Fault::Status(409)] {
        stripe.fail(&[fault]);
        let reply = buy(&shop.ada, &[game]).await;
        assert_eq!(reply.status, 201, "{fault:?}: {}", reply.text());
        let cancel = format!("/api/v1/orders/{}/cancel", id(&reply.json()));
        assert_eq!(shop.ada.act(&cancel).await.status, 200);
    }
    assert_eq!(stripe.sessions(), 4, "one for each order");
    shop.is_sound().await;
}

#[tokio::test]
async fn while_stripe_is_away_the_buyer_is_told_to_try_again_and_then_gets_the_same_order() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    stripe.fail(&[Fault::Dropped; 3]);
    let request = || {
        let request = shop.ada.request(Method::POST, "/api/v1/checkout").header("idempotency-key", "one");
        request.json(&json!({"items": [{"product_id": game}], "accept_immediate_delivery": true}))
    };
    let away = Reply::of(request()).await;
    assert_eq!(away.status, 503, "never a false refusal: {}", away.text());
    assert!(!away.header("retry-after").is_empty());
    shop.app.advance(Duration::seconds(10));
    let back = Reply::of(request()).await;
    assert_eq!(back.status, 201, "{}", back.text());
    assert_eq!(stripe.sessions(), 1);
    let orders = shop.ada.get("/api/v1/orders").await.json();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_stripe_never_told_is_found_by_looking() {
    let (stripe, shop) = shop().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    let (paid, waits) = (order(&shop.ada, &[celeste]).await, order(&shop.ada, &[hades]).await);
    stripe.pay(&session(&paid));
    shop.app.advance(Duration::minutes(2));
    let run = checkout::reconcile(&shop.app.app).await.unwrap();
    assert_eq!((run.looked_at, run.settled, run.unreachable), (2, 1, 0));
    assert!(owns(&shop, celeste).await);
    assert_eq!(read(&shop.ada, &waits).await["status"], "pending");
    // The event that comes after all changes nothing.
    told(&shop, &stripe.session_event("checkout.session.completed", &session(&paid))).await;
    assert_eq!(outcomes(&shop).await, ["applied"]);
    shop.is_sound().await;
}

#[tokio::test]
async fn money_that_no_order_waits_for_goes_back_once() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    let late = {
        stripe.pay(&session);
        stripe.session_event("checkout.session.completed", &session)
    };
    // The product came to be owned by another way meanwhile.
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let support = shop.app.support().await;
    assert_eq!(support.post(&grants, json!({"product_id": game, "reason": "gift"})).await.status, 201);
    told(&shop, &late).await;
    shop.app.run_jobs().await;
    assert_eq!(outcomes(&shop).await, ["returned"]);
    assert_eq!(stripe.refunds().len(), 1);
    assert_eq!(read(&shop.ada, &order).await["status"], "cancelled");
    let again = event("checkout.session.async_payment_succeeded", late["data"]["object"].clone());
    told(&shop, &again).await;
    shop.app.run_jobs().await;
    assert_eq!(stripe.refunds().len(), 1, "the same refund, however often it is asked");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_payment_is_not_expired_while_its_money_comes_in() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    stripe.pay(&session);
    shop.app.advance(Duration::hours(2));
    background::tick(&shop.app.app, "order expiry").await.unwrap();
    let support = shop.app.support().await;
    let path = format!("/api/v1/admin/orders/{}", id(&order));
    assert_eq!(support.get(&path).await.json()["status"], "pending", "Stripe says that it is paid");
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    assert_eq!(support.get(&path).await.json()["status"], "paid", "it is honoured");
    shop.is_sound().await;
}

#[tokio::test]
async fn what_does_not_fit_its_order_grants_nothing_and_is_flagged() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    stripe.pay(&session);
    let sound = stripe.session_event("checkout.session.completed", &session);
    let changed = |path: &str, value: Value| {
        let mut changed = event("checkout.session.completed", sound["data"]["object"].clone());
        *changed.pointer_mut(path).unwrap() = value;
        changed
    };
    told(&shop, &changed("/data/object/id", json!("cs_test_other"))).await;
    told(&shop, &changed("/data/object/metadata/mist_payment_id", json!(Uuid::nil()))).await;
    told(&shop, &changed("/livemode", json!(true))).await;
    assert_eq!(outcomes(&shop).await, ["other_mode", "unknown_payment", "unknown_payment"]);
    assert!(!owns(&shop, game).await);
    assert_eq!(read(&shop.ada, &order).await["status"], "pending");
    told(&shop, &sound).await;
    assert!(owns(&shop, game).await, "what fits is taken all the same");
    told(&shop, &changed("/data/object/amount_total", json!(1))).await;
    assert_eq!(
        outcomes(&shop).await,
        ["applied", "other_mode", "unknown_payment", "unknown_payment", "wrong_amount"]
    );
    assert!(owns(&shop, game).await && stripe.refunds().is_empty(), "what is paid stays so");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_freezes_and_what_the_bank_decides_is_done() {
    for (verdict, status, owned) in [("won", "paid", true), ("lost", "refunded", false)] {
        let (stripe, shop) = shop().await;
        let game = shop.sell("Celeste", 1999).await;
        let order = order(&shop.ada, &[game]).await;
        let session = session(&order);
        stripe.pay(&session);
        told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
        let dispute = |status: &str| json!({"id": "dp_1", "payment_intent": stripe.intent_of(&session), "amount": 1999, "currency": "usd", "status": status});
        told(&shop, &event("charge.dispute.created", dispute("needs_response"))).await;
        assert_eq!(read(&shop.ada, &order).await["status"], "disputed");
        assert!(!owns(&shop, game).await, "held back while it is judged");
        told(&shop, &event("charge.dispute.closed", dispute(verdict))).await;
        assert_eq!(
            (read(&shop.ada, &order).await["status"].clone(), owns(&shop, game).await),
            (json!(status), owned)
        );
        assert!(stripe.refunds().is_empty(), "the bank has the money already");
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn a_payment_that_fails_later_ends_its_order() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    told(&shop, &stripe.session_event("checkout.session.async_payment_failed", &session(&order))).await;
    assert_eq!(read(&shop.ada, &order).await["status"], "failed");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_declined_card_leaves_the_order_to_be_paid_by_another() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    let metadata = json!({"mist_payment_id": order["payment"]["id"]});
    let declined =
        json!({"id": stripe.intent_of(&session), "amount": 1999, "currency": "usd", "metadata": metadata});
    told(&shop, &event("payment_intent.payment_failed", declined)).await;
    let seen = read(&shop.ada, &order).await;
    assert_eq!((&seen["status"], &seen["payment"]["status"]), (&json!("pending"), &json!("declined")));
    stripe.pay(&session);
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    assert!(owns(&shop, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_was_given_back_elsewhere_or_could_not_be_is_flagged_and_changes_nothing() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let session = session(&order);
    stripe.pay(&session);
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    let intent = stripe.intent_of(&session);
    let given = json!({"id": "ch_1", "payment_intent": intent, "amount_refunded": 500, "currency": "usd"});
    told(&shop, &event("charge.refunded", given)).await;
    let failed = json!({"id": "re_1", "payment_intent": intent, "amount": 500, "currency": "usd"});
    told(&shop, &event("refund.failed", failed)).await;
    assert_eq!(outcomes(&shop).await, ["applied", "refund_failed", "refunded_elsewhere"]);
    assert_eq!(read(&shop.ada, &order).await["status"], "paid");
    assert!(owns(&shop, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_amount_that_stripe_never_charges_makes_no_order() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Tiny", 49).await;
    let reply = buy(&shop.ada, &[game]).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "amount_not_taken"));
    assert_eq!(
        (stripe.sessions(), shop.ada.get("/api/v1/orders").await.json()["items"].clone()),
        (0, json!([]))
    );
    let other = shop.sell("More", 50).await;
    assert_eq!(order(&shop.ada, &[other]).await["total"], usd(50));
}
