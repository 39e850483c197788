//! Mail in the language of who gets it.
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";

/// Makes an account from a browser that accepts a language.
async fn register(app: &TestApp, locale: Value, accept: &str) -> Client {
    let body = json!({"email": ADA, "password": PASSWORD, "display_name": "Ada", "locale": locale});
    let request = app.nobody().request(Method::POST, "/api/v1/auth/register").json(&body);
    let reply = Reply::of(request.header("accept-language", accept)).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    Client::signed_in(&app.url, &reply.json())
}

#[tokio::test]
async fn a_mail_is_in_the_accounts_language_with_both_its_parts() {
    let app = TestApp::new().await;
    register(&app, json!("de-AT"), "fr").await;
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.starts_with("Guten Tag,\n\nbestätigen Sie mit diesem Link"), "{}", letter.text);
    assert!(letter.text.contains("Er gilt 3 Tage:") && letter.html.contains("Er gilt 3 Tage:"));
    assert!(letter.html.contains("<html lang=\"de\">"), "{}", letter.html);
    assert!(letter.html.contains("Meine Adresse bestätigen"));
    letter.link();
}

#[tokio::test]
async fn an_account_that_chose_no_language_is_written_to_in_the_one_it_was_made_in() {
    let app = TestApp::new().await;
    let ada = register(&app, Value::Null, "nl, fr;q=0.5").await;
    assert_eq!(ada.get("/api/v1/me").await.json()["locale"], Value::Null, "it chose none");
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.starts_with("Bonjour,\n"), "{}", letter.text);
    // What it chooses later counts from then on.
    let chosen = ada.request(Method::PATCH, "/api/v1/me").json(&json!({"locale": "es"}));
    assert_eq!(Reply::of(chosen).await.status, 200);
    let body = json!({"current_password": PASSWORD, "new_password": "seven purple lanterns"});
    assert_eq!(ada.put("/api/v1/me/password", body).await.status, 204);
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.contains("Se ha cambiado la contraseña de su cuenta."), "{}", letter.text);
}

#[tokio::test]
async fn nobodys_language_is_the_stores() {
    let app = TestApp::with(|config| config.store.locale = "ja".parse().unwrap()).await;
    register(&app, Value::Null, "").await;
    let letter = app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.starts_with("こんにちは。"), "{}", letter.text);
}

#[tokio::test]
async fn the_language_an_account_was_made_in_is_its_own_to_take_along_and_gone_when_it_is_erased() {
    let app = TestApp::new().await;
    let ada = register(&app, Value::Null, "de").await;
    let export = ada.get("/api/v1/me/export").await.json();
    assert_eq!(export["account"]["signup_locale"], "de", "{export}");
    let body = json!({"password": PASSWORD});
    let erased = Reply::of(ada.request(Method::DELETE, "/api/v1/me").json(&body)).await;
    assert_eq!(erased.status, 204, "{}", erased.text());
    let rows = entity::account::Entity::find().all(app.app.db.writer()).await.unwrap();
    assert!(rows.iter().all(|row| row.signup_locale.is_none()));
}
