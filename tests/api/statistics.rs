//! What the back office counts: the sums of the orders themselves, span by span, and what was really delivered.
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeDelta, Utc};
use entity::{order, order_line, refund, refund_line};
use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use reqwest::Method;
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, buy, end, id},
    delivery::shop::{Shop as Warehouse, sample},
    support::{Client, Reply, judge::judge},
};

const SALES: &str = "/api/v1/admin/stats/sales";
const DOWNLOADS: &str = "/api/v1/admin/stats/downloads";

async fn rows(client: &Client, path: &str) -> Vec<Value> {
    let reply = client.get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["next_cursor"], json!(null));
    reply.json()["items"].as_array().unwrap().clone()
}

async fn table(client: &Client, path: &str) -> Reply {
    Reply::of(client.request(Method::GET, path).header("accept", "text/csv, application/json;q=0.5")).await
}

/// One purchase: which of the products, whether with a coupon, where, what is given back, how long after the one before.
#[derive(Clone, Debug)]
struct Purchase {
    products: Vec<bool>,
    coupon: bool,
    country: &'static str,
    given_back: Vec<bool>,
    later: i64,
}

fn purchases() -> impl Strategy<Value = Vec<Purchase>> {
    let which = || proptest::collection::vec(any::<bool>(), 3);
    let country = prop_oneof![Just("US"), Just("DE"), Just("JP")];
    let purchase = (which(), any::<bool>(), country, which(), 1_i64..100_000);
    let purchase = purchase.prop_map(|(products, coupon, country, given_back, later)| Purchase {
        products,
        coupon,
        country,
        given_back,
        later,
    });
    proptest::collection::vec(purchase, 24)
}

/// When the span begins in which a moment lies, found without the database.
fn span(at: DateTime<Utc>, interval: &str) -> DateTime<Utc> {
    let day = at.with_time(NaiveTime::MIN).unwrap();
    match interval {
        "hour" => DateTime::from_timestamp(at.timestamp() / 3600 * 3600, 0).unwrap(),
        "day" => day,
        "week" => day - Duration::days(at.weekday().num_days_from_monday().into()),
        _ => day - Duration::days(i64::from(at.day0())),
    }
}

/// Where a row stands, and its numbers: orders, items, gross, discount, tax, refunds, net.
type Sums = BTreeMap<(DateTime<Utc>, Option<String>, String), [i64; 7]>;

