//! An account that was made by a provider has no password: a recent sign-in stands in for it.
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{honest::Honest, refusal};
use crate::{
    accounts::{
        API_KEYS, EMAIL_OF_ME, FORGOT, LOGIN, ME, PASSWORD_OF_ME, RESET, TOTP, VERIFY, login, refresh,
        second_factor::Guarded,
    },
    support::{Client, PASSWORD, Reply, TestApp},
};

const ADA: &str = "ada@example.com";
const REAUTHENTICATE: &str = "/api/v1/auth/reauthenticate";

/// The calls that ask others for their password, and the field in which they do.
fn asking() -> [(Method, &'static str, &'static str, Value); 4] {
    [
        (Method::PUT, PASSWORD_OF_ME, "current_password", json!({"new_password": PASSWORD})),
        (Method::POST, EMAIL_OF_ME, "password", json!({"email": "ada@new.example.com"})),
        (Method::DELETE, TOTP, "password", json!({})),
        (Method::DELETE, ME, "password", json!({})),
    ]
}

async fn send(who: &Client, method: &Method, path: &str, body: &Value) -> Reply {
    Reply::of(who.request(method.clone(), path).json(body)).await
}

/// The same session, eleven minutes later.
async fn later(app: &TestApp, client: &Client) -> Client {
    app.advance(Duration::minutes(11));
    Client::signed_in(&app.url, &refresh(app, client.session()).await.json())
}

#[tokio::test]
async fn what_asks_others_for_the_password_asks_for_a_recent_proof() {
    let store = Honest::new().await;
    let stale = later(&store.app, &store.ada().await).await;
    for (method, path, field, body) in asking() {
        let told = refusal(&send(&stale, &method, path, &body).await);
        assert_eq!(told, (403, "reauthentication_required".to_owned()), "{method} {path}");
        let mut given = body.clone();
        given[field] = json!("any violet engine");
        let told = refusal(&send(&store.ada().await, &method, path, &given).await);
        assert_eq!(told, (409, "no_password".to_owned()), "{method} {path}");
    }
    let told = refusal(&stale.post(REAUTHENTICATE, json!({"password": PASSWORD})).await);
    assert_eq!(told, (409, "no_password".to_owned()));
    assert_eq!(stale.get(ME).await.status, 200, "nothing happened");
}

#[tokio::test]
async fn who_has_a_password_gives_it_however_recent_the_proof() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    for (method, path, field, body) in asking() {
        let reply = send(&ada.client, &method, path, &body).await;
        let missing = vec![(field.to_owned(), "required".to_owned())];
        assert_eq!((reply.status, reply.faults()), (422, missing), "{method} {path}");
    }
    let reply = ada.client.post(EMAIL_OF_ME, json!({"email": "no address"})).await;
    let faults = [("email", "invalid_email"), ("password", "required")];
    assert_eq!(reply.faults(), faults.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let reply = ada.client.post(EMAIL_OF_ME, json!({"email": ADA, "password": null})).await;
    assert_eq!(reply.faults(), [("password".to_owned(), "wrong_type".to_owned())]);
}

#[tokio::test]
async fn a_first_password_is_set_once_and_signs_other_devices_out() {
    let store = Honest::new().await;
    let (other, ada) = (store.ada().await, store.ada().await);
    let first = json!({"new_password": PASSWORD});
    assert_eq!(ada.put(PASSWORD_OF_ME, first.clone()).await.status, 204);
    assert_eq!((ada.get(ME).await.status, other.get(ME).await.status), (200, 401));
    assert_eq!(login(&store.app, ADA, PASSWORD).await.status, 200);
    assert_eq!(store.app.subjects(ADA).await, ["your password was changed"]);
    let again = ada.put(PASSWORD_OF_ME, first).await;
    assert_eq!(again.faults(), [("current_password".to_owned(), "required".to_owned())]);
    assert_eq!(store.ada().await.account_id(), ada.account_id(), "the provider goes on");
}

