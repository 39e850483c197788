use chrono::Duration;
use reqwest::Method;
use serde_json::json;

use super::{LOGIN, ME, PASSWORD_OF_ME, TOTP, login, refresh, second_factor::Guarded};
use crate::support::{Client, PASSWORD, Reply, TestApp};

const REAUTHENTICATE: &str = "/api/v1/auth/reauthenticate";

/// The same session, eleven minutes later, with a fresh access token.
async fn later(app: &TestApp, client: &Client) -> Client {
    app.advance(Duration::minutes(11));
    Client::signed_in(&app.url, &refresh(app, client.session()).await.json())
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

#[tokio::test]
async fn a_refreshed_token_keeps_the_old_proof_until_a_new_one_is_given() {
    let app = TestApp::new().await;
    let ada = later(&app, &app.account("ada").await).await;
    assert_eq!(refused(&ada.act(TOTP).await), (403, "reauthentication_required".into()));
    assert_eq!(ada.post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(ada.act(TOTP).await.status, 201);
    app.advance(Duration::minutes(10));
    assert_eq!(refused(&ada.act(TOTP).await), (403, "reauthentication_required".into()));
}

#[tokio::test]
async fn adding_and_removing_a_factor_ask_for_a_recent_proof() {
    let app = TestApp::new().await;
    let ada = later(&app, &Guarded::new(&app, "ada").await.client).await;
    let delete = ada.request(Method::DELETE, TOTP).json(&json!({"password": PASSWORD}));
    assert_eq!(refused(&Reply::of(delete).await), (403, "reauthentication_required".into()));
    let eve = later(&app, &app.account("eve").await).await;
    let confirm = eve.post("/api/v1/me/totp/confirm", json!({"code": "123456"})).await;
    assert_eq!(refused(&confirm), (403, "reauthentication_required".into()));
}

#[tokio::test]
async fn the_proof_is_judged_before_what_was_sent() {
    let app = TestApp::new().await;
    let ada = later(&app, &app.account("ada").await).await;
    for path in ["/api/v1/me/api-keys", "/api/v1/me/totp/confirm", TOTP] {
        let reply = ada.post(path, json!({"nonsense": 1})).await;
        assert_eq!(refused(&reply), (403, "reauthentication_required".into()), "{path}");
    }
    assert_eq!(ada.post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(ada.post(TOTP, json!({"nonsense": 1})).await.status, 422);
    assert_eq!(ada.get("/api/v1/me?nonsense=1").await.status, 422);
}

#[tokio::test]
async fn who_knows_the_password_gets_no_more_codes_to_try_by_it() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    for _ in 0..5 {
        let wrong = ada.client.post(REAUTHENTICATE, json!({"totp_code": "000000"})).await;
        assert_eq!(refused(&wrong), (401, "invalid_totp".into()));
    }
    assert_eq!(ada.client.post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 204);
    let more = ada.client.post(REAUTHENTICATE, json!({"totp_code": "000000"})).await;
    assert_eq!(refused(&more), (429, "too_many_attempts".into()));
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_proves_nothing() {
    let app = TestApp::new().await;
    let ada = later(&app, &app.account("ada").await).await;
    let wrong = ada.post(REAUTHENTICATE, json!({"password": "another password"})).await;
    assert_eq!(refused(&wrong), (401, "invalid_credentials".into()));
    let none = ada.post(REAUTHENTICATE, json!({"totp_code": "123456"})).await;
    assert_eq!(refused(&none), (401, "invalid_totp".into()), "there is no second factor");
    assert_eq!(refused(&ada.act(TOTP).await), (403, "reauthentication_required".into()));
}

#[tokio::test]
async fn a_code_of_the_second_factor_proves_too_and_is_used_up_by_it() {
    let app = TestApp::new().await;
    let guarded = Guarded::new(&app, "ada").await;
    let ada = later(&app, &guarded.client).await;
    let code = guarded.code(&app);
    assert_eq!(ada.post(REAUTHENTICATE, json!({"totp_code": code})).await.status, 204);
    assert_eq!(
        refused(&ada.post(REAUTHENTICATE, json!({"totp_code": code})).await),
        (401, "invalid_totp".into())
    );
    let sign_in = json!({"email": "ada@example.com", "password": PASSWORD, "totp_code": code});
    assert_eq!(refused(&app.nobody().post(LOGIN, sign_in).await), (401, "invalid_totp".into()));
    let delete = ada.request(Method::DELETE, TOTP).json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(delete).await.status, 204);
}

#[tokio::test]
async fn a_proof_is_that_of_one_session() {
    let app = TestApp::new().await;
    let phone = app.account("ada").await;
    let sign_in = json!({"email": "ada@example.com", "password": PASSWORD});
    let laptop = Client::signed_in(&app.url, &app.nobody().post(LOGIN, sign_in).await.json());
    app.advance(Duration::minutes(11));
    assert_eq!(phone.post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(refused(&laptop.act(TOTP).await), (403, "reauthentication_required".into()));
    assert_eq!(phone.act(TOTP).await.status, 201);
}

#[tokio::test]
async fn exactly_one_proof_is_given() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply = ada.post(REAUTHENTICATE, json!({})).await;
    assert_eq!((reply.status, reply.faults()), (422, vec![("password".into(), "required".into())]));
    let reply = ada.post(REAUTHENTICATE, json!({"password": PASSWORD, "totp_code": "123456"})).await;
    assert_eq!((reply.status, reply.faults()), (422, vec![("totp_code".into(), "conflicting".into())]));
    assert_eq!(app.nobody().post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 401);
}

#[tokio::test]
async fn who_stole_a_token_guesses_the_password_no_more_often_than_at_the_door() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    for _ in 0..5 {
        let reply = ada.post(REAUTHENTICATE, json!({"password": "another violet engine"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_credentials"));
    }
    let body = json!({"current_password": PASSWORD, "new_password": "an older green engine"});
    for reply in [
        ada.post(REAUTHENTICATE, json!({"password": PASSWORD})).await,
        Reply::of(ada.request(Method::PUT, PASSWORD_OF_ME).json(&body)).await,
        Reply::of(ada.request(Method::DELETE, ME).json(&json!({"password": PASSWORD}))).await,
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
        assert_eq!(reply.header("retry-after"), "900");
    }
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200, "the owner signs in elsewhere");
    app.advance(Duration::minutes(15));
    let ada = Client::signed_in(&app.url, &refresh(&app, ada.session()).await.json());
    assert_eq!(ada.post(REAUTHENTICATE, json!({"password": PASSWORD})).await.status, 204);
}
