//! Atom feeds, as an independent feed reader sees them.
use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    storefront::shelf::{Item, add, item, price, stock},
    support::{TestApp, judge::judge},
};

const NEW: &str = "/api/v1/feeds/new.atom";
const SALES: &str = "/api/v1/feeds/sales.atom";

async fn read(app: &TestApp, address: &str) -> Value {
    let reply = app.nobody().get(address).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    judge(&json!({"judge": "atom", "document": reply.text()}))["answer"].clone()
}

fn all(feed: &Value, member: &str) -> Vec<String> {
    let entries = feed["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn new_products_come_in_pages_of_fifty_the_newest_first() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for number in 0..53 {
        app.advance(Duration::seconds(1));
        let slug: &'static str = format!("book-{number}").leak();
        ids.push(format!("urn:uuid:{}", add(&app, item(slug)).await));
    }
    ids.reverse();
    let first = read(&app, NEW).await;
    assert_eq!((&first["version"], &first["title"]), (&json!("atom10"), &json!("Mist: new")));
    assert_eq!(all(&first, "id"), ids[..50]);
    assert_eq!(first["updated"], first["entries"][0]["updated"]);
    let own = app.app.public_url(NEW);
    assert_eq!((&first["links"]["self"], &first["links"]["first"]), (&json!(own), &json!(own)));
    assert!(all(&first, "alternate_link")[0].ends_with("/api/v1/products/book-52"), "there is no frontend");
    assert_eq!(first["entries"][0]["g_price"], "10.00 USD");

    add(&app, item("latest")).await;
    let next = first["links"]["next"].as_str().unwrap();
    let path = next.strip_prefix(&app.app.public_url("")).unwrap();
    let second = read(&app, path).await;
    assert_eq!(all(&second, "id"), ids[50..], "what came meanwhile moves nothing");
    assert_eq!((&second["id"], second["links"].get("next")), (&first["id"], None));
    assert_eq!(second["links"]["self"].as_str(), Some(next));
    assert_eq!(app.nobody().get(&format!("{NEW}?cursor=x")).await.code(), "invalid_cursor");
    assert_eq!(app.nobody().get(&format!("{NEW}?limit=9")).await.status, 422);
}

#[tokio::test]
async fn what_is_published_later_is_newer_whenever_it_was_made() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let mut paths = Vec::new();
    for title in ["First Made", "Second Made", "Third Made"] {
        let body = json!({"kind": "ebook", "title": title, "release_date": "2999-01-01",
            "prices": [{"currency": "USD", "amount": 100}]});
        let made = editor.post("/api/v1/admin/products", body).await.json();
        paths.push(format!("/api/v1/admin/products/{}", made["id"].as_str().unwrap()));
        app.advance(Duration::seconds(1));
    }
    for path in [&paths[1], &paths[2], &paths[0]] {
        assert_eq!(editor.act(&format!("{path}/publish")).await.status, 200);
        app.advance(Duration::seconds(1));
    }
    let feed = read(&app, NEW).await;
    assert_eq!(all(&feed, "title"), ["First Made", "Third Made", "Second Made"]);
    let published = all(&feed, "published");
    assert!(published.is_sorted_by(|left, right| left > right), "{published:?}");
}

#[tokio::test]
async fn whatever_a_title_holds_the_feed_stays_one() {
    let app = TestApp::new().await;
    let hostile = "]]> <script>&amp; \"'\u{1}\u{8}\u{b}\u{ffff} \u{1f4d6}";
    add(&app, Item { title: hostile, ..item("hostile") }).await;
    let feed = read(&app, NEW).await;
    assert_eq!(feed["entries"][0]["title"], "]]> <script>&amp; \"' \u{1f4d6}");
}

#[tokio::test]
async fn a_sale_is_news_while_it_runs() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = add(&app, item("moby-dick")).await;
    add(&app, item("never-reduced")).await;
    let empty = read(&app, SALES).await;
    assert_eq!((all(&empty, "id").len(), &empty["updated"]), (0, &json!("1970-01-01T00:00:00Z")));
    for hours in [1, 10] {
        let (starts_at, ends_at) =
            (app.clock.now() + Duration::hours(hours), app.clock.now() + Duration::hours(hours + 2));
        let sale = json!({"percent": 25, "starts_at": starts_at, "ends_at": ends_at});
        let reply = editor.post(&format!("/api/v1/admin/products/{product}/sales"), sale).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    app.advance(Duration::hours(1) - Duration::seconds(1));
    assert!(all(&read(&app, SALES).await, "id").is_empty());
    app.advance(Duration::seconds(1));
    let feed = read(&app, SALES).await;
    let [entry] = feed["entries"].as_array().unwrap().as_slice() else { panic!("{feed}") };
    assert_eq!((&entry["g_price"], &entry["g_sale_price"]), (&json!("10.00 USD"), &json!("7.50 USD")));
    assert_eq!(entry["g_sale_price_effective_date"], "2026-11-22T13:00:00Z/2026-11-22T15:00:00Z");
    assert_eq!((&entry["title"], &entry["published"]), (&json!("moby-dick"), &json!("2026-11-22T13:00:00Z")));
    app.advance(Duration::hours(2));
    assert!(all(&read(&app, SALES).await, "id").is_empty());
    app.advance(Duration::hours(7));
    let again = read(&app, SALES).await;
    assert_ne!(all(&again, "id"), all(&feed, "id"), "the next sale is news of its own");
}

#[tokio::test]
async fn a_feed_is_in_the_market_and_language_that_are_asked_for() {
    let app = TestApp::with(|config| {
        config.http.frontend_url = Some("https://shop.example".parse().unwrap());
    })
    .await;
    let id = add(&app, Item { translations: &[("de", "Der Wal")], ..item("moby-dick") }).await;
    price(&app, id, "JPY", "", 900).await;
    stock(&app, [Item { status: entity::product::Status::Draft, ..item("draft") }]).await;
    let feed = read(&app, &format!("{NEW}?locale=de&currency=JPY")).await;
    assert_eq!(
        (all(&feed, "title"), all(&feed, "g_price")),
        (vec!["Der Wal".into()], vec!["900 JPY".into()])
    );
    assert_eq!(all(&feed, "alternate_link"), ["https://shop.example/products/moby-dick"]);
    let plain = read(&app, NEW).await;
    assert_eq!(all(&plain, "title"), ["moby-dick"]);
    assert_ne!(plain["id"], feed["id"], "it is another feed");
    assert_eq!(all(&plain, "id"), all(&feed, "id"), "of the same products");
}
