//! Categories, tags and the store itself.
use entity::{
    category_translation,
    product::{self, Status},
    tag_translation,
};
use mist::background;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::shelf::{Item, add, category, item, stock, tag, tell};
use crate::support::{Reply, TestApp};

#[tokio::test]
async fn categories_are_a_tree_that_counts_each_published_product_once() {
    let app = TestApp::new().await;
    let games = category(&app, "games", None).await;
    let puzzles = category(&app, "puzzles", Some(games)).await;
    category(&app, "arcade", Some(games)).await;
    category(&app, "books", None).await;
    let row = category_translation::Model {
        category_id: puzzles,
        locale: "de".to_owned(),
        name: "Rätsel".to_owned(),
    };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
    stock(
        &app,
        [
            Item { categories: &["games", "puzzles"], ..item("a") },
            Item { categories: &["puzzles", "arcade"], ..item("b") },
            Item { categories: &["puzzles"], status: Status::Draft, ..item("c") },
        ],
    )
    .await;
    let node = |slug, name, count, children| json!({"slug": slug, "name": name, "product_count": count, "children": children});
    let tree = |puzzles| {
        json!({"items": [
            node("books", "books", 0, json!([])),
            node("games", "games", 2, json!([
                node("arcade", "arcade", 1, json!([])),
                node("puzzles", puzzles, 2, json!([])),
            ])),
        ], "next_cursor": null})
    };
    let reply = app.nobody().get("/api/v1/categories").await;
    assert_eq!(reply.json(), tree("puzzles"));
    let reply = app.nobody().get("/api/v1/categories?locale=de-CH").await;
    assert_eq!((reply.json(), reply.header("content-language")), (tree("Rätsel"), "de"));
    assert_eq!(app.nobody().get("/api/v1/categories?limit=5").await.code(), "unknown_parameter");
}

#[tokio::test]
async fn tags_come_in_pages_with_their_counts() {
    let app = TestApp::new().await;
    let calm = tag(&app, "calm").await;
    tag(&app, "unused").await;
    let row = tag_translation::Model { tag_id: calm, locale: "fr".to_owned(), name: "Calme".to_owned() };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
    stock(
        &app,
        [
            Item { tags: &["calm", "short"], ..item("a") },
            Item { tags: &["calm"], ..item("b") },
            Item { tags: &["short"], status: Status::Draft, ..item("c") },
        ],
    )
    .await;
    let page = app.nobody().get("/api/v1/tags?limit=2&locale=fr").await;
    assert_eq!(
        page.json()["items"],
        json!([
            {"slug": "calm", "name": "Calme", "product_count": 2},
            {"slug": "short", "name": "short", "product_count": 1},
        ])
    );
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    let next = app.nobody().get(&format!("/api/v1/tags?limit=2&cursor={cursor}")).await.json();
    let unused = json!([{"slug": "unused", "name": "unused", "product_count": 0}]);
    assert_eq!(next, json!({"items": unused, "next_cursor": null}));
    let foreign = app.nobody().get(&format!("/api/v1/products?cursor={cursor}")).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn the_store_says_what_it_deals_in() {
    let app = TestApp::with(|config| {
        config.store.name = "Shelf & Co".to_owned();
        config.store.country = "DE".parse().unwrap();
    })
    .await;
    let prices = &[("USD", "", 1), ("EUR", "", 1), ("JPY", "JP", 1)];
    stock(&app, [Item { prices, translations: &[("fr", "a"), ("de", "b")], ..item("a") }]).await;
    let reply = app.nobody().get("/api/v1/store").await;
    assert_eq!(
        reply.json(),
        json!({
            "name": "Shelf & Co", "currency": "USD", "country": "DE", "locale": "en",
            "currencies": ["EUR", "JPY", "USD"], "countries": ["DE", "JP"], "locales": ["de", "en", "fr"],
            "payment_providers": ["mock"],
        })
    );
    assert_eq!(app.nobody().get("/api/v1/store?x=1").await.code(), "unknown_parameter");
}

#[tokio::test]
async fn labels_that_an_import_makes_are_called_by_their_names_at_once() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let line = |id: &str, label: &str| {
        json!({"external_id": id, "kind": "game", "title": id, "tags": [label], "categories": [label],
            "prices": [{"currency": "USD", "amount": 100}], "release_date": "2020-01-01", "status": "published"})
    };
    let names = async || {
        let list = app.nobody().get("/api/v1/products?facets=tag,category").await.json();
        let labels = |facet: &str| -> Vec<String> {
            let values = list["facets"][facet].as_array().unwrap().iter();
            values.map(|value| value["label"].as_str().unwrap().to_owned()).collect()
        };
        let suggested = app.nobody().get("/api/v1/search/suggest?q=rol").await.json();
        let suggested = suggested["items"].as_array().unwrap().iter().filter(|one| one["type"] == "tag");
        let suggested: Vec<String> = suggested.map(|one| one["text"].as_str().unwrap().to_owned()).collect();
        (labels("tag"), labels("category"), suggested)
    };
    let strings = |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    for (id, label, tags, suggested) in [
        ("a", "card-games", &["Card games"][..], &[][..]),
        ("b", "role-playing", &["Card games", "Role playing"][..], &["Role playing"][..]),
    ] {
        let import = editor.request(reqwest::Method::POST, "/api/v1/admin/import");
        let import = import.header("content-type", "application/x-ndjson").body(line(id, label).to_string());
        assert_eq!(Reply::of(import).await.json()["created"], 1);
        assert_eq!(names().await, (strings(tags), strings(tags), strings(suggested)), "after {label}");
    }
    background::tick(&app.app, "events").await.unwrap();
    let log = app.admin().await.get("/api/v1/admin/audit-log?action=tag.created").await.json();
    let actors: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|one| one["actor_id"].as_str().unwrap()).collect();
    assert_eq!(actors, vec![editor.account_id().to_string(); 2], "and it is known whose they are");
}

#[tokio::test]
async fn what_labels_hold_is_counted_by_the_index_and_not_in_the_tables() {
    let app = TestApp::new().await;
    let labelled = |slug| Item { tags: &["calm"], categories: &["games"], ..item(slug) };
    let (a, b) = (add(&app, labelled("a")).await, add(&app, labelled("b")).await);
    let counts = async || {
        let count = async |path: &str| {
            app.nobody().get(path).await.json()["items"][0]["product_count"].as_i64().unwrap()
        };
        (count("/api/v1/tags").await, count("/api/v1/categories").await)
    };
    assert_eq!(counts().await, (2, 2));
    // By hand, without an event; another one ends the answers that are kept.
    let row = product::ActiveModel { id: Set(a), status: Set(Status::Archived), ..Default::default() };
    row.update(app.app.db.writer()).await.unwrap();
    tell(&app, "product.updated", b).await;
    assert_eq!(counts().await, (2, 2));
    tell(&app, "product.archived", a).await;
    assert_eq!(counts().await, (1, 1));
}
