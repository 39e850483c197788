use chrono::Duration;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{ACCOUNTS, API_KEYS, ME, events, patch};
use crate::support::{Client, TestApp};

/// A client that holds a new key of `owner`.
async fn key(app: &TestApp, owner: &Client, scopes: &[&str]) -> (Client, String) {
    let reply = owner.post(API_KEYS, json!({"name": "build server", "scopes": scopes})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let made = reply.json();
    (app.holder(made["key"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_hashed() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let body = json!({"name": " CI ", "scopes": ["orders:read", "account:read", "orders:read"]});
    let made = ada.post(API_KEYS, body).await.json();
    let secret = made["key"].as_str().unwrap();
    assert!(secret.starts_with("mist_") && secret.len() > 40, "{secret}");
    let listed = ada.get(API_KEYS).await.json()["items"][0].clone();
    assert_eq!(
        listed,
        json!({
            "id": made["id"], "name": "CI", "prefix": &secret[..12], "scopes": ["account:read", "orders:read"],
            "products": null, "created_at": "2026-11-22T12:00:00Z", "last_used_at": null, "expires_at": null,
        })
    );
    let row = entity::api_key::Entity::find().one(&app.app.db.read).await.unwrap().unwrap();
    assert_eq!(row.token_hash, mist::keys::sha256(secret.as_bytes()));
    assert_eq!(events(&app, "api_key.created").await, 1);
}

#[tokio::test]
async fn a_key_acts_as_its_account_within_its_scopes() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let (reader, _) = key(&app, &ada, &["account:read"]).await;
    assert_eq!(reader.get(ME).await.json()["id"], json!(ada.account_id()));
    for (reply, what) in [
        (patch(&reader, ME, json!({"display_name": "x"})).await, "account:write"),
        (reader.get("/api/v1/orders").await, "orders:read"),
        (reader.get("/api/v1/cart").await, "orders:write"),
        (reader.get(API_KEYS).await, "keys are for people"),
        (reader.get(super::SESSIONS).await, "sessions are for people"),
        (reader.post(API_KEYS, json!({"name": "x", "scopes": ["account:read"]})).await, "no key makes a key"),
        (reader.put(super::PASSWORD_OF_ME, json!({})).await, "no key changes a password"),
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (403, "insufficient_scope"), "{what}");
    }
    assert_eq!(reader.get("/api/v1/products").await.status, 200);
}

#[tokio::test]
async fn a_key_that_is_revoked_expired_or_made_up_opens_nothing_on_any_copy() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let (reader, id) = key(&app, &ada, &["account:read"]).await;
    assert_eq!(reader.get(ME).await.status, 200);
    let path = format!("{API_KEYS}/{id}");
    assert_eq!(app.account("eve").await.delete(&path).await.status, 404);
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(ada.delete(&path).await.status, 404);
    let other = app.another_copy().await;
    let there = reader.on(&other.url);
    for client in [&reader, &there, &app.holder("mist_"), &app.holder("mist_guessed")] {
        let reply = client.get(ME).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "unauthorized"));
    }
    assert_eq!(ada.get(API_KEYS).await.json()["items"], json!([]));

    let end = "2026-11-22T12:05:00Z";
    let body = json!({"name": "x", "scopes": ["account:read"], "expires_at": end});
    let made = ada.post(API_KEYS, body).await.json();
    let brief = app.holder(made["key"].as_str().unwrap());
    assert_eq!(brief.get(ME).await.status, 200);
    app.advance(Duration::minutes(5));
    assert_eq!(brief.get(ME).await.status, 401);
}

#[tokio::test]
async fn making_a_key_asks_for_a_recent_proof_and_the_role() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    for scope in ["catalog:write", "builds:write", "support", "admin"] {
        let reply = ada.post(API_KEYS, json!({"name": "x", "scopes": [scope]})).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"), "{scope}");
    }
    let faulty = json!({"name": " ", "scopes": ["everything"], "expires_at": "soon"});
    assert_eq!(ada.post(API_KEYS, faulty).await.faults().len(), 3);
    assert_eq!(ada.post(API_KEYS, json!({"name": "x", "scopes": []})).await.status, 422);
    let past = json!({"name": "x", "scopes": ["account:read"], "expires_at": "2026-11-22T12:00:00Z"});
    assert_eq!(ada.post(API_KEYS, past).await.code(), "out_of_range");
    app.advance(Duration::minutes(10));
    let reply = ada.post(API_KEYS, json!({"name": "x", "scopes": ["account:read"]})).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "reauthentication_required"));
    assert_eq!(events(&app, "api_key.created").await, 0);
}

