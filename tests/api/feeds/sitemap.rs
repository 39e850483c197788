//! The sitemap: every published product, however many there are.
use std::collections::BTreeSet;

use chrono::Duration;
use entity::product::Status;
use serde_json::json;

use crate::{
    storefront::shelf::{Item, add, item},
    support::{TestApp, judge::judge},
};

const SITEMAP: &str = "/api/v1/feeds/sitemap.xml";

/// What it holds, and their addresses.
async fn read(app: &TestApp, address: &str) -> (String, Vec<String>) {
    let path = address.strip_prefix(&app.app.public_url("")).unwrap_or(address);
    let reply = app.nobody().get(path).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/xml; charset=utf-8"));
    let judged = judge(&json!({"judge": "sitemap", "document": reply.text()}))["answer"].clone();
    let holds = judged["holds"].as_str().unwrap().to_owned();
    (holds, serde_json::from_value(judged["addresses"].clone()).unwrap())
}

/// The addresses of all parts, each there once.
async fn walked(app: &TestApp, parts: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in parts {
        let (holds, addresses) = read(app, part).await;
        assert!(holds == "url" && addresses.len() <= 5, "{part}");
        for address in addresses {
            assert!(found.insert(address.clone()), "{address} is there twice");
        }
    }
    found
}

#[tokio::test]
async fn a_sitemap_holds_the_page_of_every_published_product() {
    let app = TestApp::with(|config| {
        config.http.frontend_url = Some("https://shop.example/".parse().unwrap());
    })
    .await;
    let front = vec!["https://shop.example/".to_owned()];
    assert_eq!(read(&app, SITEMAP).await, ("url".to_owned(), front), "a sitemap is never empty");
    for slug in ["one", "two"] {
        add(&app, item(slug)).await;
    }
    add(&app, Item { status: Status::Draft, ..item("draft") }).await;
    add(&app, Item { status: Status::Archived, ..item("archived") }).await;
    let pages = ["one", "two"].map(|slug| format!("https://shop.example/products/{slug}"));
    assert_eq!(read(&app, SITEMAP).await, ("url".to_owned(), pages.to_vec()));
}

#[tokio::test]
async fn beyond_what_one_document_holds_there_is_an_index_whose_walk_finds_everything_once() {
    let app = TestApp::with(|config| config.storefront.sitemap_addresses = 5.try_into().unwrap()).await;
    let mut expected = BTreeSet::new();
    for number in 0..13 {
        // Some at the same moment.
        app.advance(Duration::seconds(number % 2));
        let slug: &'static str = format!("book-{number}").leak();
        add(&app, item(slug)).await;
        expected.insert(app.app.public_url(&format!("/api/v1/products/{slug}")));
        if number == 4 {
            assert_eq!(read(&app, SITEMAP).await.0, "url", "five fit");
        }
    }
    let (holds, parts) = read(&app, SITEMAP).await;
    assert_eq!((holds.as_str(), parts.len()), ("sitemap", 4));
    assert_eq!(walked(&app, &parts).await, expected);

    // An old draft is published while somebody walks.
    app.advance(Duration::seconds(-3));
    add(&app, item("old-draft")).await;
    expected.insert(app.app.public_url("/api/v1/products/old-draft"));
    assert_eq!(walked(&app, &parts).await, expected, "it pushes nothing out");
    assert_eq!(app.nobody().get(&format!("{SITEMAP}?cursor=AAAA")).await.code(), "invalid_cursor");
    let other = app.nobody().get("/api/v1/products?limit=1").await.json()["next_cursor"].clone();
    let other = format!("{SITEMAP}?cursor={}", other.as_str().unwrap());
    assert_eq!(app.nobody().get(&other).await.code(), "invalid_cursor", "it is of another list");
}
