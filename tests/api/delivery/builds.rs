//! Builds are drafted, filled, released, withdrawn.
use entity::{event, product};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde_json::json;
use uuid::Uuid;

use super::shop::{Shop, file_path, hex, id};
use crate::support::{Reply, TestApp};

async fn events(shop: &Shop, kind: &str) -> u64 {
    let kind = event::Column::Kind.eq(kind);
    event::Entity::find().filter(kind).count(&shop.app.app.db.read).await.unwrap()
}

#[tokio::test]
async fn a_build_is_drafted_filled_and_released() {
    let shop = Shop::new().await;
    let body = json!({"version": " 1.0 ", "platform": "linux", "channel": "beta", "notes": "# New"});
    let path = format!("/api/v1/admin/products/{}/builds", shop.product);
    let reply = shop.editor.post(&path, body).await;
    let draft = reply.json();
    let build = id(&draft);
    assert_eq!((reply.status, reply.header("location")), (201, &*format!("/api/v1/admin/builds/{build}")));
    assert_eq!(
        draft,
        json!({
            "id": build, "product_id": shop.product, "version": "1.0", "platform": "linux", "channel": "beta",
            "arch": "any", "kind": "build", "notes": "# New", "status": "draft", "rollout_percent": 100, "files": [],
            "size": 0, "created_at": "2026-11-22T12:00:00Z", "released_at": null,
        })
    );
    let reply = shop.upload(build, "game.zip", "bytes").await;
    let file = json!({"name": "game.zip", "size": 5, "sha256": hex(b"bytes")});
    assert_eq!((reply.status, reply.json()), (201, file.clone()));
    let released = shop.act(build, "release").await;
    assert_eq!(released.status, 200, "{}", released.text());
    assert_eq!(released.json()["status"], "released");
    assert_eq!(released.json()["released_at"], "2026-11-22T12:00:00Z");
    assert_eq!(shop.show(build).await, released.json());
    assert_eq!(released.json()["files"], json!([file]));
}

#[tokio::test]
async fn a_version_is_there_once_for_a_platform_and_channel() {
    let shop = Shop::new().await;
    shop.draft("1.0", "linux").await;
    shop.draft("1.0", "windows").await;
    let path = format!("/api/v1/admin/products/{}/builds", shop.product);
    let again = |channel: &'static str| {
        shop.editor.post(&path, json!({"version": "1.0", "platform": "linux", "channel": channel}))
    };
    assert_eq!(again("stable").await.code(), "build_exists");
    assert_eq!(again("beta").await.status, 201);
    let (one, other) = tokio::join!(again("nightly"), again("nightly"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_build_is_made_for_the_version_of_the_product_that_was_meant() {
    let shop = Shop::new().await;
    let (db, product) = (&shop.app.app.db, shop.product);
    let path = format!("/api/v1/admin/products/{product}/builds");
    let make = |version: &'static str, asked: &'static str| {
        let request = shop.editor.request(Method::POST, &path).header("if-match", asked);
        Reply::of(request.json(&json!({"version": version, "platform": "linux"})))
    };
    assert_eq!(make("1", "\"1\"").await.status, 201);
    // While another build is on its way to be made, the product is edited.
    let raced = db.write(async |tx| {
        let edited = product::ActiveModel { id: Unchanged(product), version: Set(2), ..Default::default() };
        edited.update(tx).await?;
        let raced = tokio::spawn(make("2", "\"1\""));
        for _ in 0..3 {
            assert_eq!(shop.app.nobody().get("/api/v1/products").await.status, 200);
        }
        Ok(raced)
    });
    let raced = raced.await.unwrap().await.unwrap();
    assert_eq!((raced.status, raced.code().as_str()), (412, "precondition_failed"));
    assert_eq!(make("2", "\"2\"").await.status, 201);
}

#[tokio::test]
async fn who_may_is_judged_before_what_was_sent() {
    let shop = Shop::new().await;
    let path = format!("/api/v1/admin/products/{}/builds", shop.product);
    let (ada, stranger) = (shop.app.account("ada").await, shop.app.nobody());
    assert_eq!(stranger.post(&path, json!(1)).await.status, 401);
    assert_eq!(ada.post(&path, json!(1)).await.status, 403);
    let unknown = format!("/api/v1/admin/products/{}/builds", Uuid::nil());
    assert_eq!(shop.editor.post(&unknown, json!(1)).await.status, 404);
    assert_eq!(shop.editor.get(&unknown).await.status, 404);
    let reply = shop
        .editor
        .post(&path, json!({"version": "a\nb", "platform": "amiga", "channel": "No!", "notes": "x".repeat(20_001), "more": 1}))
        .await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("channel", "invalid_slug"),
        ("more", "unknown_field"),
        ("notes", "too_long"),
        ("platform", "invalid_choice"),
        ("version", "invalid_text"),
    ];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let reply = shop.editor.post(&path, json!({"version": "x".repeat(65)})).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [("platform", "required"), ("version", "too_long")];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn nobody_but_editors_touches_builds() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "linux").await;
    let (ada, stranger) = (shop.app.account("ada").await, shop.app.nobody());
    let path = format!("/api/v1/admin/builds/{build}");
    for (client, status) in [(&ada, 403), (&stranger, 401)] {
        assert_eq!(client.get(&path).await.status, status);
        assert_eq!(client.delete(&path).await.status, status);
        assert_eq!(client.act(&format!("{path}/release")).await.status, status);
        assert_eq!(client.act(&format!("{path}/withdraw")).await.status, status);
        assert_eq!(client.delete(&format!("{path}/files/a")).await.status, status);
        let reply = Reply::of(client.request(Method::PUT, &file_path(build, "a")).body("bytes")).await;
        assert_eq!(reply.status, status);
    }
    assert_eq!(shop.files("objects"), 0);
}

