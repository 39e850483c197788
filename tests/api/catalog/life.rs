//! A product comes into the store, leaves it, and goes.
use chrono::Duration;
use serde_json::{Value, json};

use super::{event_kinds, made, path};
use crate::support::{Reply, TestApp};

#[tokio::test]
async fn what_was_never_sold_can_be_deleted_and_what_was_given_cannot() {
    use sea_orm::{EntityTrait, IntoActiveModel};
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let (sold, unsold) = (made(&editor, "sold").await, made(&editor, "unsold").await);
    let grant = entity::entitlement::Model {
        id: app.clock.new_id(),
        account_id: editor.account_id(),
        product_id: sold["id"].as_str().unwrap().parse().unwrap(),
        source: entity::entitlement::Source::Grant,
        source_id: app.clock.new_id(),
        status: entity::entitlement::Status::Active,
        granted_at: app.clock.now(),
        revoked_at: None,
        last_downloaded_at: None,
        download_begun_at: None,
    };
    entity::entitlement::Entity::insert(grant.into_active_model()).exec(app.app.db.writer()).await.unwrap();
    let delete = |product: &Value| {
        Reply::of(editor.request(reqwest::Method::DELETE, &path(product)).header("if-match", "\"1\""))
    };
    let reply = delete(&sold).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "product_sold"));
    assert_eq!(delete(&unsold).await.status, 204);
    assert_eq!(editor.get(&path(&unsold)).await.status, 404);
    assert_eq!(delete(&unsold).await.status, 404);
    assert_eq!(editor.get(&path(&sold)).await.status, 200);
}

#[tokio::test]
async fn a_product_is_published_when_it_can_be_sold() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = made(&editor, "x").await;
    let at = path(&product);
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_publishable"));
    let expected = [("prices", "no_price"), ("builds", "nothing_to_deliver")];
    assert_eq!(reply.faults(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    editor.put(&format!("{at}/prices"), json!([{"currency": "USD", "amount": 0}])).await;
    editor.patch(&at, "*", json!({"release_date": "2026-11-22"})).await;
    assert_eq!(editor.act(&format!("{at}/publish")).await.faults().len(), 1);
    editor.patch(&at, "*", json!({"release_date": "2026-11-23"})).await;
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("published")));
    assert_eq!(reply.json()["published_at"], "2026-11-22T12:00:00Z");
    let version = reply.header("etag").to_owned();
    assert_eq!(editor.act(&format!("{at}/publish")).await.header("etag"), version);
    app.advance(Duration::minutes(5));
    let reply = editor.act(&format!("{at}/archive")).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (200, Some("archived")));
    let reply = editor.act(&format!("{at}/publish")).await;
    assert_eq!(reply.json()["published_at"], "2026-11-22T12:00:00Z");
    let kinds: Vec<String> =
        event_kinds(&app).await.into_iter().filter(|kind| kind != "product.updated").collect();
    assert_eq!(kinds, ["product.created", "product.published", "product.archived", "product.published"]);
}
