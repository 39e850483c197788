//! Passkeys: registered by who proved who they are, and good for signing in without anything else.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use entity::{event, passkey, passkey_ceremony};
use mist::{background, config::Rate};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::second_factor::Guarded;
use crate::support::{Client, Reply, TestApp, security_key::SecurityKey};

const PASSKEYS: &str = "/api/v1/me/passkeys";
const REGISTER_START: &str = "/api/v1/me/passkeys/register/start";
const REGISTER_FINISH: &str = "/api/v1/me/passkeys/register/finish";
const LOGIN_START: &str = "/api/v1/auth/passkeys/login/start";
const LOGIN_FINISH: &str = "/api/v1/auth/passkeys/login/finish";

async fn begin(client: &Client, path: &str) -> Value {
    let reply = client.act(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Registers a new key of a client's.
async fn register(client: &Client, key: &mut SecurityKey) -> Value {
    let asked = begin(client, REGISTER_START).await;
    let credential = key.create(&asked["public_key"]).await;
    let body = json!({"id": asked["id"], "name": "Blue key", "credential": credential});
    let reply = client.post(REGISTER_FINISH, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// Somebody with a passkey.
async fn owner(app: &TestApp, name: &str) -> (Client, SecurityKey, Value) {
    let client = app.account(name).await;
    let mut key = SecurityKey::new(&app.app.public_url(""));
    let passkey = register(&client, &mut key).await;
    (client, key, passkey)
}

async fn answer(app: &TestApp, key: &mut SecurityKey) -> Value {
    let asked = begin(&app.nobody(), LOGIN_START).await;
    json!({"id": asked["id"], "credential": key.get(&asked["public_key"]).await})
}

async fn sign_in(app: &TestApp, key: &mut SecurityKey) -> Reply {
    let body = answer(app, key).await;
    app.nobody().post(LOGIN_FINISH, body).await
}

fn refused(reply: &Reply) {
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_passkey"), "{}", reply.text());
}

async fn happened(app: &TestApp, kind: &str) -> u64 {
    let of_kind = event::Entity::find().filter(event::Column::Kind.eq(kind));
    of_kind.count(&app.app.db.read).await.unwrap()
}

#[tokio::test]
async fn a_passkey_signs_in_without_an_address_a_password_or_a_code() {
    let app = TestApp::new().await;
    let guarded = Guarded::new(&app, "ada").await;
    let mut key = SecurityKey::new(&app.app.public_url(""));
    let made = register(&guarded.client, &mut key).await;
    assert_eq!((&made["name"], &made["last_used_at"]), (&json!("Blue key"), &Value::Null));

    let reply = sign_in(&app, &mut key).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("set-cookie").starts_with("mist_device="), "the device is known from now on");
    let session = reply.json();
    assert_eq!(session["account"]["id"], guarded.client.account_id().to_string());
    let client = Client::signed_in(&app.url, &session);
    let listed = client.get(PASSKEYS).await.json();
    assert_eq!(listed["items"][0]["id"], made["id"]);
    assert!(listed["items"][0]["last_used_at"].is_string());
    // It proves who is there as well as a password does.
    assert_eq!(client.act(REGISTER_START).await.status, 200);
    assert_eq!(sign_in(&app, &mut key).await.status, 200, "as often as one likes");
}

#[tokio::test]
async fn a_passkey_is_registered_and_removed_by_who_proved_it_lately() {
    let app = TestApp::new().await;
    let (client, mut key, made) = owner(&app, "ada").await;
    let asked = begin(&client, REGISTER_START).await;
    let path = format!("{PASSKEYS}/{}", made["id"].as_str().unwrap());
    app.advance(Duration::minutes(11));
    let credential = json!({"id": asked["id"], "credential": {}});
    for reply in [
        client.act(REGISTER_START).await,
        client.post(REGISTER_FINISH, credential).await,
        client.delete(&path).await,
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (403, "reauthentication_required"));
    }
    let proof = json!({"password": crate::support::PASSWORD});
    assert_eq!(client.post("/api/v1/auth/reauthenticate", proof).await.status, 204);
    let eve = app.account("eve").await;
    assert_eq!(eve.delete(&path).await.status, 404, "another's is none");
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.delete(&path).await.status, 404);
    refused(&sign_in(&app, &mut key).await);
    assert_eq!(
        (happened(&app, "account.passkey_added").await, happened(&app, "account.passkey_removed").await),
        (1, 1)
    );
}

#[tokio::test]
async fn an_answer_counts_once_in_time_and_for_whom_it_was_asked() {
    let app = TestApp::new().await;
    let (ada, mut key, _) = owner(&app, "ada").await;
    let body = answer(&app, &mut key).await;
    assert_eq!(app.nobody().post(LOGIN_FINISH, body.clone()).await.status, 200);
    refused(&app.nobody().post(LOGIN_FINISH, body).await);

    let late = answer(&app, &mut key).await;
    app.advance(Duration::minutes(5));
    refused(&app.nobody().post(LOGIN_FINISH, late).await);

    // What was asked of Ada is of no use to Eve, nor to who signs in, and is not used up by them.
    let (asked, eve) = (begin(&ada, REGISTER_START).await, app.account("eve").await);
    let mut second = SecurityKey::new(&app.app.public_url(""));
    let credential = second.create(&asked["public_key"]).await;
    let body = json!({"id": asked["id"], "credential": credential});
    let reply = eve.post(REGISTER_FINISH, body.clone()).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "unknown_ceremony"));
    let mut other = answer(&app, &mut key).await;
    other["id"] = asked["id"].clone();
    refused(&app.nobody().post(LOGIN_FINISH, other).await);
    assert_eq!(ada.post(REGISTER_FINISH, body.clone()).await.status, 201);
    assert_eq!(ada.post(REGISTER_FINISH, body).await.code(), "unknown_ceremony");
}

