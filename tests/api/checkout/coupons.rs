//! Coupons: what they take off adds up, and nobody uses one more often than it may be.
use chrono::TimeDelta;
use entity::coupon;
use futures::future::join_all;
use mist::background;
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, end, id, wish};
use crate::support::{Client, Reply};

const COUPONS: &str = "/api/v1/admin/coupons";
const CART_COUPON: &str = "/api/v1/cart/coupon";

async fn make(shop: &Shop, coupon: Value) -> Value {
    let reply = shop.editor.post(COUPONS, coupon).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

async fn put_in_cart(client: &Client, product: Uuid) {
    let reply = Reply::of(client.request(Method::PUT, &format!("/api/v1/cart/items/{product}"))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

async fn buy_with(client: &Client, products: &[Uuid], code: &str) -> Reply {
    let mut body = wish(products);
    body["coupon"] = json!(code);
    client.post("/api/v1/checkout", body).await
}

fn refused(reply: &Reply, reason: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (422, "invalid_coupon"), "{}", reply.text());
    assert_eq!(reply.json()["reason"], reason);
}

async fn redemptions(shop: &Shop, coupon: &Value) -> Value {
    shop.editor.get(&format!("{COUPONS}/{}", id(coupon))).await.json()["redemptions"].clone()
}

#[tokio::test]
async fn a_coupon_in_the_cart_is_quoted_and_bought_to_the_unit() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    let coupon = make(&shop, json!({"code": "spring-25", "percent": 25})).await;
    assert_eq!((&coupon["code"], &coupon["redemptions"]), (&json!("SPRING-25"), &json!(0)));
    put_in_cart(&shop.ada, celeste).await;
    put_in_cart(&shop.ada, hades).await;
    let reply = shop.ada.put(CART_COUPON, json!({"code": "Spring-25"})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let quote = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!(quote, reply.json());
    let amount = |of: &Value, name: &str| of[name]["amount"].as_i64().unwrap();
    // A quarter of 44.98 is 11.245.
    assert_eq!((amount(&quote, "discount"), amount(&quote, "total")), (1125, 3373));
    assert_eq!(quote["coupon"], "SPRING-25");
    let shares: i64 = quote["items"].as_array().unwrap().iter().map(|item| amount(item, "discount")).sum();
    assert_eq!(shares, 1125);

    let body = json!({"accept_immediate_delivery": true, "expected_total": quote["total"]});
    let reply = shop.ada.post("/api/v1/checkout", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let order = reply.json();
    assert_eq!((&order["coupon"], &order["total"]), (&json!("SPRING-25"), &quote["total"]));
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    assert_eq!(redemptions(&shop, &coupon).await, 1);
    let cart = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!(
        (&cart["items"], &cart["coupon"]),
        (&json!([]), &json!(null)),
        "it was used up by the purchase"
    );
    shop.is_sound().await;
}

#[tokio::test]
async fn a_coupon_that_pays_for_all_makes_an_order_free() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    make(&shop, json!({"code": "GIFT", "amount": 5000, "currency": "USD"})).await;
    let reply = buy_with(&shop.ada, &[game], "gift").await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let order = reply.json();
    assert_eq!((&order["status"], &order["total"]["amount"]), (&json!("paid"), &json!(0)));
    assert_eq!((&order["payment"]["provider"], &order["discount"]["amount"]), (&json!("free"), &json!(1999)));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_coupon_counts_for_its_products_in_its_currency_and_its_time() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1000).await, shop.sell("Hades", 2000).await);
    let now = shop.app.clock.now();
    make(&shop, json!({"code": "HALF-CELESTE", "percent": 50, "products": [celeste]})).await;
    make(&shop, json!({"code": "EUROS", "amount": 100, "currency": "EUR"})).await;
    let (from, to) = (now + TimeDelta::hours(1), now + TimeDelta::hours(2));
    make(&shop, json!({"code": "HAPPY-HOUR", "percent": 10, "starts_at": from, "ends_at": to})).await;
    refused(&buy_with(&shop.ada, &[hades], "HALF-CELESTE").await, "wrong_products");
    refused(&buy_with(&shop.ada, &[hades], "EUROS").await, "wrong_currency");
    refused(&buy_with(&shop.ada, &[hades], "HAPPY-HOUR").await, "not_started");
    refused(&buy_with(&shop.ada, &[hades], "NOBODYS").await, "unknown");
    refused(&shop.ada.put(CART_COUPON, json!({"code": "NOBODYS"})).await, "unknown");

    let both = buy_with(&shop.ada, &[celeste, hades], "HALF-CELESTE").await.json();
    assert_eq!(
        (&both["items"][0]["discount"]["amount"], &both["total"]["amount"]),
        (&json!(500), &json!(2500))
    );
    assert_eq!(both["items"][1]["discount"]["amount"], 0);
    shop.app.advance(TimeDelta::hours(2));
    let mut shop = shop;
    shop.ada_again().await;
    refused(&buy_with(&shop.ada, &[hades], "HAPPY-HOUR").await, "ended");
}