#[tokio::test]
async fn a_key_is_limited_to_products_that_exist() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product = |title: &str| json!({"kind": "game", "title": title});
    let mut ids = Vec::new();
    for title in ["One", "Two"] {
        ids.push(editor.post("/api/v1/admin/products", product(title)).await.json()["id"].clone());
    }
    let wish = |products: Value| json!({"name": "x", "scopes": ["catalog:write"], "products": products});
    let made = editor.post(API_KEYS, wish(json!([ids[1], ids[0], ids[1]]))).await;
    assert_eq!((made.status, &made.json()["products"]), (201, &json!(ids)));
    assert_eq!(editor.get(API_KEYS).await.json()["items"][0]["products"], json!(ids));

    let unknown = app.clock.new_id();
    let reply = editor.post(API_KEYS, wish(json!([ids[0], unknown]))).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.faults(), [("products[1]".to_owned(), "unknown_product".to_owned())]);
    for faulty in [json!([]), json!(["one"]), json!("one"), json!(vec![ids[0].clone(); 51])] {
        assert_eq!(editor.post(API_KEYS, wish(faulty.clone())).await.status, 422, "{faulty}");
    }
    assert_eq!(editor.post(API_KEYS, wish(json!(vec![ids[0].clone(); 50]))).await.status, 201);
    assert_eq!(events(&app, "api_key.created").await, 2);
}

#[tokio::test]
async fn a_key_never_does_more_than_its_owner_may_at_present() {
    let app = TestApp::new().await;
    let (admin, editor) = (app.admin().await, app.editor().await);
    let (keeper, _) = key(&app, &editor, &["catalog:write"]).await;
    assert_eq!(keeper.get("/api/v1/admin/products").await.status, 200);
    let path = format!("{ACCOUNTS}/{}", editor.account_id());
    patch(&admin, &path, json!({"roles": []})).await;
    let reply = keeper.get("/api/v1/admin/products").await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"));
    patch(&admin, &path, json!({"roles": ["editor"]})).await;
    assert_eq!(keeper.get("/api/v1/admin/products").await.status, 200);
    patch(&admin, &path, json!({"status": "suspended"})).await;
    assert_eq!(keeper.get("/api/v1/admin/products").await.status, 401);
}

#[tokio::test]
async fn an_admins_key_for_support_gives_no_roles() {
    let app = TestApp::new().await;
    let (admin, ada) = (app.admin().await, app.account("ada").await);
    let (helper, _) = key(&app, &admin, &["support"]).await;
    let path = format!("{ACCOUNTS}/{}", ada.account_id());
    assert_eq!(helper.get(&path).await.status, 200);
    assert_eq!(patch(&helper, &path, json!({"roles": ["admin"]})).await.code(), "forbidden");
    assert_eq!(helper.get("/api/v1/admin/audit-log").await.code(), "insufficient_scope");
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let (reader, _) = key(&app, &ada, &["account:read"]).await;
    let mut noted = Vec::new();
    for seconds in [0, 59, 1] {
        app.advance(Duration::seconds(seconds));
        app.app.identity.forget_account(ada.account_id()).await;
        assert_eq!(reader.get(ME).await.status, 200);
        noted.push(ada.get(API_KEYS).await.json()["items"][0]["last_used_at"].clone());
    }
    let first = json!("2026-11-22T12:00:00Z");
    assert_eq!(noted, [first.clone(), first, json!("2026-11-22T12:01:00Z")]);
}

#[tokio::test]
async fn an_account_has_fifty_keys_at_most() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let body = json!({"name": "x", "scopes": ["account:read"]});
    for _ in 0..50 {
        assert_eq!(ada.post(API_KEYS, body.clone()).await.status, 201);
    }
    let reply = ada.post(API_KEYS, body.clone()).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "too_many_keys"));
    let page = ada.get(&format!("{API_KEYS}?limit=30")).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ada.get(&format!("{API_KEYS}?limit=30&cursor={cursor}")).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (20, &Value::Null));
}
