//! Prices of which the buyer chooses the amount.
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, end, read, usd};
use crate::support::{Client, Reply};

/// What costs five dollars for who chooses nothing, at least two, and ten as proposed.
fn prices() -> Value {
    json!([{"currency": "USD", "amount": 500, "pay_what_you_want": true, "minimum_amount": 200, "suggested_amount": 1000}])
}

async fn checkout(client: &Client, product: Uuid, amount: impl Into<Option<i64>>) -> Reply {
    let mut item = json!({"product_id": product});
    if let Some(amount) = amount.into() {
        item["amount"] = json!(amount);
    }
    client.post("/api/v1/checkout", json!({"items": [item], "accept_immediate_delivery": true})).await
}

async fn put_prices(shop: &Shop, product: Uuid, prices: Value) -> Reply {
    shop.editor.put(&format!("/api/v1/admin/products/{product}/prices"), prices).await
}

fn faults(field: &str, code: &str) -> [(String, String); 1] {
    [(field.to_owned(), code.to_owned())]
}

#[tokio::test]
async fn a_buyer_pays_what_was_chosen_and_no_less_than_the_least() {
    let shop = Shop::new().await;
    let album = shop.sell_at("Album", prices()).await;
    for (amount, code) in [(199, "out_of_range"), (-1, "out_of_range"), (1_000_000_001, "out_of_range")] {
        assert_eq!(checkout(&shop.ada, album, amount).await.faults(), faults("items[0].amount", code));
    }
    let reply = checkout(&shop.ada, album, 700).await;
    assert_eq!((reply.status, &reply.json()["total"]), (201, &usd(700)), "{}", reply.text());
    let order = reply.json();
    assert_eq!(order["items"][0]["unit_price"], usd(700));
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    assert_eq!(read(&shop.ada, &order).await["status"], "paid");
    shop.is_sound().await;
}

#[tokio::test]
async fn who_chooses_nothing_pays_the_price() {
    let shop = Shop::new().await;
    let album = shop.sell_at("Album", prices()).await;
    assert_eq!(buy(&shop.ada, &[album]).await["total"], usd(500));
}

#[tokio::test]
async fn what_has_a_price_is_not_the_buyers_to_choose() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let wrong = faults("items[0].amount", "nothing_to_choose");
    assert_eq!(checkout(&shop.ada, game, 1).await.faults(), wrong);
    let reply = shop.ada.put(&format!("/api/v1/cart/items/{game}"), json!({"amount": 1})).await;
    assert_eq!(reply.faults(), faults("amount", "nothing_to_choose"));
}

#[tokio::test]
async fn the_public_price_tells_what_may_be_chosen_wherever_it_is_shown() {
    let shop = Shop::new().await;
    let (album, game) = (shop.sell_at("Album", prices()).await, shop.sell("Celeste", 1999).await);
    let told = |price: &Value| {
        assert_eq!((&price["amount"], &price["pay_what_you_want"]), (&json!(500), &json!(true)), "{price}");
        assert_eq!((&price["minimum"], &price["suggested"]), (&json!(200), &json!(1000)));
    };
    let nobody = shop.app.nobody();
    told(&nobody.get(&format!("/api/v1/products/{album}")).await.json()["price"]);
    let list = nobody.get("/api/v1/products?q=album").await.json();
    told(&list["items"][0]["price"]);
    told(
        &shop.ada.put(&format!("/api/v1/cart/items/{album}"), json!({})).await.json()["items"][0]["product"]
            ["price"],
    );
    let plain = nobody.get(&format!("/api/v1/products/{game}")).await.json()["price"].clone();
    for member in ["pay_what_you_want", "minimum", "suggested"] {
        assert!(plain.get(member).is_none(), "{plain}");
    }
    let own = shop.editor.get(&format!("/api/v1/admin/products/{album}")).await.json();
    assert_eq!(own["prices"][0]["minimum_amount"], 200);
}

