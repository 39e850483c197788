//! Tags and categories.
use serde_json::{Value, json};

use super::{PRODUCTS, labels, row};
use crate::support::{Reply, TestApp};

#[tokio::test]
async fn a_tag_that_is_renamed_or_deleted_is_so_on_its_products_too() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let body = json!({"kind": "game", "title": "x", "tags": ["sea", "whales"]});
    let product = editor.post(PRODUCTS, body).await.json();
    let tag = "/api/v1/admin/tags/sea";
    let change =
        |at: &'static str, body: Value| Reply::of(editor.request(reqwest::Method::PATCH, at).json(&body));
    let reply = change(tag, json!({"slug": "ocean", "name": "The Océan"})).await;
    assert_eq!((reply.status, reply.json()["slug"].as_str()), (200, Some("ocean")), "{}", reply.text());
    let reply = editor.put("/api/v1/admin/tags/ocean/translations/de", json!({"name": "Meer"})).await;
    assert_eq!(reply.json(), json!({"slug": "ocean", "name": "The Océan", "translations": {"de": "Meer"}}));
    let renamed = row(&app, &product).await;
    assert_eq!((renamed.tags, renamed.version), (json!(["ocean", "whales"]), 3));
    for word in [" meer ", " ocean ", " whales "] {
        assert!(renamed.search_text.contains(word), "{}", renamed.search_text);
    }
    let reply = change("/api/v1/admin/tags/ocean", json!({"slug": "whales"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
    assert_eq!(change(tag, json!({})).await.status, 404);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean/translations/de").await.status, 204);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean/translations/de").await.status, 404);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean").await.status, 204);
    assert_eq!(editor.delete("/api/v1/admin/tags/ocean").await.status, 404);
    let left = row(&app, &product).await;
    assert_eq!((left.tags, left.search_text.as_str()), (json!(["whales"]), " x whales "));
    let reply = editor.post("/api/v1/admin/tags", json!({"slug": "whales", "name": "again"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "slug_taken"));
}

#[tokio::test]
async fn categories_form_a_tree() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let at = "/api/v1/admin/categories";
    let make = |body: Value| {
        let editor = editor.clone();
        async move { editor.post(at, body).await }
    };
    let change = |slug: &'static str, body: Value| {
        Reply::of(editor.request(reqwest::Method::PATCH, &format!("{at}/{slug}")).json(&body))
    };
    assert_eq!(make(json!({"slug": "games", "name": "Games"})).await.status, 201);
    let reply = make(json!({"slug": "puzzle", "name": "Puzzle", "parent": "games"})).await;
    assert_eq!(
        reply.json(),
        json!({"slug": "puzzle", "name": "Puzzle", "parent": "games", "translations": {}})
    );
    make(json!({"slug": "sudoku", "name": "Sudoku", "parent": "puzzle"})).await;
    let reply = make(json!({"slug": "x", "name": "X", "parent": "nope"})).await;
    assert_eq!(reply.faults(), [("parent".to_owned(), "unknown_category".to_owned())]);
    for parent in ["games", "puzzle", "sudoku"] {
        let reply = change("games", json!({"parent": parent})).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "category_cycle"), "{parent}");
    }
    assert_eq!(change("games", json!({"parent": "nope"})).await.faults()[0].1, "unknown_category");
    let product =
        editor.post(PRODUCTS, json!({"kind": "game", "title": "x", "categories": ["sudoku"]})).await.json();
    let reply = change("sudoku", json!({"slug": "number-place", "parent": null})).await;
    assert_eq!((reply.status, reply.json()["parent"].clone()), (200, Value::Null));
    assert_eq!(row(&app, &product).await.categories, json!(["number-place"]));
    let reply = editor.delete(&format!("{at}/games")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "category_not_empty"));
    assert_eq!(editor.delete(&format!("{at}/number-place")).await.status, 204);
    assert_eq!(row(&app, &product).await.categories, json!([]));
    assert_eq!(editor.delete(&format!("{at}/puzzle")).await.status, 204);
    assert_eq!(editor.delete(&format!("{at}/games")).await.status, 204);
    assert_eq!(
        editor.put(&format!("{at}/games/translations/de"), json!({"name": "Spiele"})).await.status,
        404
    );
}

#[tokio::test]
async fn simultaneous_moves_close_no_circle() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let at = "/api/v1/admin/categories";
    for slug in ["a", "b"] {
        editor.post(at, json!({"slug": slug, "name": slug})).await;
    }
    let moved = |slug: &'static str, parent: &'static str| {
        Reply::of(
            editor.request(reqwest::Method::PATCH, &format!("{at}/{slug}")).json(&json!({"parent": parent})),
        )
    };
    let (first, second) = futures::future::join(moved("a", "b"), moved("b", "a")).await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