#[tokio::test]
async fn an_answer_of_another_page_is_refused() {
    let app = TestApp::new().await;
    let (ada, key, _) = owner(&app, "ada").await;
    let elsewhere = "http://localhost:1";
    refused(&sign_in(&app, &mut key.copied(elsewhere)).await);
    let asked = begin(&ada, REGISTER_START).await;
    let mut options = asked["public_key"].clone();
    options["excludeCredentials"] = json!([]);
    let credential = SecurityKey::new(elsewhere).create(&options).await;
    let reply = ada.post(REGISTER_FINISH, json!({"id": asked["id"], "credential": credential})).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "invalid_passkey"), "{}", reply.text());
}

#[tokio::test]
async fn an_answer_that_was_changed_or_is_none_is_refused() {
    let app = TestApp::new().await;
    let (_, mut key, _) = owner(&app, "ada").await;
    let good = answer(&app, &mut key).await;
    let signature = good["credential"]["response"]["signature"].as_str().unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let mut bad = good.clone();
    bad["credential"]["response"]["signature"] = json!(URL_SAFE_NO_PAD.encode(bytes));
    refused(&app.nobody().post(LOGIN_FINISH, bad).await);
    refused(&app.nobody().post(LOGIN_FINISH, good).await);
    for (body, code) in [
        (json!({}), "validation_failed"),
        (json!({"id": uuid::Uuid::nil(), "credential": {}}), "invalid_passkey"),
        (json!({"id": uuid::Uuid::nil(), "credential": {"id": 7}}), "invalid_passkey"),
    ] {
        let reply = app.nobody().post(LOGIN_FINISH, body).await;
        assert_eq!((reply.status, reply.code().as_str() == code || code == "validation_failed"), (422, true));
    }
}