#[tokio::test]
async fn of_two_first_passwords_at_once_one_is_set() {
    let store = Honest::new().await;
    let ada = store.ada().await;
    let set = |new: &str| ada.put(PASSWORD_OF_ME, json!({"new_password": new}));
    let (left, right) = futures::future::join(set(PASSWORD), set("seven purple lanterns")).await;
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[tokio::test]
async fn an_address_is_changed_and_an_account_erased_without_a_password() {
    let store = Honest::new().await;
    let ada = store.ada().await;
    assert_eq!(ada.post(EMAIL_OF_ME, json!({"email": "ada@new.example.com"})).await.status, 202);
    let token = store.app.token("ada@new.example.com", "confirm your new address").await;
    assert_eq!(store.app.nobody().post(VERIFY, json!({"token": token})).await.status, 204);
    let again = store.ada().await;
    assert_eq!(again.get(ME).await.json()["email"], "ada@new.example.com", "told by the provider's id");
    assert_eq!(send(&again, &Method::DELETE, ME, &json!({})).await.status, 204);
    assert_eq!(ada.get(ME).await.status, 401);
    assert_ne!(store.ada().await.account_id(), ada.account_id());
}

#[tokio::test]
async fn a_code_of_the_second_factor_proves_and_the_factor_is_taken_away() {
    let store = Honest::new().await;
    let guarded = Guarded::of(&store.app, store.ada().await).await;
    let ada = later(&store.app, &guarded.client).await;
    let told = refusal(&send(&ada, &Method::DELETE, TOTP, &json!({})).await);
    assert_eq!(told, (403, "reauthentication_required".to_owned()));
    let code = guarded.code(&store.app);
    assert_eq!(ada.post(REAUTHENTICATE, json!({"totp_code": code})).await.status, 204);
    assert_eq!(send(&ada, &Method::DELETE, TOTP, &json!({})).await.status, 204);
    assert_eq!(store.callback().await.status, 200);
}

#[tokio::test]
async fn a_forgotten_password_that_never_was_is_set_by_mail_all_the_same() {
    let store = Honest::new().await;
    let ada = store.ada().await;
    assert_eq!(store.app.nobody().post(FORGOT, json!({"email": ADA})).await.status, 202);
    let token = store.app.token(ADA, "choose a new password").await;
    let body = json!({"token": token, "new_password": PASSWORD});
    assert_eq!(store.app.nobody().post(RESET, body).await.status, 204);
    assert_eq!(ada.get(ME).await.status, 401);
    assert_eq!(login(&store.app, ADA, PASSWORD).await.status, 200);
    assert_eq!(store.ada().await.account_id(), ada.account_id());
}

/// Whoever waits with an account of somebody else's address is put out when its owner comes.
#[tokio::test]
async fn who_made_an_account_of_an_unproven_address_has_no_way_in_once_its_owner_resets_it() {
    let store = Honest::new().await;
    let mallory = super::signed_in(&store.app, &store.unproven().await);
    let body = json!({"name": "later", "scopes": ["account:read"]});
    let key = mallory.post(API_KEYS, body).await.json();
    let key = store.app.holder(key["key"].as_str().unwrap());
    assert_eq!(key.get(ME).await.status, 200);
    store.app.nobody().post(FORGOT, json!({"email": ADA})).await;
    let token = store.app.token(ADA, "choose a new password").await;
    let body = json!({"token": token, "new_password": PASSWORD});
    assert_eq!(store.app.nobody().post(RESET, body).await.status, 204);
    assert_eq!((mallory.get(ME).await.status, key.get(ME).await.status), (401, 401));
    assert_eq!(refusal(&store.unproven().await), (409, "email_taken".to_owned()));
    let body = json!({"email": ADA, "password": PASSWORD});
    assert_eq!(store.app.nobody().post(LOGIN, body).await.status, 200);
}
