//! Stripe's Elements: the buyer pays on the store's own page, and all else is as with Stripe's.
use chrono::Duration;
use mist::{background, checkout};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, id, read, wish};
use crate::support::{
    Client, Reply,
    judge::judge,
    localstripe,
    stripe::{CARD_COUNTRY, Fault, StandIn, configure, event, tell},
};

async fn shop() -> (StandIn, Shop) {
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| configure(&stripe, config)).await;
    (stripe, shop)
}

fn elements(products: &[Uuid]) -> Value {
    let mut body = wish(products);
    body["payment_ui"] = json!("elements");
    body
}

/// An order to be paid by Elements, and its payment intent.
async fn order(shop: &Shop, products: &[Uuid]) -> (Value, String) {
    let reply = shop.ada.post("/api/v1/checkout", elements(products)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let order = reply.json();
    let secret = order["payment"]["client_secret"].as_str().unwrap();
    let intent = secret.split("_secret").next().unwrap().to_owned();
    (order, intent)
}

async fn told(shop: &Shop, event: &Value) {
    let reply = tell(&shop.app, event).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    shop.app.run_jobs().await;
}

async fn owns(shop: &Shop, product: Uuid) -> bool {
    shop.ada.get(&format!("/api/v1/library/{product}")).await.status == 200
}

/// An order as the back office sees it, which reads it without asking Stripe.
async fn seen(support: &Client, order: &Value) -> Value {
    support.get(&format!("/api/v1/admin/orders/{}", id(order))).await.json()
}

#[tokio::test]
async fn a_buyer_pays_on_the_stores_page_and_owns_once_stripe_tells() {
    let (stripe, shop) = shop().await;
    let support = shop.app.support().await;
    let game = shop.sell("Celeste", 1999).await;
    let (order, intent) = order(&shop, &[game]).await;
    assert_eq!(order["payment"]["checkout_url"], Value::Null);
    assert_eq!(order["payment"]["publishable_key"], "pk_test_stand_in");
    let again = read(&shop.ada, &order).await;
    assert_eq!(again["payment"], order["payment"], "the secret is asked for again");
    assert_eq!(seen(&support, &order).await["payment"].get("client_secret"), None, "it is the buyer's alone");

    told(&shop, &stripe.intent_event("payment_intent.processing", &intent)).await;
    assert_eq!(read(&shop.ada, &order).await["status"], "pending");
    stripe.pay_intent(&intent, "succeeded");
    told(&shop, &stripe.intent_event("payment_intent.succeeded", &intent)).await;
    let paid = read(&shop.ada, &order).await;
    assert_eq!((&paid["status"], paid["payment"].get("client_secret")), (&json!("paid"), None));
    assert!(owns(&shop, game).await);
    let card = json!({"source": "card", "country": CARD_COUNTRY});
    let places = seen(&support, &order).await["places"].clone();
    assert!(places.as_array().unwrap().contains(&card), "{places}");

    let refund = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.json()["status"], "refunded");
    while shop.app.run_jobs().await > 0 {}
    let refunds = stripe.refunds();
    assert_eq!((refunds.len(), &refunds[0]["payment_intent"]), (1, &json!(intent)));
    shop.is_sound().await;
    let judged = judge(&json!({"judge": "stripe_request", "calls": stripe.calls()}));
    assert_eq!(judged["answer"], json!([]), "every call is of the types that Stripe publishes");
}

#[tokio::test]
async fn a_repeated_request_is_one_intent_and_keeps_no_secret() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    stripe.fail(&[Fault::Dropped]);
    let request = || {
        let request = shop.ada.request(Method::POST, "/api/v1/checkout").header("idempotency-key", "one");
        Reply::of(request.json(&elements(&[game])))
    };
    let (first, again) = (request().await, request().await);
    assert_eq!((first.status, again.header("idempotent-replayed")), (201, "true"), "{}", first.text());
    assert_eq!(first.json()["payment"], again.json()["payment"]);
    assert_eq!(stripe.intents().len(), 1);
    let secret = first.json()["payment"]["client_secret"].as_str().unwrap().to_owned();
    let places = crate::support::everything::places_of(&shop.app.app.db.read, &[&secret]).await;
    assert_eq!(places, Vec::<String>::new(), "it is written nowhere");
    stripe.fail(&[Fault::Status(500); 3]);
    let away = read(&shop.ada, &first.json()).await;
    assert_eq!((&away["status"], away["payment"].get("client_secret")), (&json!("pending"), None));
}

#[tokio::test]
async fn an_order_that_ends_cancels_its_intent() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let (cancelled, _) = order(&shop, &[game]).await;
    assert_eq!(shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&cancelled))).await.status, 200);
    let (expired, _) = order(&shop, &[game]).await;
    shop.app.advance(Duration::hours(2));
    background::tick(&shop.app.app, "order expiry").await.unwrap();
    let support = shop.app.support().await;
    assert_eq!(seen(&support, &expired).await["status"], "expired");
    let intents = stripe.intents();
    assert!(intents.len() == 2 && intents.iter().all(|intent| intent["status"] == "canceled"), "{intents:?}");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_payment_that_is_on_its_way_is_not_expired_and_is_honoured() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let (order, intent) = order(&shop, &[game]).await;
    stripe.pay_intent(&intent, "processing");
    shop.app.advance(Duration::hours(2));
    background::tick(&shop.app.app, "order expiry").await.unwrap();
    let support = shop.app.support().await;
    assert_eq!(seen(&support, &order).await["status"], "pending", "Stripe says that it is being paid");
    stripe.pay_intent(&intent, "succeeded");
    let run = checkout::reconcile(&shop.app.app).await.unwrap();
    assert_eq!((run.looked_at, run.settled), (1, 1), "found by looking, without any event");
    let seen = seen(&support, &order).await;
    assert_eq!(seen["status"], "paid");
    assert!(seen["places"].as_array().unwrap().iter().any(|place| place["source"] == "card"), "{seen}");
    shop.is_sound().await;
}

