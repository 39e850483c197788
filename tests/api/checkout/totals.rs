//! Totals over random carts: in currencies of no, two and three decimals, with bundles, coupons of both kinds, taxes in prices and on
//! top of them, and refunds of parts, all of it adds up to the unit and nothing is negative.
use entity::ledger_entry::{Account, Column, Entity};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    shop::{Shop, end, id, read, wish},
    stripe,
};

const CURRENCIES: [&str; 3] = ["USD", "JPY", "KWD"];

/// The same odd amounts in every currency.
fn prices(amount: i64) -> Value {
    let prices = CURRENCIES.iter().enumerate().map(
        |(index, currency)| json!({"currency": currency, "amount": amount + i64::try_from(index).unwrap()}),
    );
    prices.collect()
}

async fn bundle(shop: &Shop, amount: i64, contents: &[Uuid]) -> Uuid {
    let bundle = shop.draft("Bundle", prices(amount)).await;
    let path = format!("/api/v1/admin/products/{bundle}/relations");
    assert_eq!(shop.editor.put(&path, json!({"contains": contents})).await.status, 200);
    shop.edit(bundle, "publish").await;
    bundle
}

async fn coupon(shop: &Shop, coupon: Value) {
    let reply = shop.editor.post("/api/v1/admin/coupons", coupon).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

/// One purchase: which of the products, in which currency and country, with which coupon, and what is given back of it.
#[derive(Clone, Debug)]
struct Purchase {
    products: Vec<bool>,
    currency: &'static str,
    country: &'static str,
    coupon: &'static str,
    given_back: Vec<bool>,
}

fn purchases() -> impl Strategy<Value = Vec<Purchase>> {
    let which = |of: usize| proptest::collection::vec(any::<bool>(), of);
    let coupon = prop::sample::select(vec!["", "THIRD", "OFF"]);
    let places = prop::sample::select(vec!["DE", "FI", "JP"]);
    let purchase = (which(4), prop::sample::select(CURRENCIES.to_vec()), places, coupon, which(5));
    let purchase = purchase.prop_map(|(products, currency, country, coupon, given_back)| Purchase {
        products,
        currency,
        country,
        coupon,
        given_back,
    });
    proptest::collection::vec(purchase, 16)
}

fn amount(of: &Value, name: &str) -> i64 {
    of[name]["amount"].as_i64().unwrap_or_else(|| panic!("{name} of {of}"))
}

fn adds_up(order: &Value, included: bool) {
    let items = order["items"].as_array().unwrap();
    for (name, of_all) in
        [("unit_price", "subtotal"), ("discount", "discount"), ("tax", "tax"), ("total", "total")]
    {
        let parts: Vec<i64> = items.iter().map(|item| amount(item, name)).collect();
        assert!(parts.iter().all(|part| *part >= 0), "{name} of {order}");
        assert_eq!(parts.iter().sum::<i64>(), amount(order, of_all), "{name} of {order}");
    }
    for part in items.iter().chain([order]) {
        let price = if part["unit_price"].is_null() { "subtotal" } else { "unit_price" };
        let added = if included { 0 } else { amount(part, "tax") };
        assert_eq!(amount(part, price) - amount(part, "discount") + added, amount(part, "total"), "{part}");
    }
}

/// What of an order's money is at its provider.
async fn held(shop: &Shop, order: &Value) -> i64 {
    let entries =
        Entity::find().filter(Column::OrderId.eq(id(order))).all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.amount).sum::<i64>(), 0, "{entries:?}");
    entries.iter().filter(|entry| entry.account == Account::Provider).map(|entry| entry.amount).sum()
}