#[tokio::test]
async fn of_fifty_buyers_one_uses_a_coupon_of_one_use() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let coupon = make(&shop, json!({"code": "ONLY-ONE", "percent": 10, "max_redemptions": 1})).await;
    let mut buyers = Vec::new();
    for number in 0..50 {
        buyers.push(shop.app.account(&format!("buyer{number}")).await);
    }
    let games = [game];
    let replies = join_all(buyers.iter().map(|buyer| buy_with(buyer, &games, "ONLY-ONE"))).await;
    let (won, lost): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 49));
    lost.iter().for_each(|reply| refused(reply, "used_up"));
    assert_eq!(redemptions(&shop, &coupon).await, 1);

    // Who gives up lets another use it.
    let winner = replies.iter().position(|reply| reply.status == 201).unwrap();
    let path = format!("/api/v1/orders/{}/cancel", id(&won[0].json()));
    assert_eq!(buyers[winner].act(&path).await.status, 200);
    assert_eq!(redemptions(&shop, &coupon).await, 0);
    let next = &buyers[(winner + 1) % buyers.len()];
    assert_eq!(buy_with(next, &games, "ONLY-ONE").await.status, 201);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_account_uses_a_coupon_as_often_as_it_may() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    make(&shop, json!({"code": "ONCE-EACH", "percent": 10, "per_account": 1})).await;
    let first = buy_with(&shop.ada, &[celeste], "ONCE-EACH").await;
    assert_eq!(first.status, 201);
    // The same purchase again makes way for itself, and its coupon comes along.
    let again = buy_with(&shop.ada, &[celeste], "ONCE-EACH").await;
    assert_eq!(again.status, 201, "{}", again.text());
    refused(&buy_with(&shop.ada, &[hades], "ONCE-EACH").await, "used_by_account");
    let eve = shop.app.account("eve").await;
    assert_eq!(buy_with(&eve, &[hades], "ONCE-EACH").await.status, 201);
}

#[tokio::test]
async fn of_twenty_checkouts_of_one_account_one_uses_its_coupon_of_one_use() {
    let shop = Shop::new().await;
    make(&shop, json!({"code": "ONCE-EACH", "percent": 10, "per_account": 1})).await;
    let mut games = Vec::new();
    for number in 0..20 {
        games.push([shop.sell(&format!("Game {number}"), 1999).await]);
    }
    let replies = join_all(games.iter().map(|game| buy_with(&shop.ada, game, "ONCE-EACH"))).await;
    let (won, lost): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 19));
    lost.iter().for_each(|reply| refused(reply, "used_by_account"));
    shop.is_sound().await;
}