#[tokio::test]
async fn money_for_an_order_that_ended_goes_back_once() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let (order, intent) = order(&shop, &[game]).await;
    stripe.pay_intent(&intent, "succeeded");
    let paid = stripe.intent_event("payment_intent.succeeded", &intent);
    // Told of its cancellation first, which Stripe never does of one that is paid.
    told(&shop, &stripe.intent_event("payment_intent.canceled", &intent)).await;
    assert_eq!(read(&shop.ada, &order).await["status"], "cancelled");
    told(&shop, &paid).await;
    told(&shop, &event("payment_intent.succeeded", paid["data"]["object"].clone())).await;
    while shop.app.run_jobs().await > 0 {}
    assert_eq!(stripe.refunds().len(), 1);
    assert!(!owns(&shop, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_does_not_fit_the_order_grants_nothing() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let (order, intent) = order(&shop, &[game]).await;
    stripe.pay_intent(&intent, "succeeded");
    let sound = stripe.intent_event("payment_intent.succeeded", &intent);
    for (path, value) in [
        ("/data/object/id", json!("pi_other")),
        ("/data/object/metadata/mist_payment_id", json!(Uuid::nil())),
        ("/livemode", json!(true)),
    ] {
        let mut changed = event("payment_intent.succeeded", sound["data"]["object"].clone());
        *changed.pointer_mut(path).unwrap() = value;
        told(&shop, &changed).await;
        assert!(!owns(&shop, game).await, "{path}");
    }
    let declined = stripe.intent_event("payment_intent.payment_failed", &intent);
    told(&shop, &declined).await;
    let seen = read(&shop.ada, &order).await;
    assert_eq!((&seen["status"], &seen["payment"]["status"]), (&json!("pending"), &json!("declined")));
    told(&shop, &sound).await;
    assert!(owns(&shop, game).await, "what fits is taken all the same");
    shop.is_sound().await;
}

#[tokio::test]
async fn elements_are_offered_where_they_are_set_up() {
    let mock = Shop::new().await;
    let game = mock.sell("Celeste", 1999).await;
    let refused = mock.ada.post("/api/v1/checkout", elements(&[game])).await;
    assert_eq!(refused.faults(), [("payment_ui".to_owned(), "not_offered".to_owned())]);
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| {
        configure(&stripe, config);
        config.payments.stripe.publishable_key = None;
    })
    .await;
    let game = shop.sell("Celeste", 1999).await;
    let refused = shop.ada.post("/api/v1/checkout", elements(&[game])).await;
    assert_eq!(refused.faults(), [("payment_ui".to_owned(), "not_offered".to_owned())]);
}

#[tokio::test]
async fn a_stripe_of_others_takes_pays_cancels_and_refunds_what_the_store_asks() {
    let stripe = localstripe::Server::start();
    let shop = Shop::with(|config| stripe.configure(config)).await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    let (bought, intent) = order(&shop, &[celeste]).await;
    let (dropped, other) = order(&shop, &[hades]).await;
    assert_eq!(shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&dropped))).await.status, 200);
    assert_eq!(stripe.get(&format!("/v1/payment_intents/{other}")).await["status"], "canceled");

    stripe.pay(&intent).await;
    shop.app.advance(Duration::minutes(2));
    let run = checkout::reconcile(&shop.app.app).await.unwrap();
    assert_eq!((run.looked_at, run.settled, run.unreachable), (1, 1, 0));
    assert!(owns(&shop, celeste).await);
    let refund = format!("/api/v1/orders/{}/refund", id(&bought));
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.json()["status"], "refunded");
    while shop.app.run_jobs().await > 0 {}
    let refunds = stripe.get("/v1/refunds").await["data"].clone();
    assert_eq!((&refunds[0]["amount"], &refunds[0]["payment_intent"]), (&json!(1999), &json!(intent)));
    shop.is_sound().await;
}

#[tokio::test]
async fn an_intent_that_could_not_be_cancelled_once_is_cancelled_when_it_can_be() {
    let (stripe, shop) = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let (order, intent) = order(&shop, &[game]).await;
    stripe.pay_intent(&intent, "processing");
    let cancel = format!("/api/v1/orders/{}/cancel", id(&order));
    assert_eq!(shop.ada.act(&cancel).await.status, 409, "it is being paid");
    // The bank declined it after all.
    stripe.pay_intent(&intent, "requires_payment_method");
    let cancelled = shop.ada.act(&cancel).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelled")));
    assert_eq!(stripe.intents()[0]["status"], "canceled");
    shop.is_sound().await;
}
