//! Sales: what costs less for a while, by the clock alone.
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const PRODUCTS: &str = "/api/v1/admin/products";

/// A published product of 10.00 USD, and its path in the back office.
async fn product(editor: &Client, title: &str, amount: i64) -> (String, String) {
    let body = json!({
        "kind": "game", "title": title, "release_date": "2999-01-01", "prices": [{"currency": "USD", "amount": amount}],
    });
    let id = editor.post(PRODUCTS, body).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{PRODUCTS}/{id}");
    assert_eq!(editor.act(&format!("{path}/publish")).await.status, 200);
    (id, path)
}

/// Plans a sale from so many hours from now to so many.
async fn sale(app: &TestApp, editor: &Client, path: &str, percent: i64, hours: (i64, i64)) -> Reply {
    let at = |hours| app.clock.now() + Duration::hours(hours);
    let body = json!({"percent": percent, "starts_at": at(hours.0), "ends_at": at(hours.1)});
    editor.post(&format!("{path}/sales"), body).await
}

/// Signs somebody in whose token the clock has ended.
async fn again(app: &TestApp, name: &str) -> Client {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    Client::signed_in(&app.url, &app.nobody().post("/api/v1/auth/login", body).await.json())
}

async fn price(app: &TestApp, id: &str) -> Value {
    app.nobody().get(&format!("/api/v1/products/{id}")).await.json()["price"].clone()
}

async fn titles(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.nobody().get(&format!("/api/v1/products?{query}")).await.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_sale_begins_and_ends_to_the_second_and_writes_nothing() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (id, path) = product(&editor, "Lamp", 1999).await;
    let reply = sale(&app, &editor, &path, 50, (1, 2)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let planned = editor.get(&path).await;
    app.advance(Duration::minutes(60) - Duration::seconds(1));
    assert_eq!(price(&app, &id).await["amount"], 1999);
    app.advance(Duration::seconds(1));
    let expected = json!({
        "amount": 1000, "base_amount": 1999, "currency": "USD", "discount_percent": 50,
        "sale_ends_at": "2026-11-22T14:00:00Z", "lowest_price_30d": 1999,
    });
    assert_eq!(price(&app, &id).await, expected);
    assert_eq!(app.nobody().get("/api/v1/products").await.json()["items"][0]["price"], expected);
    let editor = again(&app, "editor").await;
    assert_eq!(editor.get(&path).await.header("etag"), planned.header("etag"));
    app.advance(Duration::minutes(60) - Duration::seconds(1));
    assert_eq!(price(&app, &id).await["amount"], 1000);
    app.advance(Duration::seconds(1));
    assert_eq!(price(&app, &id).await["lowest_price_30d"], Value::Null);
    assert_eq!(price(&app, &id).await["amount"], 1999);
}

#[tokio::test]
async fn checkout_charges_the_price_of_its_moment() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (id, path) = product(&editor, "Lamp", 1000).await;
    sale(&app, &editor, &path, 30, (0, 1)).await;
    let ada = app.account("ada").await;
    let cart = ada.put(&format!("/api/v1/cart/items/{id}"), json!({})).await.json();
    assert_eq!(
        (&cart["total"]["amount"], &cart["items"][0]["product"]["price"]["amount"]),
        (&json!(700), &json!(700))
    );
    let body = |amount: i64| {
        json!({
            "expected_total": {"amount": amount, "currency": "USD"}, "accept_immediate_delivery": true,
        })
    };
    app.advance(Duration::hours(1));
    let (ada, editor) = (again(&app, "ada").await, again(&app, "editor").await);
    let late = ada.post("/api/v1/checkout", body(700)).await;
    assert_eq!((late.status, late.code().as_str()), (409, "price_changed"));
    assert_eq!(late.json()["quote"]["total"]["amount"], 1000);
    sale(&app, &editor, &path, 30, (0, 1)).await;
    let order = ada.post("/api/v1/checkout", body(700)).await;
    assert_eq!((order.status, &order.json()["total"]["amount"]), (201, &json!(700)), "{}", order.text());
}

#[tokio::test]
async fn lists_filter_and_sort_by_the_price_of_the_moment() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    for (title, amount, percent) in
        [("A", 1000, 0), ("B", 2000, 60), ("C", 500, 100), ("D", 900, 0), ("E", 4000, 50)]
    {
        let (_, path) = product(&editor, title, amount).await;
        if percent > 0 {
            assert_eq!(sale(&app, &editor, &path, percent, (0, 1)).await.status, 201);
        }
    }
    for (query, expected) in [
        ("sort=price", "C B D A E"),
        ("sort=-price", "E A D B C"),
        ("sort=title&on_sale=true", "B C E"),
        ("sort=price&on_sale=false", "D A"),
        ("sort=price&on_sale=true", "C B E"),
        ("sort=title&free=true", "C"),
        ("sort=title&price_min=800&price_max=1000", "A B D"),
        ("sort=title&on_sale=true&currency=JPY", ""),
    ] {
        assert_eq!(titles(&app, query).await.join(" "), expected, "{query}");
    }
    let counted = app.nobody().get("/api/v1/products?on_sale=true&count=true").await.json();
    assert_eq!(counted["total"], 3);
    let (mut next, mut walked) = ("/api/v1/products?sort=price&limit=2".to_owned(), Vec::new());
    loop {
        let page = app.nobody().get(&next).await.json();
        walked.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("/api/v1/products?sort=price&limit=2&cursor={cursor}");
    }
    assert_eq!(walked.join(" "), "C B D A E");
    app.advance(Duration::hours(1));
    assert_eq!(titles(&app, "sort=price").await.join(" "), "C D A B E");
}

