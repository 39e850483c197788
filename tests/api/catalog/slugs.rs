//! Slugs: one product's alone, and what becomes of those that are left.
use serde_json::{Value, json};

use super::{PRODUCTS, made, path};
use crate::support::TestApp;

#[tokio::test]
async fn a_slug_is_one_products_alone() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    assert_eq!(made(&editor, "Terminal").await["slug"], "terminal");
    assert_eq!(made(&editor, "Terminal!").await["slug"], "terminal-2");
    assert_eq!(made(&editor, "TERMINAL").await["slug"], "terminal-3");
    assert_eq!(made(&editor, "端末").await["slug"], "product");
    let reply = editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "slug": "terminal-2"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}

#[tokio::test]
async fn of_simultaneous_creations_one_gets_the_slug_and_titles_give_way() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let ask = |body: Value| {
        let editor = editor.clone();
        async move { editor.post(PRODUCTS, body).await.status }
    };
    let given = || ask(json!({"kind": "game", "title": "x", "slug": "one"}));
    let mut statuses: Vec<u16> = futures::future::join_all((0..8).map(|_| given())).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    let titled = || ask(json!({"kind": "game", "title": "Same"}));
    let statuses = futures::future::join_all((0..12).map(|_| titled())).await;
    assert_eq!(statuses, [201; 12]);
}

#[tokio::test]
async fn a_slug_that_was_left_redirects_until_somebody_takes_it() {
    use sea_orm::{EntityTrait, QueryOrder};
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "one").await;
    let retired = || async {
        let rows = entity::retired_slug::Entity::find().order_by_asc(entity::retired_slug::Column::Slug);
        let rows = rows.all(&app.app.db.read).await.unwrap();
        rows.into_iter().map(|row| (row.slug, row.product_id.to_string())).collect::<Vec<_>>()
    };
    let id = product["id"].as_str().unwrap().to_owned();
    let rename = |slug: &'static str| {
        let (editor, at) = (editor.clone(), path(&product));
        async move { editor.patch(&at, "*", json!({"slug": slug})).await.status }
    };
    assert_eq!((rename("two").await, rename("three").await), (200, 200));
    assert_eq!(retired().await, [("one".to_owned(), id.clone()), ("two".to_owned(), id.clone())]);
    assert_eq!(rename("one").await, 200);
    assert_eq!(retired().await, [("three".to_owned(), id.clone()), ("two".to_owned(), id.clone())]);
    let other = editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "slug": "two"})).await;
    assert_eq!(other.status, 201);
    assert_eq!(retired().await, [("three".to_owned(), id)]);
    assert_eq!(made(&editor, "Three").await["slug"], "three-2");
    let reply = editor.patch(&path(&other.json()), "*", json!({"slug": "one"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}
