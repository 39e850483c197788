use mist::background;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::person::{ADDRESS, AGENT, IP, ME, shop, sign_in, zenobia};
use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD, Reply, TestApp},
};

const LOG: &str = "/api/v1/admin/audit-log?limit=100";

/// The audit log as it stands, oldest first.
async fn log(app: &TestApp, admin: &Client, query: &str) -> Vec<Value> {
    background::tick(&app.app, "events").await.unwrap();
    let mut items = admin.get(&format!("{LOG}{query}")).await.json()["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

fn actions(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_befalls_an_accounts_safety_is_in_the_audit_log_and_from_where() {
    let shop = shop().await;
    let (admin, zenobia) = (shop.app.admin().await, zenobia(&shop).await);
    let id = zenobia.account_id();
    let since = shop.app.clock.now();
    sign_in(&shop, "another violet engine").await;
    let other = sign_in(&shop, PASSWORD).await.json();
    let other = shop.app.nobody().coming_from(IP, AGENT).with_session(&other);
    let gone = other.session_id();
    assert_eq!(zenobia.delete(&format!("/api/v1/auth/sessions/{gone}")).await.status, 204);
    let body = json!({"current_password": PASSWORD, "new_password": "seven purple lanterns"});
    assert_eq!(zenobia.put("/api/v1/me/password", body).await.status, 204);
    // A token that comes twice.
    let visitor = shop.app.nobody().coming_from(IP, AGENT);
    let token = json!({"refresh_token": zenobia.session()["refresh_token"]});
    let next = visitor.post("/api/v1/auth/refresh", token.clone()).await;
    assert_eq!((next.status, visitor.post("/api/v1/auth/refresh", token).await.status), (200, 401));
    let session = sign_in(&shop, "seven purple lanterns").await.json();
    let zenobia = zenobia.with_session(&session);
    assert_eq!(zenobia.act("/api/v1/auth/logout").await.status, 204);
    let session = sign_in(&shop, "seven purple lanterns").await.json();
    let zenobia = zenobia.with_session(&session);
    assert_eq!(zenobia.post("/api/v1/auth/logout", json!({"all": true})).await.status, 204);

    let items = log(&shop.app, &admin, &format!("&from={}", since.format("%FT%TZ"))).await;
    let hers: Vec<Value> =
        items.into_iter().filter(|item| item["details"]["account_id"] == json!(id)).collect();
    assert_eq!(
        actions(&hers),
        [
            "account.created",
            "session.started",
            "account.sign_in_failed",
            "session.started",
            "session.revoked",
            "account.password_changed",
            "session.reuse_detected",
            "session.started",
            "session.signed_out",
            "session.started",
            "account.signed_out_everywhere",
        ]
    );
    for item in &hers {
        let nobody =
            ["account.sign_in_failed", "session.reuse_detected"].contains(&item["action"].as_str().unwrap());
        assert_eq!(item["actor_id"], if nobody { Value::Null } else { json!(id) }, "{item}");
        assert_eq!(item["ip"], IP, "{item}");
    }
    assert_eq!(hers[4]["subject_id"], json!(gone));
}

#[tokio::test]
async fn a_stranger_who_is_refused_is_nobodys_entry() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    assert_eq!(app.nobody().post("/api/v1/auth/login", body).await.status, 401);
    assert_eq!(log(&app, &admin, "&action=account.sign_in_failed").await, Vec::<Value>::new());
    // Nor does its address wait anywhere.
    assert_eq!(
        crate::support::everything::places_of(&app.app.db.read, &["127.0.0.1"]).await,
        ["audit_entry.ip", "session.ip"]
    );
}

#[tokio::test]
async fn what_staff_does_is_in_the_audit_log_and_from_where() {
    let Shop { app, editor, ada } = shop().await;
    let shop = Shop { editor: editor.coming_from("198.51.100.7", "Desk/1"), app, ada };
    let admin = shop.app.admin().await.coming_from("198.51.100.9", "Desk/2");
    let game = shop.sell("A Game", 1000).await;
    shop.price(game, 900).await;
    shop.edit(game, "archive").await;
    let items = log(&shop.app, &admin, &format!("&actor={}&subject={game}", shop.editor.account_id())).await;
    assert_eq!(
        actions(&items),
        ["product.created", "product.published", "product.updated", "product.archived"]
    );
    assert!(items.iter().all(|item| item["ip"] == "198.51.100.7"), "{items:?}");

    let path = format!("/api/v1/admin/accounts/{}", shop.ada.account_id());
    for body in [json!({"roles": ["editor"]}), json!({"status": "suspended"}), json!({"status": "active"})] {
        assert_eq!(Reply::of(admin.request(Method::PATCH, &path).json(&body)).await.status, 200);
    }
    shop.edit(game, "publish").await;
    let gift = json!({"product_id": game, "reason": "A prize"});
    assert_eq!(admin.post(&format!("{path}/grants"), gift).await.status, 201);
    assert_eq!(admin.delete(&format!("{path}/grants/{game}")).await.status, 204);
    let items = log(&shop.app, &admin, &format!("&actor={}", admin.account_id())).await;
    let deeds = [
        "account.created",
        "session.started",
        "account.roles_changed",
        "account.suspended",
        "account.readmitted",
        "entitlement.granted",
        "entitlement.revoked",
    ];
    assert_eq!(actions(&items), deeds);
    assert!(items[2..].iter().all(|item| item["ip"] == "198.51.100.9"), "{items:?}");
}

#[tokio::test]
async fn what_the_operator_does_at_the_command_line_is_in_the_audit_log() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let file = app.path("one.ndjson");
    std::fs::write(&file, r#"{"external_id": "1", "kind": "game", "title": "A Game"}"#).unwrap();
    let (done, said) = app.run(&["import", file.to_str().unwrap()]).await;
    assert!(done, "{said}");
    let items = log(&app, &admin, "&action=product.created").await;
    assert_eq!(actions(&items), ["product.created"]);
    assert_eq!((&items[0]["actor_id"], &items[0]["ip"]), (&Value::Null, &Value::Null));
    assert_eq!(items[0]["details"]["by"], "operator");

    let job = queue::NewJob::new(app.clock.new_id(), "test", &());
    let job = queue::enqueue(app.app.db.writer(), job, app.clock.now()).await.unwrap().unwrap().to_string();
    let (done, said) = app.run(&["jobs", "discard", &job]).await;
    assert!(done, "{said}");
    let items = log(&app, &admin, &format!("&subject={job}")).await;
    assert_eq!(actions(&items), ["job.discarded"]);
}

#[tokio::test]
async fn a_suspended_account_that_is_tried_is_an_entry_too() {
    let shop = shop().await;
    let (admin, zenobia) = (shop.app.admin().await, zenobia(&shop).await);
    let path = format!("/api/v1/admin/accounts/{}", zenobia.account_id());
    Reply::of(admin.request(Method::PATCH, &path).json(&json!({"status": "suspended"}))).await;
    assert_eq!(sign_in(&shop, PASSWORD).await.code(), "account_suspended");
    let items = log(&shop.app, &admin, "&action=account.sign_in_failed").await;
    assert_eq!((items.len(), &items[0]["subject_id"]), (1, &json!(zenobia.account_id())));
}

#[tokio::test]
async fn the_audit_log_is_added_to_and_never_changed() {
    let shop = shop().await;
    zenobia(&shop).await;
    let admin = shop.app.admin().await;
    let before = log(&shop.app, &admin, "").await;
    let writer = shop.app.app.db.writer();
    for statement in [
        "UPDATE audit_entry SET action = 'nothing'",
        "UPDATE audit_entry SET at = '2020-01-01 00:00:00+00:00'",
        "UPDATE audit_entry SET actor_id = NULL",
        "UPDATE audit_entry SET account_id = NULL",
        "UPDATE audit_entry SET details = '{}'",
        "UPDATE audit_entry SET ip = '192.0.2.1'",
        "DELETE FROM audit_entry",
    ] {
        let refused = writer.execute_unprepared(statement).await.unwrap_err().to_string();
        assert!(refused.contains("the audit log is append-only"), "{statement}: {refused}");
    }
    assert_eq!(log(&shop.app, &admin, "").await, before);
    writer.execute_unprepared("UPDATE audit_entry SET ip = NULL").await.unwrap();
    assert!(log(&shop.app, &admin, "").await.iter().all(|item| item["ip"].is_null()));
    // Neither the address nor the name of anybody is in there beside it.
    assert!(!Value::from(before).to_string().contains(ADDRESS));
    assert_eq!(admin.get(ME).await.status, 200);
}
