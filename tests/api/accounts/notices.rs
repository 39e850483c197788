use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

use super::{LOGIN, PASSWORD_OF_ME, login, refresh};
use crate::support::{Client, PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";
const NEW_DEVICE: &str = "a new sign-in to your account";

async fn login_on(app: &TestApp, device: &str) -> Reply {
    let body = json!({"email": ADA, "password": PASSWORD});
    Reply::of(app.nobody().request(reqwest::Method::POST, LOGIN).header("user-agent", device).json(&body))
        .await
}

#[tokio::test]
async fn a_sign_in_is_told_when_its_device_is_new() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    assert_eq!(login(&app, ADA, PASSWORD).await.status, 200);
    assert_eq!(app.subjects(ADA).await, ["confirm your address"], "registering was on this device");
    assert_eq!(login_on(&app, "Your account is blocked, go to https://evil.example").await.status, 200);
    assert_eq!(
        app.subjects(ADA).await.len(),
        1,
        "the address may be a stranger's, who wants no words of ours"
    );
    named(&app, &ada, "Ada", true).await;
    for _ in 0..2 {
        assert_eq!(login_on(&app, "Toaster/1.0 <b>").await.status, 200);
    }
    assert_eq!(login(&app, ADA, "another violet engine").await.status, 401);
    assert_eq!(app.subjects(ADA).await, ["confirm your address", NEW_DEVICE]);
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.contains("Device: Toaster/1.0 <b>") && letter.text.contains("Address: 127.0.0.1"));
    assert!(letter.html.contains("Toaster") && !letter.html.contains("<b>"), "{}", letter.html);
}

#[tokio::test]
async fn a_token_that_came_twice_is_told_once() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    named(&app, &ada, "Ada", true).await;
    assert_eq!(refresh(&app, ada.session()).await.status, 200);
    for _ in 0..2 {
        assert_eq!(refresh(&app, ada.session()).await.status, 401);
    }
    assert_eq!(app.subjects(ADA).await, ["confirm your address", "a device was signed out for safety"]);
}

#[tokio::test]
async fn a_changed_password_is_told() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let body = json!({"current_password": PASSWORD, "new_password": "seven purple lanterns"});
    assert_eq!(ada.put(PASSWORD_OF_ME, body).await.status, 204);
    assert_eq!(app.subjects(ADA).await, ["confirm your address", "your password was changed"]);
}

async fn named(app: &TestApp, ada: &Client, name: &str, proven: bool) {
    let row = entity::account::ActiveModel {
        id: Set(ada.account_id()),
        display_name: Set(name.to_owned()),
        email_verified: Set(proven),
        ..Default::default()
    };
    row.update(app.app.db.writer()).await.unwrap();
}

#[tokio::test]
async fn a_name_becomes_neither_header_nor_markup_nor_a_line_of_its_own() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    named(&app, &ada, "Ada\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>", true).await;
    assert_eq!(login_on(&app, "Toaster/1.0").await.status, 200);
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.headers.lines().all(|line| !line.starts_with("Bcc")), "{}", letter.headers);
    let greeting = "Hello Ada Bcc: eve@example.com <script>alert(1)</script>,";
    assert_eq!(letter.text.lines().next(), Some(greeting));
    assert!(!letter.html.contains("<script>") && letter.html.contains("&lt;script&gt;"), "{}", letter.html);
}

#[tokio::test]
async fn an_address_that_may_be_a_strangers_is_sent_no_words_of_who_registered_it() {
    let app = TestApp::new().await;
    let body = json!({"email": ADA, "password": PASSWORD, "display_name": "Win at casino.example"});
    assert_eq!(app.nobody().post(super::REGISTER, body).await.status, 201);
    let letters = app.letters(ADA).await;
    assert!(letters.len() == 1 && !format!("{letters:?}").contains("casino"));
    assert!(letters[0].text.starts_with("Hello,\n"), "{}", letters[0].text);
}
