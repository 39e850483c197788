//! Store credit: granted, spent, given back and paid out, and never below zero.
use chrono::TimeDelta;
use entity::{credit_balance, ledger_entry, provider_event};
use futures::future::join_all;
use reqwest::Method;
use sea_orm::{EntityTrait, QueryOrder, Set, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, checkout, end, id, read, usd, wish};
use crate::support::{
    Client, Reply,
    stripe::{StandIn, configure, event, tell},
};

const MINE: &str = "/api/v1/me/credit";

pub(super) async fn grant(support: &Client, to: &Client, cents: i64) -> Reply {
    let body = json!({"amount": usd(cents), "reason": "for the trouble"});
    support.post(&format!("/api/v1/admin/accounts/{}/credit", to.account_id()), body).await
}

/// A shop whose Ada holds so many cents.
async fn shop(cents: i64) -> (Shop, Client) {
    let shop = Shop::new().await;
    let support = shop.app.support().await;
    let reply = grant(&support, &shop.ada, cents).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    (shop, support)
}

pub(super) async fn balance(client: &Client) -> i64 {
    let credit = client.get(MINE).await.json();
    credit["balances"].as_array().unwrap().iter().map(|held| held["amount"].as_i64().unwrap()).sum()
}

/// Why the credit changed and by how much, newest first.
async fn changes(client: &Client) -> Vec<(String, i64)> {
    let credit = client.get(MINE).await.json();
    let entries = credit["entries"]["items"].as_array().unwrap();
    let told = |entry: &Value| {
        (entry["kind"].as_str().unwrap().to_owned(), entry["amount"]["amount"].as_i64().unwrap())
    };
    entries.iter().map(told).collect()
}

async fn with_credit(client: &Client, products: &[Uuid]) -> Reply {
    let mut body = wish(products);
    body["use_credit"] = json!(true);
    client.post("/api/v1/checkout", body).await
}

