use chrono::Duration;
use mist::config::Accounts;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{
    EMAIL_OF_ME, FORGOT, ME, PASSWORD_OF_ME, RESET, VERIFY, events, login, refresh, second_factor::Guarded,
};
use crate::support::{PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "seven purple lanterns";
const CHOOSE: &str = "choose a new password";

async fn forgot(app: &TestApp, email: &str) -> Reply {
    app.nobody().post(FORGOT, json!({"email": email})).await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Reply {
    app.nobody().post(RESET, json!({"token": token, "new_password": password})).await
}

/// Asks for a link and opens the mail.
async fn mailed(app: &TestApp) -> String {
    assert_eq!(forgot(app, ADA).await.status, 202);
    app.token(ADA, CHOOSE).await
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_every_session_ended() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply = forgot(&app, "ADA@Example.com").await;
    assert_eq!((reply.status, reply.text().as_str()), (202, ""));
    let letters = app.letters(ADA).await;
    let (url, token) = letters.last().unwrap().link();
    assert_eq!(url, app.app.public_url(&format!("/reset-password?token={token}")));
    let reply = reset(&app, &token, NEW_PASSWORD).await;
    assert_eq!((reply.status, reply.text().as_str()), (204, ""), "nobody is signed in by it");
    assert_eq!(ada.get(ME).await.status, 401);
    assert_eq!(refresh(&app, ada.session()).await.status, 401);
    assert_eq!(login(&app, ADA, PASSWORD).await.status, 401);
    let session = login(&app, ADA, NEW_PASSWORD).await.json();
    assert_eq!(session["account"]["email_verified"], true, "who has the token reads the mail");
    assert_eq!(app.subjects(ADA).await.last().unwrap(), "your password was changed");
    assert_eq!(events(&app, "account.password_reset").await, 1);
    let again = reset(&app, &token, "eight copper gliders").await;
    assert_eq!((again.status, again.code().as_str()), (422, "invalid_token"));
}

#[tokio::test]
async fn asking_does_the_same_for_an_unknown_address_and_tells_nothing() {
    let app = TestApp::new().await;
    app.account("ada").await;
    app.run_jobs().await;
    let before = entity::job::Entity::find().all(&app.app.db.read).await.unwrap().len();
    for email in [ADA, "nobody@example.com", "no address"] {
        let reply = forgot(&app, email).await;
        assert_eq!((reply.status, reply.text().as_str()), (202, ""), "{email}");
    }
    let jobs = entity::job::Entity::find().all(&app.app.db.read).await.unwrap();
    assert_eq!(jobs.len(), before + 3, "each is one job that names an account");
    let asked: Vec<_> = jobs.iter().filter(|job| job.kind == "password_reset_asked").collect();
    assert!(asked.iter().all(|job| job.payload.as_object().unwrap().len() == 1));
    assert_eq!(app.subjects(ADA).await, ["confirm your address", CHOOSE]);
    assert_eq!(app.mails().len(), 2);
    assert!(
        entity::job::Entity::find()
            .all(&app.app.db.read)
            .await
            .unwrap()
            .iter()
            .all(|job| job.state == "done")
    );
}

#[tokio::test]
async fn a_reset_link_lives_thirty_minutes_and_dies_on_a_newer_one() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let first = mailed(&app).await;
    let second = mailed(&app).await;
    assert_ne!(first, second);
    assert_eq!(reset(&app, &first, NEW_PASSWORD).await.code(), "invalid_token");
    app.advance(Duration::minutes(30));
    assert_eq!(reset(&app, &second, NEW_PASSWORD).await.code(), "invalid_token");
    let third = mailed(&app).await;
    app.advance(Duration::minutes(29));
    assert_eq!(reset(&app, &third, "short").await.code(), "too_short", "a faulty password costs no token");
    assert_eq!(reset(&app, &third, "ada@example.com1").await.code(), "too_weak");
    assert_eq!(reset(&app, &third, NEW_PASSWORD).await.status, 204);
}

#[tokio::test]
async fn a_reset_link_dies_on_a_change_of_the_password_and_of_the_address() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let token = mailed(&app).await;
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    assert_eq!(ada.put(PASSWORD_OF_ME, body).await.status, 204);
    assert_eq!(reset(&app, &token, "eight copper gliders").await.code(), "invalid_token");

    let token = mailed(&app).await;
    ada.post(EMAIL_OF_ME, json!({"email": "ada@new.example.com", "password": NEW_PASSWORD})).await;
    let proof = app.token("ada@new.example.com", "confirm your new address").await;
    assert_eq!(app.nobody().post(VERIFY, json!({"token": proof})).await.status, 204);
    assert_eq!(reset(&app, &token, "eight copper gliders").await.code(), "invalid_token");
    assert_eq!(login(&app, "ada@new.example.com", NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn of_twenty_who_reset_by_one_link_at_once_one_succeeds() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let token = mailed(&app).await;
    let replies = futures::future::join_all((0..20).map(|_| reset(&app, &token, NEW_PASSWORD))).await;
    let done = replies.iter().filter(|reply| reply.status == 204).count();
    let refused = replies.iter().filter(|reply| reply.status == 422).count();
    assert_eq!((done, refused), (1, 19));
    assert_eq!(events(&app, "account.password_reset").await, 1);
}

#[tokio::test]
async fn a_link_for_one_purpose_serves_no_other() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let token = mailed(&app).await;
    let proof = app.token(ADA, "confirm your address").await;
    assert_eq!(reset(&app, &proof, NEW_PASSWORD).await.code(), "invalid_token");
    assert_eq!(app.nobody().post(VERIFY, json!({"token": token})).await.code(), "invalid_token");
}

#[tokio::test]
async fn three_resets_an_hour_are_mailed_and_the_answer_stays_the_same() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let mails = async || {
        let subjects = app.subjects(ADA).await;
        subjects.iter().filter(|subject| *subject == CHOOSE).count()
    };
    for _ in 0..5 {
        assert_eq!(forgot(&app, ADA).await.status, 202);
        app.run_jobs().await;
    }
    assert_eq!(mails().await, 3);
    app.advance(Duration::minutes(61));
    forgot(&app, ADA).await;
    assert_eq!(mails().await, 4);
}