async fn buy_at_random(included: bool) {
    let shop = Shop::with(|config| config.taxes.included = included).await;
    let mut singles = Vec::new();
    for (title, price) in [("One", 333), ("Two", 1999), ("Three", 7), ("Four", 101)] {
        singles.push(shop.sell_at(title, prices(price)).await);
    }
    let both = bundle(&shop, 1001, &singles[..2]).await;
    let products = [both, singles[1], singles[2], singles[3]];
    coupon(&shop, json!({"code": "THIRD", "percent": 33})).await;
    for currency in CURRENCIES {
        let code = format!("OFF-{currency}");
        coupon(&shop, json!({"code": code, "amount": 777, "currency": currency})).await;
    }
    let support = shop.app.support().await;
    let mut runner = TestRunner::deterministic();
    for (number, purchase) in purchases().new_tree(&mut runner).unwrap().current().into_iter().enumerate() {
        let buyer = shop.app.account(&format!("buyer{number}")).await;
        let chosen: Vec<Uuid> = products
            .iter()
            .zip(&purchase.products)
            .filter(|(_, chosen)| **chosen)
            .map(|(id, _)| *id)
            .collect();
        if chosen.is_empty() {
            continue;
        }
        let mut body = wish(&chosen);
        (body["currency"], body["country"]) = (json!(purchase.currency), json!(purchase.country));
        match purchase.coupon {
            "" => {}
            "OFF" => body["coupon"] = json!(format!("OFF-{}", purchase.currency)),
            code => body["coupon"] = json!(code),
        }
        let reply = buyer.post("/api/v1/checkout", body).await;
        assert_eq!(reply.status, 201, "{purchase:?}: {}", reply.text());
        let order = reply.json();
        adds_up(&order, included);
        if order["status"] == "pending" {
            assert_eq!(end(&buyer, &order, "succeed").await.status, 200);
        }
        assert_eq!(held(&shop, &order).await, amount(&order, "total"));

        let items = order["items"].as_array().unwrap().iter().zip(&purchase.given_back);
        let back: Vec<&Value> = items.filter(|(_, given_back)| **given_back).map(|(item, _)| item).collect();
        for item in &back {
            let path = format!("/api/v1/admin/orders/{}/refund", id(&order));
            let given = json!({"items": [item["product_id"]], "reason": "no"});
            assert_eq!(support.post(&path, given).await.status, 200);
        }
        let left = amount(&order, "total") - back.iter().map(|item| amount(item, "total")).sum::<i64>();
        assert_eq!(held(&shop, &order).await, left);
        let seen = read(&buyer, &order).await;
        let refunds = seen["refunds"].as_array().map_or(0, Vec::len);
        assert_eq!(refunds, back.len(), "{seen}");
    }
    shop.is_sound().await;
}

#[tokio::test]
async fn carts_of_every_kind_add_up_where_prices_include_the_tax() {
    buy_at_random(true).await;
}

#[tokio::test]
async fn carts_of_every_kind_add_up_where_the_tax_is_added() {
    buy_at_random(false).await;
}

#[tokio::test]
async fn a_provider_that_takes_only_tens_is_asked_for_tens_whatever_a_percentage_comes_to() {
    let (_stripe, shop) = stripe::shop().await;
    let (one, two) = (shop.sell_at("One", prices(3331)).await, shop.sell_at("Two", prices(1997)).await);
    let now = shop.app.clock.now();
    let sale = json!({"percent": 33, "starts_at": now, "ends_at": now + chrono::Duration::days(1)});
    let path = format!("/api/v1/admin/products/{two}/sales");
    assert_eq!(shop.editor.post(&path, sale).await.status, 201);
    coupon(&shop, json!({"code": "THIRD", "percent": 33})).await;
    let mut body = wish(&[one, two]);
    (body["currency"], body["country"], body["coupon"]) = (json!("KWD"), json!("DE"), json!("THIRD"));
    let reply = shop.ada.post("/api/v1/checkout", body.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let order = reply.json();
    adds_up(&order, true);
    for item in order["items"].as_array().unwrap() {
        assert_eq!(amount(item, "total") % 10, 0, "each can be given back by itself: {item}");
    }
    body["currency"] = json!("USD");
    let cents = shop.ada.post("/api/v1/checkout", body).await.json();
    // 33.31 and 13.38 less a third.
    assert_eq!(amount(&cents, "total"), 3331 + 1338 - 1541, "other currencies keep their units");
}