/// The sums of what is in the tables, line by line.
async fn expected(shop: &Shop, interval: &str, by: Option<&str>) -> Sums {
    let db = &shop.app.app.db.read;
    let orders = order::Entity::find().all(db).await.unwrap();
    let lines = order_line::Entity::find().all(db).await.unwrap();
    let refunds = refund::Entity::find().all(db).await.unwrap();
    let given = refund_line::Entity::find().all(db).await.unwrap();
    let mut sums = Sums::new();
    let mut counted = Vec::new();
    for line in &lines {
        let order = orders.iter().find(|order| order.id == line.order_id).unwrap();
        let key = by.map(|by| match by {
            "product" => line.product_id.to_string(),
            _ => order.country.clone(),
        });
        let place = |at| (span(at, interval), key.clone(), order.currency.clone());
        if let Some(paid_at) = order.paid_at {
            let row = sums.entry(place(paid_at)).or_default();
            if !counted.contains(&(order.id, place(paid_at))) {
                counted.push((order.id, place(paid_at)));
                row[0] += 1;
            }
            let numbers = [1, line.total + line.discount, line.discount, line.tax];
            row[1..5].iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
        if let Some(back) = given.iter().find(|back| back.line_id == line.id) {
            let refund = refunds.iter().find(|refund| refund.id == back.refund_id).unwrap();
            sums.entry(place(refund.created_at)).or_default()[5] += line.total;
        }
    }
    sums.values_mut().for_each(|row| row[6] = row[2] - row[3] - row[5]);
    sums
}

fn told(rows: &[Value]) -> Sums {
    let told = rows.iter().map(|row| {
        let key = row.get("key").map(|key| key.as_str().unwrap().to_owned());
        let place = (
            row["from"].as_str().unwrap().parse().unwrap(),
            key,
            row["currency"].as_str().unwrap().to_owned(),
        );
        let names = ["orders", "items", "gross", "discount", "tax", "refunds", "net"];
        (place, names.map(|name| row[name].as_i64().unwrap()))
    });
    told.collect()
}

/// Buys and gives back at random, over some weeks.
async fn trade(shop: &mut Shop) -> Vec<Uuid> {
    let mut products = Vec::new();
    for (title, cents) in [("One", 333), ("Two", 1999), ("Three", 5)] {
        products.push(shop.sell(title, cents).await);
    }
    let coupon = json!({"code": "SOME", "percent": 15});
    assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
    let mut runner = TestRunner::deterministic();
    for (number, purchase) in purchases().new_tree(&mut runner).unwrap().current().into_iter().enumerate() {
        shop.app.advance(TimeDelta::seconds(purchase.later));
        let buyer = shop.app.account(&format!("buyer{number}")).await;
        let chosen = |which: &[bool]| -> Vec<Uuid> {
            products.iter().zip(which).filter(|(_, chosen)| **chosen).map(|(product, _)| *product).collect()
        };
        let bought = chosen(&purchase.products);
        if bought.is_empty() {
            continue;
        }
        let items: Vec<Value> = bought.iter().map(|product| json!({"product_id": product})).collect();
        let mut wish =
            json!({"items": items, "country": purchase.country, "accept_immediate_delivery": true});
        if purchase.coupon {
            wish["coupon"] = json!("SOME");
        }
        let order = buyer.post("/api/v1/checkout", wish).await;
        assert_eq!(order.status, 201, "{}", order.text());
        // Every fifth stays unpaid and counts nowhere.
        if number % 5 == 4 {
            continue;
        }
        assert_eq!(end(&buyer, &order.json(), "succeed").await.status, 200);
        let back: Vec<Uuid> =
            chosen(&purchase.given_back).into_iter().filter(|product| bought.contains(product)).collect();
        if !back.is_empty() {
            shop.app.advance(TimeDelta::minutes(14));
            let path = format!("/api/v1/orders/{}/refund", id(&order.json()));
            let reply = buyer.post(&path, json!({"items": back, "reason": "no"})).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
    }
    products
}

#[tokio::test]
async fn the_sums_are_those_of_the_orders_however_they_are_asked_for() {
    let mut shop = Shop::new().await;
    trade(&mut shop).await;
    let support = shop.app.support().await;
    for interval in ["hour", "day", "week", "month"] {
        for by in [None, Some("product"), Some("country")] {
            let group = by.map(|by| format!("&group_by={by}")).unwrap_or_default();
            let got = rows(&support, &format!("{SALES}?interval={interval}{group}")).await;
            let mut expected = expected(&shop, interval, by).await;
            assert!(expected.len() > 1 || interval == "month", "the test sold too little");
            assert_eq!(told(&got), expected, "{interval} {by:?}");
            let order: Vec<_> = got.iter().map(|row| told(std::slice::from_ref(row)).pop_first()).collect();
            assert!(order.is_sorted(), "in the order of time, key and currency");
            let first = expected.pop_first().unwrap().1;
            assert_eq!(first[6], first[2] - first[3] - first[5]);
        }
    }
    shop.app.run_jobs().await;
    shop.is_sound().await;
}

#[tokio::test]
async fn nothing_is_left_of_what_was_given_back_where_tax_is_added_to_prices() {
    let shop = Shop::with(|config| config.taxes.included = false).await;
    let game = shop.sell("Celeste", 1000).await;
    let mut wish = crate::checkout::shop::wish(&[game]);
    wish["country"] = json!("DE");
    let order = shop.ada.post("/api/v1/checkout", wish).await.json();
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    let support = shop.app.support().await;
    let numbers = async || {
        let row = rows(&support, SALES).await.remove(0);
        ["gross", "tax", "refunds", "net"].map(|name| row[name].as_i64().unwrap())
    };
    assert_eq!(numbers().await, [1190, 190, 0, 1190]);
    let path = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&path, json!({"reason": "no"})).await.status, 200);
    assert_eq!(numbers().await, [1190, 190, 1190, 0]);
}