/// An order placed with credit.
pub(super) async fn order(client: &Client, products: &[Uuid]) -> Value {
    let reply = with_credit(client, products).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

async fn give_back(client: &Client, order: &Value, products: &[Uuid], to_credit: bool) -> Value {
    let body = json!({"items": products, "reason": "not for me", "to_credit": to_credit});
    let reply = client.post(&format!("/api/v1/orders/{}/refund", id(order)), body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// What a book of the ledger holds.
pub(super) async fn booked(shop: &Shop, book: ledger_entry::Account) -> i64 {
    let entries = ledger_entry::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    entries.iter().filter(|entry| entry.account == book).map(|entry| entry.amount).sum()
}

#[tokio::test]
async fn credit_pays_a_part_and_the_provider_takes_the_rest() {
    let (shop, _) = shop(700).await;
    let game = shop.sell("Celeste", 1999).await;
    let open = order(&shop.ada, &[game]).await;
    assert_eq!(
        (&open["total"], &open["credit"], &open["status"]),
        (&usd(1999), &usd(700), &json!("pending"))
    );
    assert_eq!(open["payment"]["provider"], "mock");
    assert_eq!(balance(&shop.ada).await, 0, "it is held for the order");
    shop.is_sound().await;
    let paid = end(&shop.ada, &open, "succeed").await.json();
    assert_eq!((&paid["status"], &paid["credit"]), (&json!("paid"), &usd(700)));
    assert_eq!(booked(&shop, ledger_entry::Account::Provider).await, 1299);
    assert_eq!(booked(&shop, ledger_entry::Account::Sales).await, -1999, "credit is a means of payment");
    assert_eq!(changes(&shop.ada).await, [("spent".to_owned(), -700), ("grant".to_owned(), 700)]);
    shop.is_sound().await;
}

#[tokio::test]
async fn credit_that_covers_all_pays_at_once() {
    let (shop, _) = shop(5000).await;
    let game = shop.sell("Celeste", 1999).await;
    let paid = order(&shop.ada, &[game]).await;
    assert_eq!((&paid["status"], &paid["payment"]["provider"]), (&json!("paid"), &json!("credit")));
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 200);
    assert_eq!(balance(&shop.ada).await, 3001);
    shop.is_sound().await;
    let receipt = shop.ada.get(&format!("/api/v1/orders/{}/receipt", id(&paid))).await.text();
    assert!(receipt.contains("Paid by store credit"), "{receipt}");
    shop.app.run_jobs().await;
    assert!(shop.app.mails().iter().any(|mail| mail.contains("Paid by store credit")));
}

#[tokio::test]
async fn credit_is_spent_only_when_asked_for_and_within_its_limit() {
    let (shop, _) = shop(1000).await;
    let games = [shop.sell("One", 600).await, shop.sell("Two", 600).await];
    assert_eq!(checkout(&shop.ada, &games[..1]).await.json().get("credit"), None);
    let mut body = wish(&games[1..]);
    body["credit_limit"] = usd(250);
    let placed = shop.ada.post("/api/v1/checkout", body.clone()).await;
    assert_eq!((placed.status, &placed.json()["credit"]), (201, &usd(250)));
    body["credit_limit"] = json!({"amount": 250, "currency": "EUR"});
    let refused = shop.ada.post("/api/v1/checkout", body).await;
    assert_eq!(refused.faults(), [("credit_limit".to_owned(), "other_currency".to_owned())]);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_that_ends_unpaid_gives_its_credit_back_once() {
    let (mut shop, _) = shop(700).await;
    let game = shop.sell("Celeste", 1999).await;
    let cancelled = order(&shop.ada, &[game]).await;
    let path = format!("/api/v1/orders/{}/cancel", id(&cancelled));
    assert_eq!(shop.ada.act(&path).await.status, 200);
    assert_eq!(shop.ada.act(&path).await.status, 409);
    assert_eq!(balance(&shop.ada).await, 700);
    // A newer order for the same takes the place of the older one, and its credit.
    let replaced = order(&shop.ada, &[game]).await;
    let expired = order(&shop.ada, &[game]).await;
    assert_eq!(read(&shop.ada, &replaced).await["status"], "cancelled");
    assert_eq!((&expired["credit"], balance(&shop.ada).await), (&usd(700), 0));
    shop.app.advance(TimeDelta::hours(2));
    shop.ada_again().await;
    assert_eq!(read(&shop.ada, &expired).await["status"], "expired");
    assert_eq!(balance(&shop.ada).await, 700);
    shop.is_sound().await;
}

#[tokio::test]
async fn money_goes_back_first_and_the_rest_becomes_credit() {
    let (shop, _) = shop(500).await;
    let games = [shop.sell("One", 700).await, shop.sell("Two", 400).await];
    let open = order(&shop.ada, &games).await;
    let paid = end(&shop.ada, &open, "succeed").await.json();
    give_back(&shop.ada, &paid, &games[1..], false).await;
    assert_eq!((booked(&shop, ledger_entry::Account::Provider).await, balance(&shop.ada).await), (200, 0));
    shop.is_sound().await;
    let given = give_back(&shop.ada, &paid, &games[..1], false).await;
    assert_eq!(given["status"], "refunded");
    assert_eq!((booked(&shop, ledger_entry::Account::Provider).await, balance(&shop.ada).await), (0, 500));
    shop.app.run_jobs().await;
    shop.is_sound().await;
}

#[tokio::test]
async fn a_refund_may_become_credit_instead() {
    let (shop, support) = shop(1).await;
    let games = [shop.sell("One", 700).await, shop.sell("Two", 400).await];
    let paid = buy(&shop.ada, &games).await;
    give_back(&shop.ada, &paid, &games[..1], true).await;
    assert_eq!((booked(&shop, ledger_entry::Account::Provider).await, balance(&shop.ada).await), (1100, 701));
    shop.is_sound().await;
    let body = json!({"reason": "as she asked", "to_credit": true});
    let reply = support.post(&format!("/api/v1/admin/orders/{}/refund", id(&paid)), body).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("refunded")));
    assert_eq!(balance(&shop.ada).await, 1101);
    shop.app.run_jobs().await;
    let entries = shop.ada.get(MINE).await.json()["entries"]["items"].clone();
    assert_eq!(entries[0]["order_id"], paid["id"]);
    let receipt = shop.ada.get(&format!("/api/v1/orders/{}/receipt", id(&paid))).await.text();
    assert!(receipt.contains("Of it, as store credit"), "{receipt}");
    shop.is_sound().await;
}

/// A shop that takes its money by Stripe, whose Ada holds 7.00, and an order of 19.99 that is paid by both.
pub(super) async fn paid_by_stripe() -> (StandIn, Shop, Value, String) {
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| configure(&stripe, config)).await;
    grant(&shop.app.support().await, &shop.ada, 700).await;
    let game = shop.sell("Celeste", 1999).await;
    let open = order(&shop.ada, &[game]).await;
    let session = open["payment"]["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    stripe.pay(&session);
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    let paid = read(&shop.ada, &open).await;
    assert_eq!(paid["status"], "paid");
    let intent = stripe.intent_of(&session);
    (stripe, shop, paid, intent)
}

pub(super) async fn told(shop: &Shop, event: &Value) {
    assert_eq!(tell(&shop.app, event).await.status, 200);
    shop.app.run_jobs().await;
}

pub(super) fn dispute(kind: &str, intent: &str, status: &str) -> Value {
    let object =
        json!({"id": "dp_1", "payment_intent": intent, "amount": 1299, "currency": "usd", "status": status});
    event(kind, object)
}

#[tokio::test]
async fn a_lost_dispute_takes_the_money_and_gives_the_credit_back() {
    let (stripe, shop, paid, intent) = paid_by_stripe().await;
    told(&shop, &dispute("charge.dispute.created", &intent, "needs_response")).await;
    assert_eq!((&read(&shop.ada, &paid).await["status"], balance(&shop.ada).await), (&json!("disputed"), 0));
    shop.is_sound().await;
    told(&shop, &dispute("charge.dispute.closed", &intent, "lost")).await;
    assert_eq!(
        (&read(&shop.ada, &paid).await["status"], balance(&shop.ada).await),
        (&json!("refunded"), 700)
    );
    assert_eq!(booked(&shop, ledger_entry::Account::Provider).await, 0);
    assert!(stripe.refunds().is_empty(), "the bank has the money already");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_of_money_that_became_credit_is_flagged() {
    let (stripe, shop, paid, intent) = paid_by_stripe().await;
    let body = json!({"reason": "not for me", "to_credit": true});
    let path = format!("/api/v1/orders/{}/refund", id(&paid));
    assert_eq!(shop.ada.post(&path, body).await.status, 200);
    assert_eq!((balance(&shop.ada).await, stripe.refunds().len()), (1999, 0));
    told(&shop, &dispute("charge.dispute.created", &intent, "needs_response")).await;
    let rows = provider_event::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert!(rows.iter().any(|row| row.outcome.as_deref() == Some("disputed_credit")), "{rows:?}");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_of_money_that_became_credit_and_is_won_restores_all_and_says_so() {
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| configure(&stripe, config)).await;
    let games = [shop.sell("One", 700).await, shop.sell("Two", 599).await];
    let open = super::shop::order(&shop.ada, &games).await;
    let session = open["payment"]["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    stripe.pay(&session);
    told(&shop, &stripe.session_event("checkout.session.completed", &session)).await;
    give_back(&shop.ada, &open, &games[..1], true).await;
    let intent = stripe.intent_of(&session);
    for (kind, verdict, status, owned) in [
        ("charge.dispute.created", "needs_response", "disputed", 404),
        ("charge.dispute.closed", "won", "partially_refunded", 200),
    ] {
        told(&shop, &dispute(kind, &intent, verdict)).await;
        assert_eq!(
            (&read(&shop.ada, &open).await["status"], balance(&shop.ada).await),
            (&json!(status), 700)
        );
        assert_eq!(shop.ada.get(&format!("/api/v1/library/{}", games[1])).await.status, owned);
    }
    let rows = provider_event::Entity::find().order_by_asc(provider_event::Column::Id);
    let rows = rows.all(&shop.app.app.db.read).await.unwrap();
    let outcomes: Vec<_> = rows.iter().filter_map(|row| row.outcome.as_deref()).collect();
    assert_eq!(outcomes, ["applied", "disputed_credit", "disputed_credit_won"]);
    shop.is_sound().await;
}

/// All orders in which three things can be given back.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[tokio::test]
async fn whatever_is_given_back_first_the_money_is_back_before_any_credit_and_both_add_up() {
    let (shop, support) = shop(1).await;
    let mut held = 1;
    for (turn, (order, spent)) in ORDERS.into_iter().zip([1, 250, 299, 700, 1398, 1399]).enumerate() {
        assert_eq!(
            grant(&support, &shop.ada, spent - held).await.status,
            if spent == held { 422 } else { 201 }
        );
        let mut games = Vec::new();
        for cents in [700, 400, 299] {
            games.push((shop.sell(&format!("{cents} in turn {turn}"), cents).await, cents));
        }
        let ids: Vec<Uuid> = games.iter().map(|(game, _)| *game).collect();
        let open = self::order(&shop.ada, &ids).await;
        if open["status"] == "pending" {
            assert_eq!(end(&shop.ada, &open, "succeed").await.status, 200);
        }
        let (captured, mut given) = (1399 - spent, 0);
        for at in order {
            give_back(&shop.ada, &open, &[games[at].0], false).await;
            given += games[at].1;
            let left = booked(&shop, ledger_entry::Account::Provider).await;
            let told = (left, balance(&shop.ada).await);
            assert_eq!(told, ((captured - given).max(0), (given - captured).max(0)), "{order:?} of {spent}");
        }
        held = spent;
    }
    shop.app.run_jobs().await;
    shop.is_sound().await;
}

#[tokio::test]
async fn what_came_to_be_owned_meanwhile_is_not_paid_and_its_credit_is_back() {
    let (shop, support) = shop(700).await;
    let game = shop.sell("Celeste", 1999).await;
    let open = order(&shop.ada, &[game]).await;
    let path = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    support.post(&path, json!({"product_id": game, "reason": "a gift"})).await;
    let reply = end(&shop.ada, &open, "succeed").await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert_eq!(balance(&shop.ada).await, 700);
    shop.is_sound().await;
}

#[tokio::test]
async fn staff_takes_no_more_than_there_is_and_a_grant_of_a_key_is_one() {
    let (shop, support) = shop(700).await;
    let refused = grant(&support, &shop.ada, -701).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "insufficient_credit"));
    let refused = grant(&support, &shop.ada, 1_000_000_000_000).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "too_much_credit"));
    let refused = grant(&support, &shop.ada, 0).await;
    assert_eq!(refused.faults(), [("amount.amount".to_owned(), "out_of_range".to_owned())]);
    let path = format!("/api/v1/admin/accounts/{}/credit", shop.ada.account_id());
    let body = json!({"amount": usd(-200), "reason": "granted by mistake"});
    let taken =
        || Reply::of(support.request(Method::POST, &path).header("idempotency-key", "once").json(&body));
    let (first, again) = (taken().await, taken().await);
    assert_eq!((first.status, &first.json()["balance"]), (201, &usd(500)), "{}", first.text());
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(again.json()["entry"], first.json()["entry"]);
    let seen = support.get(&path).await.json();
    assert_eq!(seen["balances"], json!([usd(500)]));
    assert_eq!(seen["entries"]["items"][0]["actor_id"], support.account_id().to_string());
    let mine = shop.ada.get(MINE).await.json();
    assert_eq!(
        mine["entries"]["items"][0].get("actor_id"),
        None,
        "who of the staff it was is theirs to know"
    );
    shop.is_sound().await;
}