#[tokio::test]
async fn drafts_are_deleted_and_what_was_released_stays() {
    let shop = Shop::new().await;
    let draft = shop.draft("1.0", "linux").await;
    shop.upload(draft, "a", "bytes").await;
    assert_eq!(shop.editor.delete(&file_path(draft, "a")).await.status, 204);
    assert_eq!(shop.editor.delete(&file_path(draft, "a")).await.status, 404);
    assert_eq!(shop.editor.delete(&file_path(draft, "a\\b")).await.status, 404);
    assert_eq!(shop.show(draft).await["files"], json!([]));
    shop.upload(draft, "a", "bytes").await;
    let path = format!("/api/v1/admin/builds/{draft}");
    assert_eq!(shop.editor.delete(&path).await.status, 204);
    assert_eq!(shop.editor.get(&path).await.status, 404);
    assert_eq!(shop.editor.delete(&path).await.status, 404);

    let released = shop.released("2.0", "linux", &[("a", b"bytes")]).await;
    let path = format!("/api/v1/admin/builds/{released}");
    for action in ["", "withdraw"] {
        if !action.is_empty() {
            assert_eq!(shop.act(released, action).await.json()["status"], "withdrawn");
        }
        assert_eq!(shop.editor.delete(&path).await.code(), "build_released");
        assert_eq!(shop.editor.delete(&file_path(released, "a")).await.code(), "build_released");
        assert_eq!(shop.upload(released, "b", "bytes").await.code(), "build_released");
    }
}

#[tokio::test]
async fn a_build_is_released_and_withdrawn_once() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "linux").await;
    assert_eq!(shop.act(build, "release").await.code(), "build_empty");
    assert_eq!(shop.act(build, "withdraw").await.code(), "build_draft");
    shop.upload(build, "a", "bytes").await;
    let (one, other) = tokio::join!(shop.act(build, "release"), shop.act(build, "release"));
    assert_eq!((one.status, other.status), (200, 200));
    assert_eq!(one.json(), other.json());
    assert_eq!(events(&shop, "build.released").await, 1);
    let (one, other) = tokio::join!(shop.act(build, "withdraw"), shop.act(build, "withdraw"));
    assert_eq!((one.status, other.status), (200, 200));
    assert_eq!(events(&shop, "build.withdrawn").await, 1);
    assert_eq!(shop.act(build, "release").await.code(), "build_withdrawn");
    // What the product shows changed twice.
    let product = product::Entity::find_by_id(shop.product).one(&shop.app.app.db.read).await.unwrap();
    assert_eq!(product.unwrap().version, 3);
    assert_eq!(shop.act(Uuid::nil(), "release").await.status, 404);
}

#[tokio::test]
async fn the_builds_of_a_product_come_newest_first() {
    let shop = Shop::new().await;
    for version in ["1", "2", "3"] {
        shop.draft(version, "any").await;
    }
    let path = format!("/api/v1/admin/products/{}/builds", shop.product);
    let first = shop.editor.get(&format!("{path}?limit=2")).await;
    let versions = |reply: &Reply| {
        let items = reply.json()["items"].as_array().unwrap().clone();
        items.iter().map(|build| build["version"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(versions(&first), ["3", "2"]);
    assert!(first.header("link").contains("rel=\"next\""));
    shop.draft("4", "any").await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let second = shop.editor.get(&format!("{path}?limit=2&cursor={cursor}")).await;
    assert_eq!((versions(&second), second.json()["next_cursor"].is_null()), (vec!["1".to_owned()], true));
    assert_eq!(shop.editor.get(&format!("{path}?cursor=x{cursor}")).await.code(), "invalid_cursor");
}

#[tokio::test]
async fn an_edit_of_an_older_product_is_refused() {
    let shop = Shop::of(TestApp::new().await).await;
    let path = format!("/api/v1/admin/products/{}/builds", shop.product);
    let post = |tag: &'static str| {
        let request = shop.editor.request(Method::POST, &path).header("if-match", tag);
        Reply::of(request.json(&json!({"version": tag.trim_matches('"'), "platform": "any"})))
    };
    assert_eq!(post("\"7\"").await.status, 412);
    assert_eq!(post("\"1\"").await.status, 201);
}