#[tokio::test]
async fn the_cart_is_quoted_as_it_would_be_bought() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1000).await;
    make(&shop, json!({"code": "FIRST", "percent": 50, "max_redemptions": 1})).await;
    put_in_cart(&shop.ada, game).await;
    assert_eq!(shop.ada.put(CART_COUPON, json!({"code": "FIRST"})).await.status, 200);
    let total = async || shop.ada.get("/api/v1/cart").await.json()["total"]["amount"].clone();
    assert_eq!(buy_with(&shop.ada, &[game], "FIRST").await.status, 201);
    assert_eq!(total().await, 500, "buying the same again makes way for itself");
    assert_eq!(shop.ada.put(CART_COUPON, json!({"code": "FIRST"})).await.status, 200);

    let open = shop.ada.get("/api/v1/orders").await.json()["items"][0].clone();
    assert_eq!(shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&open))).await.status, 200);
    let eve = shop.app.account("eve").await;
    assert_eq!(buy_with(&eve, &[game], "FIRST").await.status, 201);
    assert_eq!(total().await, 1000, "somebody else was first");
    let body =
        json!({"accept_immediate_delivery": true, "expected_total": {"amount": 1000, "currency": "USD"}});
    let bought = shop.ada.post("/api/v1/checkout", body).await;
    assert_eq!((bought.status, &bought.json()["coupon"]), (201, &json!(null)), "{}", bought.text());
}

#[tokio::test]
async fn no_limit_is_set_below_what_is_used() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    let coupon = make(&shop, json!({"code": "SPRING", "percent": 5})).await;
    assert_eq!(buy_with(&shop.ada, &[celeste], "SPRING").await.status, 201);
    assert_eq!(buy_with(&shop.ada, &[hades], "SPRING").await.status, 201);
    let path = format!("{COUPONS}/{}", id(&coupon));
    let change = async |body: Value| Reply::of(shop.editor.request(Method::PATCH, &path).json(&body)).await;
    for limit in ["max_redemptions", "per_account"] {
        let refused = change(json!({limit: 1})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "coupon_used"), "{limit}");
        assert_eq!(change(json!({limit: 2})).await.status, 200, "{limit}");
    }
    shop.is_sound().await;

    // As if somebody had written it past the store.
    let row = coupon::ActiveModel {
        id: Unchanged(id(&coupon)),
        max_redemptions: Set(Some(1)),
        ..Default::default()
    };
    row.update(shop.app.app.db.writer()).await.unwrap();
    let violations = background::violations(&shop.app.app).await.unwrap();
    assert!(
        violations.iter().any(|one| one.to_string().contains("no more orders use a coupon")),
        "{violations:?}"
    );
}

#[tokio::test]
async fn editors_keep_coupons_and_a_used_one_is_ended_instead_of_deleted() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    for (bad, field) in [
        (json!({"code": "A"}), "code"),
        (json!({"code": "NOTHING"}), "percent"),
        (json!({"code": "BOTH", "percent": 5, "amount": 5, "currency": "USD"}), "percent"),
        (json!({"code": "TOO-MUCH", "percent": 101}), "percent"),
        (json!({"code": "SPA CE", "percent": 5}), "code"),
        (json!({"code": "STRAY", "percent": 5, "products": [Uuid::nil()]}), "products"),
    ] {
        let reply = shop.editor.post(COUPONS, bad.clone()).await;
        assert_eq!((reply.status, reply.faults()[0].0.as_str()), (422, field), "{bad}");
    }
    let coupon = make(&shop, json!({"code": "SPRING", "percent": 5})).await;
    let path = format!("{COUPONS}/{}", id(&coupon));
    assert_eq!(shop.editor.post(COUPONS, json!({"code": "spring", "percent": 9})).await.code(), "code_taken");
    assert_eq!(shop.ada.get(COUPONS).await.status, 403);
    assert_eq!(shop.editor.get(COUPONS).await.json()["items"], json!([coupon]));

    assert_eq!(buy_with(&shop.ada, &[game], "SPRING").await.status, 201);
    assert_eq!(shop.editor.delete(&path).await.code(), "coupon_used");
    let ended = shop.editor.request(Method::PATCH, &path).json(&json!({"ends_at": shop.app.clock.now()}));
    assert_eq!(Reply::of(ended).await.status, 200);
    let eve = shop.app.account("eve").await;
    refused(&buy_with(&eve, &[game], "SPRING").await, "ended");

    let unused = make(&shop, json!({"code": "UNUSED", "percent": 5})).await;
    let path = format!("{COUPONS}/{}", id(&unused));
    assert_eq!(shop.editor.delete(&path).await.status, 204);
    assert_eq!(shop.editor.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_coupon_of_an_amount_is_of_the_stores_currency_unless_it_names_another() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let coupon = make(&shop, json!({"code": "FIVE-OFF", "amount": 500})).await;
    assert_eq!((&coupon["amount"], &coupon["currency"]), (&json!(500), &json!("USD")));
    assert_eq!(make(&shop, json!({"code": "ANYWHERE", "percent": 5})).await["currency"], json!(null));
    let order = buy_with(&shop.ada, &[game], "FIVE-OFF").await.json();
    assert_eq!(order["total"]["amount"], 1499);
}

