//! The index behind the list follows the tables, and is built from them whenever it is missing.
use mist::background;
use serde_json::json;

use super::shelf::{Item, add, category, item, slugs, stock, tell};
use crate::support::TestApp;

const BY_TITLE: &str = "/api/v1/products?sort=title";

#[tokio::test]
async fn an_index_that_is_missing_or_damaged_is_built_from_the_tables() {
    let app = TestApp::new().await;
    stock(&app, ["a", "b"].map(item)).await;
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a", "b"]);
    let folder = app.path("index");
    let app = app.restart().await;
    assert_eq!(
        slugs(&app.nobody(), BY_TITLE).await,
        ["a", "b"],
        "another folder, for the first is still held"
    );
    for entry in std::fs::read_dir(&folder).unwrap() {
        let pointer = entry.unwrap().path().join("current");
        if pointer.exists() {
            std::fs::write(pointer, "nonsense").unwrap();
        }
    }
    let app = app.restart().await;
    assert_eq!(app.nobody().get("/readyz").await.status, 200);
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a", "b"]);
    add(&app, item("c")).await;
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_log_that_went_back_has_the_index_built_anew() {
    let app = TestApp::new().await;
    stock(&app, ["a", "b"].map(item)).await;
    background::tick(&app.app, "events").await.unwrap();
    background::tick(&app.app, "catalog index").await.unwrap();
    use sea_orm::{ConnectionTrait, EntityTrait};
    // As a backup would be put back that knows of neither event nor product.
    entity::event::Entity::delete_many().exec(app.app.db.writer()).await.unwrap();
    app.app.db.writer().execute_unprepared("UPDATE event_reader SET seq = 0").await.unwrap();
    app.app.db.writer().execute_unprepared("DELETE FROM product WHERE slug = 'a'").await.unwrap();
    background::tick(&app.app, "catalog index").await.unwrap();
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["b"]);
}

#[tokio::test]
async fn a_category_that_moves_takes_its_products_along() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    category(&app, "play", None).await;
    category(&app, "alone", None).await;
    add(&app, Item { categories: &["alone"], ..item("a") }).await;
    let play = "/api/v1/products?category=play";
    assert!(slugs(&app.nobody(), play).await.is_empty());
    let moved = editor.patch("/api/v1/admin/categories/alone", "*", json!({"parent": "play"})).await;
    assert!(moved.status < 300, "{}", moved.text());
    assert_eq!(slugs(&app.nobody(), play).await, ["a"]);
    let gone = editor.delete("/api/v1/admin/categories/alone").await;
    assert!(gone.status < 300, "{}", gone.text());
    assert!(slugs(&app.nobody(), play).await.is_empty());
}

#[tokio::test]
async fn hundreds_of_changes_of_one_copy_reach_the_list_of_another() {
    let app = TestApp::new().await;
    let copy = app.another_copy().await;
    let id = add(&app, item("a")).await;
    for _ in 0..600 {
        tell(&app, "order.paid", id).await;
    }
    add(&app, item("b")).await;
    background::tick(&app.app, "events").await.unwrap();
    background::tick(&copy.app, "catalog index").await.unwrap();
    assert_eq!(slugs(&copy.nobody(), BY_TITLE).await, ["a", "b"]);
    let copy = copy.restart().await;
    assert_eq!(slugs(&copy.nobody(), BY_TITLE).await, ["a", "b"]);
}

#[tokio::test]
async fn hostile_words_are_refused_or_answered() {
    let app = TestApp::new().await;
    add(&app, item("moby-dick")).await;
    let many = "a+".repeat(100);
    let long = "a".repeat(7_000);
    for (q, status) in [
        (long.as_str(), 422),
        (many.as_str(), 422),
        ("(a%2B)%2B%24", 200),
        ("%5B%5E%5D*%3F%2F%2F", 200),
        ("title%3Amoby+OR+%2A", 200),
        ("%22moby", 200),
    ] {
        let reply = app.nobody().get(&format!("/api/v1/products?q={q}")).await;
        assert_eq!(reply.status, status, "{q}: {}", reply.text());
    }
}

#[tokio::test]
async fn what_is_misspelt_is_found_or_answered_with_a_proposal() {
    let app = TestApp::new().await;
    stock(&app, [Item { title: "Stardew Valley", ..item("a") }, Item { title: "Celeste", ..item("b") }])
        .await;
    for q in ["stardew", "stardwe", "valey", "star"] {
        assert_eq!(slugs(&app.nobody(), &format!("/api/v1/products?q={q}")).await, ["a"], "{q}");
    }
}
