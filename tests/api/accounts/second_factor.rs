use chrono::Duration;
use mist::{background, config::Rate};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{LOGIN, ME, PASSWORD_OF_ME, TOTP, events, login};
use crate::support::{Client, PASSWORD, Reply, TestApp, authenticator};

const CONFIRM: &str = "/api/v1/me/totp/confirm";

/// Somebody with a second factor.
pub(super) struct Guarded {
    pub(super) client: Client,
    secret: String,
    pub(super) recovery_codes: Vec<String>,
}

impl Guarded {
    /// Registers and sets a second factor up.
    pub(super) async fn new(app: &TestApp, name: &str) -> Self {
        Self::of(app, app.account(name).await).await
    }

    /// Sets a second factor up.
    pub(super) async fn of(app: &TestApp, client: Client) -> Self {
        let secret = begin(&client).await;
        let code = authenticator::code(&secret, app.clock.now());
        let reply = client.post(CONFIRM, json!({"code": code})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let recovery_codes: Vec<String> =
            serde_json::from_value(reply.json()["recovery_codes"].clone()).unwrap();
        // The code that confirmed is used up.
        app.advance(Duration::seconds(30));
        Self { client, secret, recovery_codes }
    }

    /// What the app shows now.
    pub(super) fn code(&self, app: &TestApp) -> String {
        authenticator::code(&self.secret, app.clock.now())
    }

    fn row_of(&self) -> uuid::Uuid {
        self.client.account_id()
    }
}

async fn begin(client: &Client) -> String {
    let reply = client.act(TOTP).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["secret"].as_str().unwrap().to_owned()
}

async fn login_with(app: &TestApp, name: &str, code: &str) -> Reply {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "totp_code": code});
    app.nobody().post(LOGIN, body).await
}

async fn take_away(client: &Client, password: &str) -> Reply {
    Reply::of(client.request(Method::DELETE, TOTP).json(&json!({"password": password}))).await
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

#[tokio::test]
async fn a_second_factor_counts_once_a_code_confirmed_it() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let begun = ada.act(TOTP).await.json();
    let uri: url::Url = begun["otpauth_uri"].as_str().unwrap().parse().unwrap();
    let parameters: std::collections::HashMap<_, _> = uri.query_pairs().collect();
    assert_eq!(parameters["secret"], begun["secret"].as_str().unwrap());
    assert_eq!((parameters["issuer"].as_ref(), uri.path()), ("Mist", "/Mist:ada%40example.com"));
    assert_eq!(ada.get(ME).await.json()["totp_enabled"], false);
    assert_eq!(login(&app, "ada@example.com", PASSWORD).await.status, 200);

    let secret = begin(&ada).await;
    assert_ne!(secret, begun["secret"].as_str().unwrap(), "beginning again replaces the secret");
    let wrong = authenticator::code(&secret, app.clock.now() + Duration::hours(1));
    let reply = ada.post(CONFIRM, json!({"code": wrong})).await;
    assert_eq!((reply.status, reply.faults()), (422, vec![("code".into(), "invalid_totp".into())]));
    let code = authenticator::code(&secret, app.clock.now());
    let codes = ada.post(CONFIRM, json!({"code": code})).await;
    assert_eq!((codes.status, codes.json()["recovery_codes"].as_array().unwrap().len()), (200, 10));

    assert_eq!(ada.get(ME).await.json()["totp_enabled"], true);
    let reply = login(&app, "ada@example.com", PASSWORD).await;
    assert_eq!(refused(&reply), (401, "totp_required".into()));
    assert_eq!(refused(&ada.act(TOTP).await), (409, "totp_enabled".into()));
    assert_eq!(refused(&ada.post(CONFIRM, json!({"code": code})).await), (409, "totp_enabled".into()));
    assert_eq!(events(&app, "account.totp_enabled").await, 1);
}

#[tokio::test]
async fn nothing_is_confirmed_that_was_not_begun() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    assert_eq!(ada.post(CONFIRM, json!({"code": "123456"})).await.status, 404);
    assert_eq!(ada.post(CONFIRM, json!({"code": ""})).await.status, 422);
    assert_eq!(take_away(&ada, PASSWORD).await.status, 404);
}

#[tokio::test]
async fn a_code_is_good_for_once_and_for_a_step_around_now() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    let code = ada.code(&app);
    assert_eq!(login_with(&app, "ada", &code).await.status, 200);
    assert_eq!(refused(&login_with(&app, "ada", &code).await), (401, "invalid_totp".into()));
    // Still within its window, and used.
    app.advance(Duration::seconds(30));
    assert_eq!(refused(&login_with(&app, "ada", &code).await), (401, "invalid_totp".into()));
    let late = ada.code(&app);
    app.advance(Duration::seconds(30));
    assert_eq!(login_with(&app, "ada", &late).await.status, 200);
    let late = ada.code(&app);
    app.advance(Duration::seconds(60));
    assert_eq!(refused(&login_with(&app, "ada", &late).await), (401, "invalid_totp".into()));
    let early = authenticator::code(&ada.secret, app.clock.now() + Duration::seconds(30));
    assert_eq!(login_with(&app, "ada", &early).await.status, 200);
    // What lies before a code that was used is used up with it.
    assert_eq!(refused(&login_with(&app, "ada", &ada.code(&app)).await), (401, "invalid_totp".into()));
}