#[tokio::test]
async fn a_passkey_that_was_copied_is_refused_and_the_log_says_so() {
    let app = TestApp::new().await;
    let (_, mut key, _) = owner(&app, "ada").await;
    let mut stolen = key.copied(&app.app.public_url(""));
    assert_eq!(sign_in(&app, &mut key).await.status, 200);
    assert_eq!(sign_in(&app, &mut key).await.status, 200);
    refused(&sign_in(&app, &mut stolen).await);
    assert_eq!(happened(&app, "account.passkey_copied").await, 1);
    assert_eq!(sign_in(&app, &mut key).await.status, 200);
}

#[tokio::test]
async fn who_is_suspended_is_told_so() {
    let app = TestApp::new().await;
    let (ada, mut key, _) = owner(&app, "ada").await;
    let path = format!("/api/v1/admin/accounts/{}", ada.account_id());
    let body = json!({"status": "suspended"});
    assert_eq!(app.admin().await.patch(&path, "*", body).await.status, 200);
    let reply = sign_in(&app, &mut key).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "account_suspended"));
}

#[tokio::test]
async fn of_many_who_send_one_answer_one_signs_in() {
    let app = TestApp::new().await;
    let (_, mut key, _) = owner(&app, "ada").await;
    let body = answer(&app, &mut key).await;
    let nobody = app.nobody();
    let replies = futures::future::join_all((0..20).map(|_| nobody.post(LOGIN_FINISH, body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test]
async fn a_passkey_belongs_to_one_account_and_an_account_has_so_many() {
    let app = TestApp::new().await;
    let (ada, key, _) = owner(&app, "ada").await;
    let asked = begin(&ada, REGISTER_START).await;
    let known = &asked["public_key"]["excludeCredentials"][0]["id"];
    assert!(known.is_string(), "a key that is registered is not asked again");
    drop(key);
    for _ in 1..20 {
        register(&ada, &mut SecurityKey::new(&app.app.public_url(""))).await;
    }
    let asked = begin(&ada, REGISTER_START).await;
    let credential = SecurityKey::new(&app.app.public_url("")).create(&asked["public_key"]).await;
    let reply = ada.post(REGISTER_FINISH, json!({"id": asked["id"], "credential": credential})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "too_many_passkeys"));
}

#[tokio::test]
async fn trying_is_bounded_by_address() {
    let app = TestApp::with(|config| config.accounts.failures_per_address = Rate::new(3, 60)).await;
    let nobody = app.nobody();
    for _ in 0..3 {
        assert_eq!(nobody.act(LOGIN_START).await.status, 200);
    }
    let reply = nobody.act(LOGIN_START).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    assert!(!reply.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_store_without_a_domain_name_has_no_passkeys() {
    let app = TestApp::with(|config| {
        config.http.public_url = Some("http://127.0.0.1:8080".parse().unwrap());
    })
    .await;
    let ada = app.account("ada").await;
    for reply in [ada.act(REGISTER_START).await, app.nobody().act(LOGIN_START).await] {
        assert_eq!((reply.status, reply.code().as_str()), (409, "passkeys_unavailable"));
    }
}

#[tokio::test]
async fn passkeys_go_with_the_account_and_ceremonies_with_time() {
    let app = TestApp::new().await;
    let (ada, _, made) = owner(&app, "ada").await;
    let export = ada.get("/api/v1/me/export").await.json();
    assert_eq!(export["passkeys"][0]["id"], made["id"]);
    begin(&ada, REGISTER_START).await;
    begin(&app.nobody(), LOGIN_START).await;
    let reply = Reply::of(
        ada.request(reqwest::Method::DELETE, "/api/v1/me")
            .json(&json!({"password": crate::support::PASSWORD})),
    )
    .await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    assert_eq!(passkey::Entity::find().count(&app.app.db.read).await.unwrap(), 0);
    assert_eq!(passkey_ceremony::Entity::find().count(&app.app.db.read).await.unwrap(), 1);
    app.advance(Duration::days(1));
    assert!(background::tick(&app.app, "retention").await.unwrap());
    assert_eq!(passkey_ceremony::Entity::find().count(&app.app.db.read).await.unwrap(), 0);
}
