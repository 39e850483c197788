//! Edits: of which version, of what, in which language.
use chrono::Duration;
use serde_json::{Value, json};

use super::{PRODUCTS, labels, made, path, row};
use crate::support::{Reply, TestApp};

#[tokio::test]
async fn an_edit_keeps_what_is_absent_and_clears_what_is_null() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    labels(&editor).await;
    let body = json!({
        "kind": "game", "title": "Old", "summary": "Short.", "publisher": "P", "developer": "D", "age_rating": 6,
        "release_date": "2020-01-01", "tags": ["sea"], "system_requirements": {"ram": 1}, "platforms": ["linux"],
    });
    let product = editor.post(PRODUCTS, body).await.json();
    app.advance(Duration::minutes(1));
    let changes = json!({
        "title": "New", "publisher": null, "age_rating": null, "release_date": null, "system_requirements": null,
        "tags": ["whales"], "prices": [{"currency": "EUR", "amount": 5}],
    });
    let reply = editor.patch(&path(&product), "\"1\"", changes).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text());
    let edited = reply.json();
    let shown = |name: &str| edited[name].clone();
    assert_eq!(shown("title"), "New");
    assert_eq!(
        (shown("slug"), shown("summary"), shown("developer")),
        (json!("old"), json!("Short."), json!("D"))
    );
    for cleared in ["publisher", "age_rating", "release_date", "system_requirements"] {
        assert_eq!(shown(cleared), Value::Null, "{cleared}");
    }
    assert_eq!((shown("tags"), shown("platforms")), (json!(["whales"]), json!(["linux"])));
    assert_eq!(shown("prices"), json!([{"currency": "EUR", "amount": 5, "country": null}]));
    assert_eq!((shown("version"), shown("updated_at")), (json!(2), json!("2026-11-22T12:01:00Z")));
    assert_eq!(row(&app, &product).await.search_text, " new short d whales ");
    let reply = editor.patch(&path(&product), "*", json!({"title": null, "kind": null, "tags": null})).await;
    let expected = ["kind", "tags", "title"].map(|field| (field.to_owned(), "wrong_type".to_owned()));
    assert_eq!((reply.status, reply.faults()), (422, expected.to_vec()));
}

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let at = path(&product);
    let bare = Reply::of(editor.request(reqwest::Method::PATCH, &at).json(&json!({}))).await;
    assert_eq!((bare.status, bare.code().as_str()), (428, "precondition_required"));
    assert_eq!(editor.delete(&at).await.code(), "precondition_required");
    for stale in ["\"2\"", "W/\"1\"", "1", "\"x\""] {
        let reply = editor.patch(&at, stale, json!({"title": "y"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (412, "precondition_failed"), "{stale}");
    }
    assert_eq!(editor.patch(&at, "\"0\", \"1\"", json!({"title": "y"})).await.status, 200);
    assert_eq!(editor.patch(&at, "*", json!({})).await.header("etag"), "\"3\"");
    let prices = |if_match: &'static str| {
        let request = editor.request(reqwest::Method::PUT, &format!("{at}/prices")).json(&json!([]));
        Reply::of(request.header("if-match", if_match))
    };
    assert_eq!(prices("\"1\"").await.status, 412);
    assert_eq!(prices("\"3\"").await.header("etag"), "\"4\"");
    assert_eq!(editor.put(&format!("{at}/prices"), json!([])).await.header("etag"), "\"5\"");
}

#[tokio::test]
async fn of_simultaneous_edits_of_one_version_one_wins() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let edits = (0..10).map(|number| {
        let (editor, at) = (editor.clone(), path(&product));
        async move { editor.patch(&at, "\"1\"", json!({"title": format!("title {number}")})).await.status }
    });
    let mut statuses = futures::future::join_all(edits).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..2], [200, 412]);
    assert_eq!(statuses[9], 412);
    assert_eq!(row(&app, &product).await.version, 2);
}

#[tokio::test]
async fn a_product_speaks_several_languages() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "The Whale").await;
    let at = format!("{}/translations", path(&product));
    let reply = editor.put(&format!("{at}/de-at"), json!({"title": "Der Wal", "summary": "Über Wale"})).await;
    assert_eq!((reply.status, reply.header("etag")), (200, "\"2\""), "{}", reply.text());
    let texts = json!({"title": "Der Wal", "summary": "Über Wale", "description": null});
    assert_eq!(reply.json()["translations"], json!({"de-AT": texts}));
    assert_eq!(reply.json()["available_locales"], json!(["de-AT", "en"]));
    assert_eq!(
        (reply.json()["title"].as_str(), reply.json()["locale"].as_str()),
        (Some("The Whale"), Some("en"))
    );
    assert_eq!(row(&app, &product).await.search_text, " the whale der wal uber wale ");
    editor.put(&format!("{at}/de-AT"), json!({"title": "Wal"})).await;
    assert_eq!(row(&app, &product).await.search_text, " the whale wal ");
    assert_eq!(editor.put(&format!("{at}/no_such"), json!({"title": "x"})).await.status, 404);
    assert_eq!(editor.put(&format!("{at}/fr"), json!({"title": " "})).await.faults()[0].1, "required");
    assert_eq!(editor.delete(&format!("{at}/de-AT")).await.status, 204);
    assert_eq!(editor.delete(&format!("{at}/de-AT")).await.status, 404);
    assert_eq!(row(&app, &product).await.version, 4);
}