#[tokio::test]
async fn a_code_is_judged_after_the_password_and_not_used_up_by_a_wrong_one() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    for code in [Value::Null, json!("000000"), json!(ada.code(&app))] {
        let body = json!({"email": "ada@example.com", "password": "another password", "totp_code": code});
        let reply = app.nobody().post(LOGIN, body).await;
        assert_eq!(refused(&reply), (401, "invalid_credentials".into()));
    }
    assert_eq!(refused(&login_with(&app, "ada", "000000").await), (401, "invalid_totp".into()));
    assert_eq!(login_with(&app, "ada", &ada.code(&app)).await.status, 200);
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let app = TestApp::new().await;
    let (ada, eve) = (Guarded::new(&app, "ada").await, Guarded::new(&app, "eve").await);
    let code = &ada.recovery_codes[3];
    assert_eq!(refused(&login_with(&app, "eve", code).await), (401, "invalid_totp".into()));
    assert_eq!(login_with(&app, "ada", &code.to_uppercase().replace('-', " ")).await.status, 200);
    assert_eq!(refused(&login_with(&app, "ada", code).await), (401, "invalid_totp".into()));
    assert_eq!(login_with(&app, "ada", &ada.recovery_codes[9]).await.status, 200);
    assert_eq!(login_with(&app, "eve", &eve.recovery_codes[0]).await.status, 200);
    assert_eq!(events(&app, "account.recovery_code_used").await, 3);
}

#[tokio::test]
async fn of_sign_ins_that_race_with_one_code_exactly_one_gets_in() {
    // Enough guesses, so that the code alone decides.
    let app = TestApp::with(|config| config.accounts.failures_per_account = Rate::new(100, 900)).await;
    let ada = Guarded::new(&app, "ada").await;
    for code in [ada.code(&app), ada.recovery_codes[0].clone()] {
        let all = futures::future::join_all((0..20).map(|_| login_with(&app, "ada", &code))).await;
        let entered = all.iter().filter(|reply| reply.status == 200).count();
        let refused =
            all.iter().filter(|reply| reply.status == 401 && reply.code() == "invalid_totp").count();
        assert_eq!((entered, refused), (1, 19), "{:?}", all.iter().map(Reply::text).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn the_second_factor_is_taken_away_with_its_recovery_codes() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    let reply = take_away(&ada.client, "another password").await;
    assert_eq!(
        (reply.status, reply.faults()),
        (422, vec![("password".into(), "invalid_credentials".into())])
    );
    assert_eq!(take_away(&ada.client, PASSWORD).await.status, 204);
    assert_eq!(take_away(&ada.client, PASSWORD).await.status, 404);
    let told = ["confirm your address", "your second factor was removed"];
    assert_eq!(app.subjects("ada@example.com").await, told);
    let reply = login(&app, "ada@example.com", PASSWORD).await;
    assert_eq!((reply.status, &reply.json()["account"]["totp_enabled"]), (200, &json!(false)));
    let left = entity::recovery_code::Entity::find().all(&app.app.db.read).await.unwrap();
    assert_eq!((left.len(), events(&app, "account.totp_disabled").await), (0, 1));
    // Another one begins afresh: the old recovery codes don't open it.
    let secret = begin(&ada.client).await;
    let code = authenticator::code(&secret, app.clock.now());
    assert_eq!(ada.client.post(CONFIRM, json!({"code": code})).await.status, 200);
    let old = &ada.recovery_codes[0];
    assert_eq!(refused(&login_with(&app, "ada", old).await), (401, "invalid_totp".into()));
}

#[tokio::test]
async fn secrets_are_sealed_and_recovery_codes_hashed_and_both_are_in_the_audit_log_by_id_alone() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    assert_eq!(login_with(&app, "ada", &ada.recovery_codes[0]).await.status, 200);
    let factor = entity::totp_factor::Entity::find_by_id(ada.row_of()).one(&app.app.db.read).await;
    assert_eq!(factor.unwrap().unwrap().sealed.len(), 12 + 20 + 16, "nonce, secret, tag");
    let codes = entity::recovery_code::Entity::find().all(&app.app.db.read).await.unwrap();
    assert!(codes.len() == 10 && codes.iter().all(|row| row.code_hash.len() == 32));
    background::tick(&app.app, "events").await.unwrap();
    let admin = app.admin().await;
    for action in ["account.totp_enabled", "account.recovery_code_used"] {
        let entry = admin.get(&format!("/api/v1/admin/audit-log?action={action}")).await.json();
        let entry = &entry["items"][0];
        assert_eq!(entry["actor_id"], json!(ada.row_of()));
        assert_eq!(entry["details"], json!({"account_id": ada.row_of()}));
    }
}

#[tokio::test]
async fn a_second_factor_outlives_a_restart_and_a_new_password() {
    let app = TestApp::new().await;
    let ada = Guarded::new(&app, "ada").await;
    let body = json!({"current_password": PASSWORD, "new_password": "a louder violet engine"});
    assert_eq!(ada.client.put(PASSWORD_OF_ME, body).await.status, 204);
    let app = app.restart().await;
    let sign_in = json!({
        "email": "ada@example.com", "password": "a louder violet engine", "totp_code": ada.code(&app),
    });
    assert_eq!(app.nobody().post(LOGIN, sign_in).await.status, 200);
}
