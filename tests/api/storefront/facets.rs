//! Counts beside the list: each as if its own filter were off.
use entity::{product::Kind, product_platform::Platform};
use serde_json::{Value, json};

use super::shelf::{Item, category, item, stock};
use crate::support::TestApp;

/// Value and count of each line of a facet.
fn counts(page: &Value, facet: &str) -> Vec<(String, u64)> {
    let lines = page["facets"][facet].as_array().unwrap().iter();
    lines.map(|line| (line["value"].as_str().unwrap().to_owned(), line["count"].as_u64().unwrap())).collect()
}

fn told(lines: &[(&str, u64)]) -> Vec<(String, u64)> {
    lines.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

#[tokio::test]
async fn each_facet_counts_as_if_its_own_filter_were_off() {
    let app = TestApp::new().await;
    let play = category(&app, "play", None).await;
    category(&app, "alone", Some(play)).await;
    stock(
        &app,
        [
            Item {
                tags: &["calm", "sea"],
                categories: &["alone"],
                platforms: &[Platform::Linux],
                ..item("a")
            },
            Item { tags: &["calm"], categories: &["play"], kind: Kind::Ebook, ..item("b") },
            Item { tags: &["sea"], kind: Kind::Ebook, languages: &["de"], prices: &[], ..item("c") },
        ],
    )
    .await;
    let all = "facets=tag,category,kind,platform,language,price&count=true";
    let page = app.nobody().get(&format!("/api/v1/products?{all}")).await.json();
    assert_eq!(page["total"], 3);
    assert_eq!(counts(&page, "tag"), told(&[("calm", 2), ("sea", 2)]));
    assert_eq!(counts(&page, "category"), told(&[("play", 2), ("alone", 1)]), "what stands below counts");
    assert_eq!(counts(&page, "kind"), told(&[("ebook", 2), ("game", 1)]));
    assert_eq!(counts(&page, "platform"), told(&[("linux", 1)]));
    assert_eq!(counts(&page, "language"), told(&[("de", 1)]));
    let page = app.nobody().get(&format!("/api/v1/products?{all}&kind=ebook&tag=calm")).await.json();
    assert_eq!(page["total"], 1);
    assert_eq!(counts(&page, "kind"), told(&[("ebook", 1), ("game", 1)]), "of what is calm");
    assert_eq!(counts(&page, "tag"), told(&[("calm", 1), ("sea", 1)]), "of e-books");
    let bare = app.nobody().get("/api/v1/products").await.json();
    assert!(bare.get("facets").is_none() && bare.get("did_you_mean").is_none(), "{bare}");
}

#[tokio::test]
async fn prices_are_counted_in_buckets_of_the_market() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { prices: &[("USD", "", 0)], ..item("a") },
            Item { prices: &[("USD", "", 499), ("JPY", "", 500)], ..item("b") },
            Item { prices: &[("USD", "", 500)], ..item("c") },
            Item { prices: &[("USD", "", 10_000)], ..item("d") },
            Item { prices: &[], ..item("e") },
        ],
    )
    .await;
    let page = app.nobody().get("/api/v1/products?facets=price").await.json();
    let buckets = page["facets"]["price"].as_array().unwrap();
    let full: Vec<&Value> = buckets.iter().filter(|bucket| bucket["count"] != 0).collect();
    let expected = [
        json!({"from": 0, "to": 1, "count": 1}),
        json!({"from": 1, "to": 500, "count": 1}),
        json!({"from": 500, "to": 1000, "count": 1}),
        json!({"from": 10_000, "to": null, "count": 1}),
    ];
    assert_eq!(full, expected.iter().collect::<Vec<_>>());
    let yen = app.nobody().get("/api/v1/products?facets=price&currency=JPY").await.json();
    let yen: u64 =
        yen["facets"]["price"].as_array().unwrap().iter().map(|b| b["count"].as_u64().unwrap()).sum();
    assert_eq!(yen, 1);
}

#[tokio::test]
async fn labels_are_in_the_readers_language() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    editor.post("/api/v1/admin/tags", json!({"slug": "sea", "name": "Sea"})).await;
    let named = editor.put("/api/v1/admin/tags/sea/translations/de", json!({"name": "Meer"})).await;
    assert!(named.status < 300, "{}", named.text());
    stock(&app, [Item { tags: &["sea"], platforms: &[Platform::Macos], ..item("a") }]).await;
    for (locale, label) in [("en", "Sea"), ("de", "Meer")] {
        let path = format!("/api/v1/products?facets=tag,platform&locale={locale}");
        let page = app.nobody().get(&path).await.json();
        assert_eq!(page["facets"]["tag"], json!([{"value": "sea", "label": label, "count": 1}]));
        assert_eq!(page["facets"]["platform"][0]["label"], "macOS");
    }
    let unknown = app.nobody().get("/api/v1/products?facets=tag,colour").await;
    assert_eq!(unknown.status, 422);
}
