use chrono::Duration;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{EMAIL_OF_ME, FORGOT, ME, PASSWORD_OF_ME, RESEND, VERIFY, events, login, refresh};
use crate::support::{Client, PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "ada@new.example.com";

async fn verify(app: &TestApp, token: &str) -> Reply {
    app.nobody().post(VERIFY, json!({"token": token})).await
}

async fn ask_for(who: &Client, email: &str) -> Reply {
    who.post(EMAIL_OF_ME, json!({"email": email, "password": PASSWORD})).await
}

/// Address and whether it is proven.
async fn address(who: &Client) -> (String, bool) {
    let account = who.get(ME).await.json();
    (account["email"].as_str().unwrap().to_owned(), account["email_verified"].as_bool().unwrap())
}

#[tokio::test]
async fn the_mail_of_registering_proves_the_address_once() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    assert_eq!(address(&ada).await, (ADA.to_owned(), false));
    let letters = app.letters(ADA).await;
    assert_eq!(letters.len(), 1);
    let (url, token) = letters[0].link();
    assert_eq!(url, app.app.public_url(&format!("/verify-email?token={token}")));
    let reply = verify(&app, &token).await;
    assert_eq!((reply.status, reply.text().as_str()), (204, ""));
    assert_eq!(address(&ada).await, (ADA.to_owned(), true));
    assert_eq!(events(&app, "account.email_verified").await, 1);
    let again = verify(&app, &token).await;
    assert_eq!((again.status, again.code().as_str()), (422, "invalid_token"));
    assert_eq!(again.faults(), [("token".to_owned(), "invalid_token".to_owned())]);
    assert_eq!(ada.act(RESEND).await.status, 202);
    assert_eq!(app.letters(ADA).await.len(), 1, "what is proven is not asked for again");
}

#[tokio::test]
async fn registering_is_answered_before_and_without_its_mail() {
    let app = TestApp::with(|config| {
        config.mail.kind = mist::config::MailKind::Smtp;
        config.mail.smtp.url = Some(mist::config::Secret::new("smtp://127.0.0.1:1"));
    })
    .await;
    let ada = app.account("ada").await;
    assert_eq!(ada.act(RESEND).await.status, 202);
    assert_eq!(app.nobody().post(FORGOT, json!({"email": ADA})).await.status, 202);
    app.run_jobs().await;
    assert_eq!(ada.get(ME).await.status, 200);
}

#[tokio::test]
async fn a_newer_link_ends_the_older_and_every_link_ends() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let first = app.token(ADA, "confirm your address").await;
    assert_eq!(ada.act(RESEND).await.status, 202);
    let second = app.token(ADA, "confirm your address").await;
    assert_ne!(first, second);
    assert_eq!(verify(&app, &first).await.code(), "invalid_token");
    app.advance(Duration::days(3));
    assert_eq!(verify(&app, &second).await.code(), "invalid_token");
    assert_eq!(verify(&app, "made-up").await.code(), "invalid_token");
    assert_eq!(verify(&app, "").await.code(), "required");
}

#[tokio::test]
async fn links_to_prove_an_address_are_mailed_five_times_an_hour() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    for _ in 0..4 {
        assert_eq!(ada.act(RESEND).await.status, 202);
    }
    let reply = ada.act(RESEND).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    assert!(!reply.header("retry-after").is_empty());
    assert_eq!(app.letters(ADA).await.len(), 1, "each newer one replaced the last before it was sent");
    app.advance(Duration::minutes(61));
    let ada = Client::signed_in(&app.url, &refresh(&app, ada.session()).await.json());
    assert_eq!(ada.act(RESEND).await.status, 202);
    assert_eq!(app.nobody().act(RESEND).await.status, 401);
}

#[tokio::test]
async fn of_twenty_who_use_a_link_at_once_one_succeeds() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let token = app.token(ADA, "confirm your address").await;
    let replies = futures::future::join_all((0..20).map(|_| verify(&app, &token))).await;
    let proven = replies.iter().filter(|reply| reply.status == 204).count();
    let refused = replies.iter().filter(|reply| reply.status == 422).count();
    assert_eq!((proven, refused), (1, 19));
    assert_eq!(events(&app, "account.email_verified").await, 1);
}

#[tokio::test]
async fn a_new_address_counts_once_it_is_proven_and_the_old_one_is_told() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let of_the_old = app.token(ADA, "confirm your address").await;
    let reply = ask_for(&ada, "ADA@new.example.com").await;
    assert_eq!((reply.status, reply.text().as_str()), (202, ""));
    assert_eq!(address(&ada).await, (ADA.to_owned(), false));
    let token = app.token(NEW, "confirm your new address").await;
    assert_eq!(app.subjects(ADA).await, ["confirm your address", "your address is being changed"]);
    assert!(!app.letters(ADA).await[1].text.contains("new.example.com"));

    assert_eq!(verify(&app, &token).await.status, 204);
    assert_eq!(address(&ada).await, (NEW.to_owned(), true));
    assert_eq!(login(&app, ADA, PASSWORD).await.status, 401);
    assert_eq!(login(&app, NEW, PASSWORD).await.status, 200);
    assert_eq!(events(&app, "account.email_changed").await, 1);
    assert_eq!(verify(&app, &of_the_old).await.code(), "invalid_token");
}