#[tokio::test]
async fn what_runs_on_several_platforms_counts_for_each_of_them() {
    let shop = Shop::new().await;
    let mut products = Vec::new();
    for (title, cents, platforms) in
        [("Both", 1000, json!(["linux", "windows"])), ("One", 300, json!(["linux"])), ("None", 7, json!([]))]
    {
        let body = json!({
            "kind": "game", "title": title, "prices": [{"currency": "USD", "amount": cents}],
            "platforms": platforms, "release_date": "2999-01-01",
        });
        let reply = shop.editor.post("/api/v1/admin/products", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        products.push(id(&reply.json()));
        shop.edit(id(&reply.json()), "publish").await;
    }
    let order = buy(&shop.ada, &products).await;
    let path = format!("/api/v1/orders/{}/refund", id(&order));
    let given_back = shop.ada.post(&path, json!({"items": [products[1]], "reason": "no"})).await;
    assert_eq!(given_back.status, 200, "{}", given_back.text());
    let support = shop.app.support().await;
    let got = rows(&support, &format!("{SALES}?group_by=platform")).await;
    let numbers = |row: &Value| ["orders", "items", "gross", "refunds", "net"].map(|name| row[name].clone());
    let got: Vec<_> = got.iter().map(|row| (row.get("key").cloned(), numbers(row))).collect();
    let row =
        |key: Option<&str>, numbers: [i64; 5]| (key.map(|key| json!(key)), numbers.map(|one| json!(one)));
    let expected = [
        row(None, [1, 1, 7, 0, 7]),
        row(Some("linux"), [1, 2, 1300, 300, 1000]),
        row(Some("windows"), [1, 1, 1000, 0, 1000]),
    ];
    assert_eq!(got, expected);
}

#[tokio::test]
async fn the_table_holds_what_the_list_holds() {
    let mut shop = Shop::new().await;
    trade(&mut shop).await;
    let support = shop.app.support().await;
    for path in [format!("{SALES}?interval=week"), format!("{SALES}?interval=day&group_by=product")] {
        let reply = table(&support, &path).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/csv; charset=utf-8; header=present")
        );
        assert_eq!((reply.header("cache-control"), reply.header("vary")), ("private, no-store", "Accept"));
        let read = judge(&json!({"judge": "table", "document": reply.text()}))["answer"].clone();
        let as_texts = |row: &Value| {
            let members = row.as_object().unwrap().iter();
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            members.map(|(name, value)| (name.clone(), json!(text(value)))).collect::<Value>()
        };
        let listed: Vec<Value> = rows(&support, &path).await.iter().map(as_texts).collect();
        assert!(!listed.is_empty());
        assert_eq!(read, json!(listed), "{path}");
    }
    let refused = Reply::of(support.request(Method::GET, SALES).header("accept", "text/html")).await;
    assert_eq!((refused.status, refused.code().as_str()), (406, "not_acceptable"));
}

#[tokio::test]
async fn what_begins_at_the_start_counts_and_what_begins_at_the_end_does_not() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    buy(&shop.ada, &[game]).await;
    let support = shop.app.support().await;
    let count = async |query: &str| rows(&support, &format!("{SALES}?{query}")).await.len();
    assert_eq!(count("").await, 1, "by default until now");
    assert_eq!(count("from=2026-11-22T12:00:00Z&to=2026-11-22T12:00:01Z").await, 1);
    assert_eq!(count("from=2026-11-22T11:00:00Z&to=2026-11-22T12:00:00Z").await, 0);
    assert_eq!(count("from=2026-11-22T13:00:00%2B01:00&to=2026-11-22T13:00:01%2B01:00").await, 1);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_and_named() {
    let shop = Shop::new().await;
    let support = shop.app.support().await;
    for (query, field, code) in [
        ("interval=year", "interval", "invalid_choice"),
        ("from=yesterday", "from", "invalid_time"),
        ("from=2026-11-22T12:00:00Z&to=2026-11-22T12:00:00Z", "to", "out_of_range"),
        ("interval=hour&from=2026-10-01T00:00:00Z", "to", "out_of_range"),
        ("from=2020-10-01T00:00:00Z", "to", "out_of_range"),
        ("interval=month&from=2000-10-01T00:00:00Z", "to", "out_of_range"),
        ("group_by=version", "group_by", "not_grouped"),
        ("group_by=buyer", "group_by", "invalid_choice"),
        ("by=product", "by", "unknown_parameter"),
    ] {
        let reply = support.get(&format!("{SALES}?{query}")).await;
        assert_eq!((reply.status, &reply.json()["errors"][0]["field"]), (422, &json!(field)), "{query}");
        assert_eq!(reply.json()["errors"][0]["code"], code, "{query}");
    }
    for path in [SALES, DOWNLOADS] {
        assert_eq!(shop.editor.get(path).await.code(), "forbidden");
        assert_eq!(shop.app.nobody().get(path).await.status, 401);
    }
}

#[tokio::test]
async fn more_rows_than_an_answer_holds_are_refused() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let bought = id(&buy(&shop.ada, &[game]).await);
    let db = shop.app.app.db.writer();
    let row = order::Entity::find_by_id(bought).one(&shop.app.app.db.read).await.unwrap().unwrap();
    let line = order_line::Entity::find().one(&shop.app.app.db.read).await.unwrap().unwrap();
    let many = (0..5001_i32).map(|number| {
        let (letter, rest) = (u8::try_from(number / 676).unwrap(), number % 676);
        let (second, third) = (u8::try_from(rest / 26).unwrap(), u8::try_from(rest % 26).unwrap());
        let currency: String = [letter, second, third].iter().map(|n| char::from(b'A' + n)).collect();
        (
            order::Model {
                id: shop.app.clock.new_id(),
                number: format!("X{number}"),
                currency,
                ..row.clone()
            },
            line.clone(),
        )
    });
    for chunk in many.collect::<Vec<_>>().chunks(500) {
        let orders = chunk.iter().map(|(order, _)| order::ActiveModel::from(order.clone()));
        order::Entity::insert_many(orders).exec_without_returning(db).await.unwrap();
        let lines = chunk.iter().map(|(order, line)| order_line::ActiveModel {
            id: Set(shop.app.clock.new_id()),
            order_id: Set(order.id),
            ..line.clone().into()
        });
        order_line::Entity::insert_many(lines).exec_without_returning(db).await.unwrap();
    }
    let reply = shop.app.support().await.get(SALES).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "too_many_rows"));
    assert_eq!(
        reply.json()["errors"][0]["message"],
        "would take more than 5000 rows: ask for less time or longer spans"
    );
}

