//! The index behind the list follows the tables, and is built from them whenever it is missing.
use entity::product;
use mist::{
    background,
    events::{self, Event},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shelf::{Item, add, category, item, slugs, stock, tag, tell};
use crate::support::{Client, Reply, TestApp};

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

/// What the first tag or category of the list is called, and its slug.
async fn label(client: &Client, facet: &str) -> (String, String) {
    let list = client.get(&format!("/api/v1/products?facets={facet}")).await.json();
    let text = |member: &str| list["facets"][facet][0][member].as_str().unwrap_or_default().to_owned();
    (text("label"), text("value"))
}

fn pair(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

#[tokio::test]
async fn edits_of_labels_reach_both_copies() {
    let app = TestApp::new().await;
    let copy = app.another_copy().await;
    let editor = app.editor().await;
    tag(&app, "calm").await;
    let play = category(&app, "play", None).await;
    category(&app, "alone", Some(play)).await;
    add(&app, Item { tags: &["calm"], categories: &["alone"], ..item("a") }).await;
    let edit = async |path: &str, body: Value| {
        let request = editor.request(reqwest::Method::PATCH, &format!("/api/v1/admin/{path}"));
        let reply = Reply::of(request.json(&body)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        background::tick(&app.app, "events").await.unwrap();
        background::tick(&copy.app, "catalog index").await.unwrap();
        [app.nobody(), copy.nobody()]
    };
    for client in edit("tags/calm", json!({"name": "Calm"})).await {
        assert_eq!(label(&client, "tag").await, pair("Calm", "calm"));
        assert_eq!(slugs(&client, "/api/v1/products?q=calm").await, ["a"]);
    }
    for client in edit("tags/calm", json!({"slug": "quiet", "name": "Quiet"})).await {
        assert_eq!(label(&client, "tag").await, pair("Quiet", "quiet"));
        assert_eq!(slugs(&client, "/api/v1/products?tag=quiet").await, ["a"]);
        assert_eq!(slugs(&client, "/api/v1/products?q=quiet").await, ["a"]);
    }
    for client in edit("categories/alone", json!({"name": "On your own"})).await {
        assert_eq!(label(&client, "category").await, pair("On your own", "alone"));
    }
    for client in edit("categories/play", json!({"slug": "games"})).await {
        assert_eq!(
            slugs(&client, "/api/v1/products?category=games").await,
            ["a"],
            "what stands below moves too"
        );
        assert!(slugs(&client, "/api/v1/products?category=play").await.is_empty());
    }
    for path in ["tags/quiet", "categories/alone"] {
        assert_eq!(editor.delete(&format!("/api/v1/admin/{path}")).await.status, 204);
    }
    background::tick(&app.app, "events").await.unwrap();
    background::tick(&copy.app, "catalog index").await.unwrap();
    for client in [app.nobody(), copy.nobody()] {
        assert_eq!(label(&client, "tag").await, pair("", ""));
        assert!(slugs(&client, "/api/v1/products?category=games").await.is_empty());
    }
}

#[tokio::test]
async fn another_name_of_a_category_has_no_product_read_anew() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let id = add(&app, Item { categories: &["novels"], ..item("moby-dick") }).await;
    let title = async || app.nobody().get(BY_TITLE).await.json()["items"][0]["title"].clone();
    assert_eq!(title().await, "moby-dick");
    // Long before, by hand, without an event.
    let row = product::ActiveModel { id: Set(id), title: Set("The Whale".to_owned()), ..Default::default() };
    row.update(app.app.db.writer()).await.unwrap();
    app.advance(chrono::Duration::minutes(2));
    let edit = async |body: Value| {
        let request = editor.request(reqwest::Method::PATCH, "/api/v1/admin/categories/novels").json(&body);
        assert_eq!(Reply::of(request).await.status, 200);
    };
    edit(json!({"name": "Novels", "slug": "novels"})).await;
    assert_eq!(label(&app.nobody(), "category").await, pair("Novels", "novels"));
    assert_eq!(title().await, "moby-dick");
    edit(json!({"slug": "long-reads"})).await;
    assert_eq!(label(&app.nobody(), "category").await, pair("Novels", "long-reads"));
    assert_eq!(title().await, "The Whale", "it is addressed otherwise");
}

#[tokio::test]
async fn nobody_waits_for_a_change_of_very_many_products() {
    let app = TestApp::new().await;
    add(&app, item("a")).await;
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a"]);
    let b = app.app.clock.new_id();
    // More than a read waits for, among them one that is there afterwards.
    let mut many: Vec<Uuid> = (0..10_000).map(|_| app.app.clock.new_id()).collect();
    many.push(b);
    let clock = &app.app.clock;
    let events: Vec<Event> = many.into_iter().map(|id| Event::new("product.updated", id)).collect();
    let source = add_silently(&app, b).await;
    app.app.db.write(async |tx| Ok(events::record_all(tx, events.clone(), clock).await?)).await.unwrap();
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a"], "it did not wait");
    add(&app, item("c")).await;
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a", "c"], "what is small is seen at once");
    background::tick(&app.app, "events").await.unwrap();
    background::tick(&app.app, "catalog index").await.unwrap();
    assert_eq!(slugs(&app.nobody(), BY_TITLE).await, ["a", source, "c"]);
}

/// Puts a product into the table that no event tells of.
async fn add_silently(app: &TestApp, id: Uuid) -> &'static str {
    use sea_orm::{EntityTrait, IntoActiveModel};
    let there = product::Entity::find().one(&app.app.db.read).await.unwrap().unwrap();
    let slug = "b";
    let row = product::Model { id, slug: slug.to_owned(), sort_title: slug.to_owned(), ..there };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap();
    slug
}

#[tokio::test]
async fn what_is_written_while_the_index_is_built_anew_is_in_it() {
    let app = TestApp::new().await;
    stock(&app, ["a", "b"].map(item)).await;
    for round in 0..5 {
        let (fine, said) = app.run(&["index", "rebuild"]).await;
        assert!(fine, "{said}");
        let write = async {
            let mut written = Vec::new();
            for number in 0..10 {
                let slug: &'static str = format!("new-{round}-{number}").leak();
                add(&app, item(slug)).await;
                let now = slugs(&app.nobody(), &format!("/api/v1/products?q=new-{round}-{number}")).await;
                assert!(now.contains(&slug.to_owned()), "{slug} is seen at once");
                written.push(slug);
            }
            written
        };
        let (built, written) = tokio::join!(background::tick(&app.app, "catalog index"), write);
        built.unwrap();
        let list = slugs(&app.nobody(), "/api/v1/products?sort=-created_at&limit=100").await;
        for slug in written {
            assert!(list.contains(&slug.to_owned()), "{slug} was written in round {round}: {list:?}");
        }
    }
}