#[tokio::test]
async fn two_sales_of_a_product_share_no_time_even_when_planned_at_once() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (_, path) = product(&editor, "Lamp", 1000).await;
    let tries = (0..6).map(|_| sale(&app, &editor, &path, 10, (1, 3)));
    let mut statuses: Vec<u16> =
        futures::future::join_all(tries).await.into_iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    let reply = sale(&app, &editor, &path, 10, (2, 4)).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "sale_overlaps"));
    assert_eq!(sale(&app, &editor, &path, 10, (3, 4)).await.status, 201, "one may follow another");
}

#[tokio::test]
async fn what_no_sale_can_be_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (_, path) = product(&editor, "Lamp", 1000).await;
    for (percent, hours, field) in [
        (0, (1, 2), "percent"),
        (101, (1, 2), "percent"),
        (10, (2, 2), "ends_at"),
        (10, (-2, 0), "ends_at"),
        (10, (1, 24 * 367 + 1), "ends_at"),
        (10, (24 * 367, 24 * 368), "starts_at"),
    ] {
        let reply = sale(&app, &editor, &path, percent, hours).await;
        assert_eq!(
            (reply.status, reply.faults()),
            (422, vec![(field.to_owned(), "out_of_range".to_owned())])
        );
    }
    let at = |hours| app.clock.now() + Duration::hours(hours);
    let body = json!({"percent": 10, "starts_at": at(1), "ends_at": at(2)});
    let stale = editor
        .request(reqwest::Method::POST, &format!("{path}/sales"))
        .header("if-match", "\"1\"")
        .json(&body);
    assert_eq!(Reply::of(stale).await.status, 412);
    assert_eq!(editor.get(&path).await.header("etag"), "\"2\"");
    assert_eq!(editor.get(&format!("{path}/sales")).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_running_sale_stops_and_is_kept_and_one_to_come_is_removed() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (id, path) = product(&editor, "Lamp", 1000).await;
    let running = sale(&app, &editor, &path, 10, (-5, 2)).await.json();
    assert_eq!(running["starts_at"], "2026-11-22T12:00:00Z", "nobody paid less before it was planned");
    let coming = sale(&app, &editor, &path, 20, (2, 3)).await.json();
    assert_eq!(editor.get(&path).await.json()["version"], 4);
    app.advance(Duration::minutes(30));
    let editor = again(&app, "editor").await;
    for sale in [&running, &coming, &running] {
        let reply = editor.delete(&format!("{path}/sales/{}", sale["id"].as_str().unwrap())).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }
    assert_eq!(price(&app, &id).await["amount"], 1000);
    let ended: DateTime<Utc> = "2026-11-22T12:30:00Z".parse().unwrap();
    let kept = editor.get(&format!("{path}/sales")).await.json();
    let expected =
        json!({"id": running["id"], "percent": 10, "starts_at": running["starts_at"], "ends_at": ended});
    assert_eq!(kept["items"], json!([expected]));
    assert_eq!(editor.get(&path).await.json()["version"], 6);
    assert_eq!(editor.delete(&format!("{path}/sales/{}", coming["id"].as_str().unwrap())).await.status, 404);
}

#[tokio::test]
async fn beside_a_sale_stands_the_lowest_price_of_thirty_days() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (id, path) = product(&editor, "Lamp", 500).await;
    let set = async |editor: &Client, amount: i64| {
        let body = json!([{"currency": "USD", "amount": amount}]);
        assert_eq!(editor.put(&format!("{path}/prices"), body).await.status, 200);
    };
    app.advance(Duration::days(10));
    set(&again(&app, "editor").await, 2000).await;
    app.advance(Duration::days(25));
    let editor = again(&app, "editor").await;
    sale(&app, &editor, &path, 10, (0, 1)).await;
    assert_eq!(price(&app, &id).await["lowest_price_30d"], 500, "until 25 days ago");
    app.advance(Duration::days(6));
    let editor = again(&app, "editor").await;
    sale(&app, &editor, &path, 50, (0, 1)).await;
    assert_eq!(price(&app, &id).await["lowest_price_30d"], 1800, "what the sale before asked for");
    app.advance(Duration::days(1));
    let editor = again(&app, "editor").await;
    set(&editor, 3000).await;
    let history = editor.get(&format!("{path}/price-history")).await.json();
    let amounts: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|item| item["amount"].clone()).collect();
    assert_eq!(amounts, [3000, 2000, 500]);
    let gone = editor.put(&format!("{path}/prices"), json!([])).await;
    assert_eq!(gone.status, 200);
    let latest = editor.get(&format!("{path}/price-history?limit=1")).await.json();
    let expected = json!({"currency": "USD", "country": null, "amount": null, "at": app.clock.now()});
    assert_eq!(latest["items"], json!([expected]), "of two changes at one moment the latter counts");
}

#[tokio::test]
async fn nobody_keeps_a_price_beyond_the_bounds_of_a_sale() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (id, path) = product(&editor, "Lamp", 1000).await;
    sale(&app, &editor, &path, 10, (1, 2)).await;
    let kept = async || {
        let one =
            app.nobody().get(&format!("/api/v1/products/{id}")).await.header("cache-control").to_owned();
        assert_eq!(app.nobody().get("/api/v1/products").await.header("cache-control"), one);
        one
    };
    assert_eq!(kept().await, "public, max-age=5, stale-while-revalidate=10");
    app.advance(Duration::minutes(60) - Duration::seconds(2));
    assert_eq!(kept().await, "public, max-age=2");
    app.advance(Duration::minutes(60) + Duration::seconds(1));
    assert_eq!(kept().await, "public, max-age=1");
}