#[tokio::test]
async fn all_of_a_coupon_changes_until_an_order_uses_it() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 2000).await;
    make(&shop, json!({"code": "TAKEN", "percent": 5})).await;
    let coupon = make(&shop, json!({"code": "SPRING", "percent": 5})).await;
    let path = format!("{COUPONS}/{}", id(&coupon));
    let change = async |body: Value| Reply::of(shop.editor.request(Method::PATCH, &path).json(&body)).await;
    let changed = change(json!({"code": "summer", "amount": 700})).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let worth = |coupon: &Value| ["code", "percent", "amount", "currency"].map(|name| coupon[name].clone());
    let seven = [json!("SUMMER"), json!(null), json!(700), json!("USD")];
    assert_eq!(worth(&changed.json()), seven, "to name an amount is to drop the percentage");
    assert_eq!(change(json!({"code": "taken"})).await.code(), "code_taken");
    for (bad, field) in [
        (json!({"code": "SPA CE"}), "code"),
        (json!({"percent": 5, "amount": 5}), "percent"),
        (json!({"amount": null}), "percent"),
        (json!({"percent": 0}), "percent"),
    ] {
        let reply = change(bad.clone()).await;
        assert_eq!((reply.status, reply.faults()[0].0.as_str()), (422, field), "{bad}");
    }

    let order = buy_with(&shop.ada, &[game], "summer").await;
    assert_eq!((order.status, &order.json()["total"]["amount"]), (201, &json!(1300)), "{}", order.text());
    for used in
        [json!({"code": "AUTUMN"}), json!({"percent": 5}), json!({"amount": 1}), json!({"currency": "EUR"})]
    {
        let reply = change(used.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "coupon_used"), "{used}");
    }
    let same = change(json!({"code": "Summer", "amount": 700, "max_redemptions": 9})).await;
    assert_eq!((same.status, worth(&same.json())), (200, seven), "what stays as it is is no change");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_purchase_with_one_coupon_leaves_another_in_the_cart() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1000).await, shop.sell("Hades", 2000).await);
    make(&shop, json!({"code": "IN-CART", "percent": 50})).await;
    make(&shop, json!({"code": "BESIDE", "percent": 10})).await;
    put_in_cart(&shop.ada, hades).await;
    assert_eq!(shop.ada.put(CART_COUPON, json!({"code": "IN-CART"})).await.status, 200);
    let order = buy_with(&shop.ada, &[celeste], "BESIDE").await.json();
    assert_eq!(end(&shop.ada, &order, "succeed").await.json()["total"]["amount"], 900);
    let cart = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!((&cart["coupon"], &cart["total"]["amount"]), (&json!("IN-CART"), &json!(1000)));
}

#[tokio::test]
async fn a_coupon_that_ended_in_the_cart_takes_nothing_off_and_stops_no_purchase() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1000).await;
    let ends_at = shop.app.clock.now() + TimeDelta::minutes(5);
    make(&shop, json!({"code": "BRIEF", "percent": 50, "ends_at": ends_at})).await;
    put_in_cart(&shop.ada, game).await;
    assert_eq!(shop.ada.put(CART_COUPON, json!({"code": "BRIEF"})).await.json()["total"]["amount"], 500);
    shop.app.advance(TimeDelta::minutes(5));
    let cart = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!((&cart["total"]["amount"], &cart["coupon"]), (&json!(1000), &json!(null)));
    let reply = shop.ada.post("/api/v1/checkout", json!({"accept_immediate_delivery": true})).await;
    assert_eq!((reply.status, &reply.json()["total"]["amount"]), (201, &json!(1000)));
    let taken_out = shop.ada.delete(CART_COUPON).await;
    assert_eq!((taken_out.status, &taken_out.json()["coupon"]), (200, &json!(null)));
}