#[tokio::test]
async fn a_cart_keeps_what_was_chosen_in_its_currency() {
    let shop = Shop::new().await;
    let prices = json!([
        {"currency": "USD", "amount": 500, "pay_what_you_want": true},
        {"currency": "EUR", "amount": 450, "pay_what_you_want": true},
    ]);
    let album = shop.sell_at("Album", prices).await;
    let item = format!("/api/v1/cart/items/{album}");
    assert_eq!(shop.ada.put(&item, json!({"amount": 700})).await.json()["total"], usd(700));
    assert_eq!(shop.ada.get("/api/v1/cart").await.json()["total"], usd(700));
    let elsewhere = shop.ada.get("/api/v1/cart?currency=EUR").await.json();
    assert_eq!(elsewhere["total"]["amount"], 450, "nothing was chosen in euros");
    let body = json!({"accept_immediate_delivery": true, "expected_total": usd(700)});
    let order = shop.ada.post("/api/v1/checkout", body).await;
    assert_eq!((order.status, &order.json()["total"]), (201, &usd(700)), "{}", order.text());
    assert_eq!(shop.ada.act(&item).await.status, 405);
    let reply = Reply::of(shop.ada.request(reqwest::Method::PUT, &item)).await;
    assert_eq!(reply.json()["total"], usd(500), "no body chooses nothing");
}

#[tokio::test]
async fn what_can_no_longer_be_chosen_costs_the_price_and_an_expected_total_says_so() {
    let shop = Shop::new().await;
    let album = shop.sell_at("Album", prices()).await;
    shop.ada.put(&format!("/api/v1/cart/items/{album}"), json!({"amount": 300})).await;
    shop.price(album, 800).await;
    assert_eq!(shop.ada.get("/api/v1/cart").await.json()["total"], usd(800));
    let body = json!({"accept_immediate_delivery": true, "expected_total": usd(300)});
    assert_eq!(shop.ada.post("/api/v1/checkout", body).await.code(), "price_changed");
}

#[tokio::test]
async fn coupons_and_taxes_apply_to_what_was_chosen() {
    let shop = Shop::new().await;
    let album = shop.sell_at("Album", prices()).await;
    let coupon = json!({"code": "HALF", "percent": 50});
    assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
    let body = json!({
        "items": [{"product_id": album, "amount": 1000}], "coupon": "HALF", "accept_immediate_delivery": true,
    });
    let order = shop.ada.post("/api/v1/checkout", body).await.json();
    assert_eq!((&order["subtotal"], &order["discount"], &order["total"]), (&usd(1000), &usd(500), &usd(500)));
}

#[tokio::test]
async fn what_buyers_choose_to_pay_is_neither_on_sale_nor_a_bundle() {
    let shop = Shop::new().await;
    let album = shop.sell_at("Album", prices()).await;
    let now = shop.app.clock.now();
    let sale = json!({"percent": 50, "starts_at": now, "ends_at": now + TimeDelta::days(1)});
    let path = |product: Uuid| format!("/api/v1/admin/products/{product}/sales");
    assert_eq!(shop.editor.post(&path(album), sale.clone()).await.code(), "pay_what_you_want");
    let game = shop.sell("Celeste", 1999).await;
    assert_eq!(shop.editor.post(&path(game), sale.clone()).await.status, 201);
    assert_eq!(put_prices(&shop, game, prices()).await.code(), "pay_what_you_want");
    shop.price(album, 500).await;
    assert_eq!(shop.editor.post(&path(album), sale).await.status, 201, "it has a price now");
    let bundle = shop.draft("Bundle", prices()).await;
    let relations = json!({"contains": [album, game]});
    let reply = shop.editor.put(&format!("/api/v1/admin/products/{bundle}/relations"), relations).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "pay_what_you_want"), "{}", reply.text());
}

#[tokio::test]
async fn a_price_lets_choose_what_makes_sense() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let price = |more: Value| {
        let mut price = json!({"currency": "USD", "amount": 500});
        price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([price])
    };
    for (more, field, code) in [
        (json!({"minimum_amount": 1}), "[0].minimum_amount", "nothing_to_choose"),
        (
            json!({"pay_what_you_want": false, "suggested_amount": 1}),
            "[0].suggested_amount",
            "nothing_to_choose",
        ),
        (json!({"pay_what_you_want": true, "minimum_amount": 501}), "[0].minimum_amount", "out_of_range"),
        (
            json!({"pay_what_you_want": true, "minimum_amount": 5, "suggested_amount": 4}),
            "[0].suggested_amount",
            "out_of_range",
        ),
        (json!({"pay_what_you_want": true, "minimum_amount": -1}), "[0].minimum_amount", "out_of_range"),
    ] {
        assert_eq!(put_prices(&shop, game, price(more)).await.faults(), faults(field, code));
    }
}