#[tokio::test]
async fn a_file_counts_once_when_all_of_it_was_sent() {
    let shop = Warehouse::new().await;
    shop.released("1.0", "linux", &[("a", &sample(1000))]).await;
    let (ada, bob) = (shop.owner("ada").await, shop.owner("bob").await);
    let body = json!({"country": "DE"});
    let told = Reply::of(bob.request(Method::PATCH, "/api/v1/me").json(&body)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let link = shop.link(&ada).await;
    shop.fetch(&link, &[("range", "bytes=0-499")]).await;
    shop.app.app.deliveries.settle().await;
    let support = shop.app.support().await;
    let one = |deliveries: u64, bytes: u64, accounts: u64| json!({"from": "2026-11-22T00:00:00Z", "deliveries": deliveries, "bytes": bytes, "accounts": accounts});
    assert_eq!(rows(&support, DOWNLOADS).await, [one(0, 500, 1)], "half a file is no delivery");
    let again = shop.link(&ada).await;
    shop.fetch(&again, &[("range", "bytes=500-")]).await;
    shop.fetch(&again, &[]).await;
    shop.fetch(&shop.link(&bob).await, &[]).await;
    shop.app.app.deliveries.settle().await;
    assert_eq!(rows(&support, DOWNLOADS).await, [one(2, 2500, 2)]);

    let keyed = async |by: &str| {
        let rows = rows(&support, &format!("{DOWNLOADS}?group_by={by}")).await;
        rows.iter()
            .map(|row| (row.get("key").cloned(), row["deliveries"].as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(keyed("product").await, [(Some(json!(shop.product)), 2)]);
    assert_eq!(keyed("platform").await, [(Some(json!("linux")), 2)]);
    assert_eq!(keyed("version").await, [(Some(json!("1.0")), 2)]);
    assert_eq!(keyed("country").await, [(None, 1), (Some(json!("DE")), 1)], "ada said no country");
    let csv = table(&support, &format!("{DOWNLOADS}?group_by=country&interval=month")).await.text();
    assert_eq!(
        csv,
        "from,key,deliveries,bytes,accounts\r\n2026-11-01T00:00:00Z,,1,1500,1\r\n2026-11-01T00:00:00Z,DE,1,1000,1\r\n"
    );
}

#[tokio::test]
async fn an_editor_sees_how_one_product_does() {
    let mut shop = Shop::new().await;
    let (game, other) = (shop.sell("Celeste", 1999).await, shop.sell("Other", 100).await);
    let bought = buy(&shop.ada, &[game, other]).await;
    let path = format!("/api/v1/orders/{}/refund", id(&bought));
    assert_eq!(shop.ada.post(&path, json!({"items": [game], "reason": "no"})).await.status, 200);
    let bob = shop.app.account("bob").await;
    shop.app.advance(TimeDelta::days(40));
    shop.ada_again().await;
    buy(&shop.ada, &[game]).await;
    drop(bob);
    let editor = shop.app.admin().await;
    let stats = editor.get(&format!("/api/v1/admin/products/{game}/stats")).await;
    assert_eq!(stats.status, 200, "{}", stats.text());
    let tax = stats.json()["sales"]["total"][0]["tax"].clone();
    assert_eq!(
        stats.json(),
        json!({
            "sales": {
                "total": [{
                    "currency": "USD", "orders": 2, "items": 2, "gross": 3998, "discount": 0, "tax": tax,
                    "refunds": 1999, "net": 1999,
                }],
                "last_30_days": [{
                    "from": "2027-01-01T00:00:00Z", "currency": "USD", "orders": 1, "items": 1, "gross": 1999,
                    "discount": 0, "tax": 0, "refunds": 0, "net": 1999,
                }],
            },
            "downloads": {"total": {"deliveries": 0, "bytes": 0, "accounts": 0}, "last_30_days": []},
        })
    );
    let nothing = editor.get(&format!("/api/v1/admin/products/{}/stats", Uuid::nil())).await;
    assert_eq!((nothing.status, nothing.code().as_str()), (404, "not_found"));
}