#[tokio::test]
async fn support_gives_no_credit_to_staff() {
    let (shop, support) = shop(100).await;
    let refused = grant(&support, &support, 100).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
    assert_eq!(grant(&shop.app.admin().await, &support, 100).await.status, 201);
}

#[tokio::test]
async fn the_list_of_changes_has_pages() {
    let (shop, support) = shop(1).await;
    for cents in 2..=5 {
        grant(&support, &shop.ada, cents).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.ada.get(&format!("{MINE}?limit=2{cursor}")).await.json()["entries"].clone();
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["amount"]["amount"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(seen), json!([5, 4, 3, 2, 1]));
}

#[tokio::test]
async fn a_wallet_is_not_spent_twice_at_once() {
    let (shop, _) = shop(1000).await;
    let mut games = Vec::new();
    for number in 0..8 {
        games.push([shop.sell(&format!("Game {number}"), 1000).await]);
    }
    let replies = join_all(games.iter().map(|game| with_credit(&shop.ada, game))).await;
    let paid = replies.iter().filter(|reply| reply.json()["status"] == "paid").count();
    assert_eq!((paid, balance(&shop.ada).await), (1, 0));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_balance_that_is_not_its_entries_is_found() {
    let (shop, _) = shop(700).await;
    let more = credit_balance::ActiveModel { balance: Set(701), ..Default::default() };
    credit_balance::Entity::update_many().set(more).exec(shop.app.app.db.writer()).await.unwrap();
    let broken =
        mist::checkout::checks::run(&shop.app.app, &shop.app.app.db.read, mist::check::Extent::Whole)
            .await
            .unwrap();
    let broken: Vec<_> = broken.iter().map(|violation| violation.invariant).collect();
    assert_eq!(
        broken,
        [
            "a credit balance is the sum of its entries, and not negative",
            "the ledger of a currency sums to zero and owes the credit that accounts hold",
        ]
    );
}

#[tokio::test]
async fn the_database_itself_keeps_a_balance_from_falling_below_zero() {
    let (shop, _) = shop(700).await;
    let less = credit_balance::Entity::update_many()
        .col_expr(credit_balance::Column::Balance, Expr::value(-1_i64))
        .exec(shop.app.app.db.writer());
    assert!(less.await.is_err());
}

#[tokio::test]
async fn the_credit_of_who_is_erased_lapses() {
    let (shop, _) = shop(700).await;
    let game = shop.sell("Celeste", 1999).await;
    order(&shop.ada, &[game]).await;
    let reply = Reply::of(
        shop.ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": crate::support::PASSWORD})),
    );
    assert_eq!(reply.await.status, 204);
    assert_eq!(booked(&shop, ledger_entry::Account::Credit).await, 0);
    assert_eq!(booked(&shop, ledger_entry::Account::Goodwill).await, 0);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_comes_back_has_a_place_above_what_can_be_granted() {
    const MOST: i64 = 1_000_000_000_000;
    let (shop, support) = shop(MOST).await;
    let mut body = wish(&[shop.sell("Celeste", 20_000).await]);
    (body["use_credit"], body["credit_limit"]) = (json!(true), usd(10_000));
    let open = shop.ada.post("/api/v1/checkout", body).await.json();
    assert_eq!(open["status"], "pending");
    assert_eq!(grant(&support, &shop.ada, 10_000).await.status, 201);
    let cancel = format!("/api/v1/orders/{}/cancel", id(&open));
    assert_eq!(shop.ada.act(&cancel).await.status, 200);
    assert_eq!(balance(&shop.ada).await, MOST + 10_000);
    assert_eq!(grant(&support, &shop.ada, 1).await.code(), "too_much_credit");
    assert_eq!(grant(&support, &shop.ada, -1).await.status, 201);
    shop.is_sound().await;
}