#[tokio::test]
async fn the_old_address_is_told_even_when_the_new_one_is_proven_first() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    app.run_jobs().await;
    ask_for(&ada, NEW).await;
    // Proven before any notice left: its job still names the address that was given up.
    let link = entity::account_link::Entity::find().all(&app.app.db.read).await.unwrap().pop().unwrap();
    assert_eq!(link.replaces.as_deref(), Some(ADA));
    let row = entity::account::ActiveModel {
        id: sea_orm::ActiveValue::Set(ada.account_id()),
        email: sea_orm::ActiveValue::Set(NEW.to_owned()),
        ..Default::default()
    };
    sea_orm::ActiveModelTrait::update(row, app.app.db.writer()).await.unwrap();
    assert_eq!(app.subjects(ADA).await, ["confirm your address", "your address is being changed"]);
}

#[tokio::test]
async fn an_address_is_not_changed_without_the_password() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply = ada.post(EMAIL_OF_ME, json!({"email": NEW, "password": "another violet engine"})).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.faults(), [("password".to_owned(), "invalid_credentials".to_owned())]);
    let reply = ada.post(EMAIL_OF_ME, json!({"email": "ada", "password": PASSWORD})).await;
    assert_eq!(reply.faults(), [("email".to_owned(), "invalid_email".to_owned())]);
    assert_eq!(app.subjects(ADA).await, ["confirm your address"]);
    assert_eq!(ask_for(&app.nobody(), NEW).await.status, 401);
}

#[tokio::test]
async fn asking_for_anothers_address_tells_nothing_and_takes_nothing() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    let (free, taken) = (ask_for(&ada, NEW).await, ask_for(&ada, "bob@example.com").await);
    assert_eq!((free.status, free.body), (taken.status, taken.body));
    assert_eq!(app.subjects("bob@example.com").await, ["confirm your address"], "nobody is bothered");
    assert_eq!(address(&bob).await.0, "bob@example.com");
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_with_who_took_it() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    ask_for(&ada, NEW).await;
    ask_for(&bob, NEW).await;
    let letters = app.letters(NEW).await;
    let (first, second) = (letters[0].link().1, letters[1].link().1);
    assert_eq!(verify(&app, &first).await.status, 204);
    let late = verify(&app, &second).await;
    assert_eq!((late.status, late.code().as_str()), (422, "invalid_token"));
    let mut addresses = [address(&ada).await.0, address(&bob).await.0];
    addresses.sort();
    assert!(addresses.contains(&NEW.to_owned()) && addresses[0] != addresses[1]);
    assert_eq!(events(&app, "account.email_changed").await, 1);
}

#[tokio::test]
async fn a_new_password_stops_a_change_of_the_address() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    ask_for(&ada, NEW).await;
    let token = app.token(NEW, "confirm your new address").await;
    let body = json!({"current_password": PASSWORD, "new_password": "seven purple lanterns"});
    assert_eq!(ada.put(PASSWORD_OF_ME, body).await.status, 204);
    assert_eq!(verify(&app, &token).await.code(), "invalid_token");
    assert_eq!(address(&ada).await.0, ADA);
}

#[tokio::test]
async fn links_lead_where_the_settings_say_whatever_a_request_claims() {
    let app = TestApp::with(|config| {
        config.http.frontend_url = Some("https://shop.example/app/".parse().unwrap());
    })
    .await;
    let body = json!({"email": ADA, "password": PASSWORD, "display_name": "Ada"});
    let request = app.nobody().request(reqwest::Method::POST, super::REGISTER).json(&body);
    let reply =
        Reply::of(request.header("host", "evil.example").header("x-forwarded-host", "evil.example")).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let letters = app.letters(ADA).await;
    assert!(letters[0].link().0.starts_with("https://shop.example/app/verify-email?token="));
    assert!(!format!("{letters:?}").contains("evil"));
}

#[tokio::test]
async fn no_token_and_no_address_lies_in_a_job_or_an_event() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    app.nobody().post(FORGOT, json!({"email": ADA})).await;
    ask_for(&ada, NEW).await;
    let tokens = [
        app.token(ADA, "confirm your address").await,
        app.token(ADA, "choose a new password").await,
        app.token(NEW, "confirm your new address").await,
    ];
    let db = &app.app.db.read;
    let jobs = format!("{:?}", entity::job::Entity::find().all(db).await.unwrap());
    let events = format!("{:?}", entity::event::Entity::find().all(db).await.unwrap());
    let links = format!("{:?}", entity::account_link::Entity::find().all(db).await.unwrap());
    for token in tokens {
        assert!(!jobs.contains(&token) && !events.contains(&token) && !links.contains(&token));
    }
    assert!(!jobs.contains("example.com") && !events.contains("example.com"), "{jobs}");
}

#[tokio::test]
async fn links_that_are_long_over_are_forgotten() {
    let app = TestApp::new().await;
    app.account("ada").await;
    app.advance(Duration::days(4) + Duration::minutes(1));
    mist::background::tick(&app.app, "retention").await.unwrap();
    assert_eq!(entity::account_link::Entity::find().all(&app.app.db.read).await.unwrap().len(), 0);
}