#[tokio::test]
async fn an_address_asks_for_thirty_links_a_minute() {
    let app = TestApp::with(|config| config.accounts = Accounts::default()).await;
    for _ in 0..30 {
        assert_eq!(forgot(&app, "nobody@example.com").await.status, 202);
    }
    let reply = forgot(&app, ADA).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    app.advance(Duration::minutes(1));
    assert_eq!(forgot(&app, ADA).await.status, 202);
}

#[tokio::test]
async fn who_never_proved_an_address_keeps_its_owner_out_by_no_second_factor() {
    let app = TestApp::new().await;
    let squatter = Guarded::new(&app, "ada").await;
    let token = mailed(&app).await;
    assert_eq!(reset(&app, &token, NEW_PASSWORD).await.status, 204);
    assert_eq!(login(&app, ADA, NEW_PASSWORD).await.status, 200);
    assert_eq!(squatter.client.get(ME).await.status, 401);
}

#[tokio::test]
async fn who_is_suspended_is_neither_mailed_nor_let_in() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let token = mailed(&app).await;
    let status = Set(entity::account::Status::Suspended);
    let row = entity::account::ActiveModel { id: Set(ada.account_id()), status, ..Default::default() };
    row.update(app.app.db.writer()).await.unwrap();
    assert_eq!(reset(&app, &token, NEW_PASSWORD).await.code(), "invalid_token");
    let before = app.letters(ADA).await.len();
    forgot(&app, ADA).await;
    assert_eq!(app.letters(ADA).await.len(), before);
}
