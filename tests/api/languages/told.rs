//! Problem documents and pages in the language of who reads them.
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const NOWHERE: &str = "/api/v1/products/nothing";

async fn ask(client: &Client, path: &str, accept: &str) -> Reply {
    Reply::of(client.request(Method::GET, path).header("accept-language", accept)).await
}

/// The language that an answer says it is in, and its sentence.
fn told(reply: &Reply) -> (String, String) {
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    (reply.header("content-language").to_owned(), detail)
}

fn is(language: &str, detail: &str) -> (String, String) {
    (language.to_owned(), detail.to_owned())
}

async fn somebody(app: &TestApp, locale: Value) -> Client {
    let body =
        json!({"email": "ada@example.com", "password": PASSWORD, "display_name": "Ada", "locale": locale});
    Client::signed_in(&app.url, &app.nobody().post("/api/v1/auth/register", body).await.json())
}

#[tokio::test]
async fn a_problem_is_told_in_the_readers_language_and_means_the_same_to_programs() {
    let app = TestApp::new().await;
    let german = ask(&app.nobody(), NOWHERE, "de-AT, fr;q=0.5").await;
    assert_eq!(
        german.json(),
        json!({
            "type": "/problems/not_found", "title": "Nicht gefunden", "status": 404,
            "detail": "Unter diesem Namen gibt es hier nichts.", "instance": NOWHERE, "code": "not_found",
        })
    );
    assert_eq!(german.header("content-language"), "de");
    let vary: Vec<&str> =
        german.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(vary.join(", ").contains("Accept-Language"), "{vary:?}");
    assert_eq!(
        told(&ask(&app.nobody(), NOWHERE, "nl, ja;q=0.3").await),
        is("ja", "指定されたものは見つかりません。")
    );
    let head = Reply::of(app.nobody().request(Method::HEAD, NOWHERE).header("accept-language", "es")).await;
    assert_eq!((head.status, head.header("content-language"), head.body.len()), (404, "es", 0));
}

#[tokio::test]
async fn the_address_beats_the_account_which_beats_the_browser() {
    let app = TestApp::new().await;
    let (nobody, ada) = (app.nobody(), somebody(&app, json!("fr")).await);
    let asked = format!("{NOWHERE}?locale=es");
    assert_eq!(told(&ask(&ada, &asked, "de").await), is("es", "Aquí no hay nada con ese nombre."));
    assert_eq!(told(&ask(&ada, NOWHERE, "de").await), is("fr", "Il n’y a rien ici sous ce nom."));
    assert_eq!(told(&ask(&nobody, &asked, "de").await).0, "es");
    // Also where the account may not what it asks for.
    let refused = ask(&ada, "/api/v1/admin/accounts", "de").await;
    assert_eq!((refused.status, told(&refused)), (403, is("fr", "Votre compte n’a pas le rôle nécessaire.")));
}

#[tokio::test]
async fn a_language_nobody_translated_falls_back_to_the_stores_and_then_to_english() {
    let app = TestApp::new().await;
    for accept in ["nl", "", "*", "de;q=0", "§", "x-klingon"] {
        assert_eq!(
            told(&ask(&app.nobody(), NOWHERE, accept).await),
            is("en", "There is nothing here by that name.")
        );
    }
    let app = TestApp::with(|config| config.store.locale = "de-CH".parse().unwrap()).await;
    assert_eq!(told(&ask(&app.nobody(), NOWHERE, "nl").await).0, "de");
    assert_eq!(told(&ask(&app.nobody(), NOWHERE, "en").await).0, "en");
}

#[tokio::test]
async fn of_a_long_wish_list_only_the_beginning_is_read() {
    let app = TestApp::new().await;
    let beyond = format!("{}de", "nl, ".repeat(20));
    assert_eq!(told(&ask(&app.nobody(), NOWHERE, &beyond).await).0, "en");
    let within = format!("{}de", "nl, ".repeat(19));
    assert_eq!(told(&ask(&app.nobody(), NOWHERE, &within).await).0, "de");
}

#[tokio::test]
async fn every_fault_is_told_in_the_readers_language_with_its_numbers() {
    let app = TestApp::new().await;
    let body = json!({"email": "ada", "password": "short", "display_name": " ", "locale": 1});
    let request = app.nobody().request(Method::POST, "/api/v1/auth/register").json(&body);
    let reply = Reply::of(request.header("accept-language", "de")).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "validation_failed"));
    let json = reply.json();
    assert_eq!(
        json["errors"],
        json!([
            {"field": "display_name", "code": "required", "message": "darf nicht nur aus Leerraum bestehen"},
            {"field": "email", "code": "invalid_email", "message": "ist keine E-Mail-Adresse"},
            {"field": "locale", "code": "wrong_type", "message": "muss ein Text sein"},
            {"field": "password", "code": "too_short", "message": "muss mindestens 10 Bytes lang sein"},
        ])
    );
    assert_eq!(json["detail"], "Einige Felder sind nicht, wie sie sein sollen; siehe `errors`.");
}

#[tokio::test]
async fn what_keeps_a_product_from_the_store_is_told_in_the_editors_language() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let product =
        editor.post("/api/v1/admin/products", json!({"kind": "game", "title": "Chess"})).await.json();
    let path = format!("/api/v1/admin/products/{}/publish", product["id"].as_str().unwrap());
    let reply = Reply::of(editor.request(Method::POST, &path).header("accept-language", "de")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_publishable"));
    let errors = reply.json()["errors"].clone();
    assert_eq!(
        errors[0],
        json!({"field": "prices", "code": "no_price", "message": "enthält noch keinen Preis"})
    );
    assert_eq!(errors[1]["code"], "nothing_to_deliver");
}

#[tokio::test]
async fn bad_lines_of_an_import_are_told_in_the_editors_language() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let request = editor.request(Method::POST, "/api/v1/admin/import").header("accept-language", "fr");
    let reply = Reply::of(request.header("content-type", "application/x-ndjson").body("no JSON\n")).await;
    let message = "Le corps de la requête n’est pas du JSON en UTF-8.";
    assert_eq!(reply.json()["errors"], json!([{"line": 1, "code": "malformed_json", "message": message}]));
}

#[tokio::test]
async fn pages_speak_every_language() {
    let app = TestApp::new().await;
    let pages = [
        "/verify-email?token=x",
        "/reset-password?token=x",
        "/unsubscribe?token=x",
        "/checkout/thank-you",
        "/checkout/cancelled",
    ];
    for language in mist::languages::Language::all().map(|language| language.tag()) {
        for path in pages {
            let page = ask(&app.nobody(), path, language).await;
            assert_eq!((page.status, page.header("content-language")), (200, language));
            assert_eq!(page.header("vary"), "Accept-Language");
            let html = page.text();
            assert!(html.contains(&format!("<html lang=\"{language}\">")) && !html.contains("{ $"), "{html}");
        }
    }
    let page = ask(&app.nobody(), "/checkout/cancelled", "de").await;
    assert!(page.text().contains("<h1>Zahlung nicht abgeschlossen</h1>"), "{}", page.text());
}

#[tokio::test]
async fn a_form_that_is_refused_says_why_in_the_readers_language() {
    let app = TestApp::new().await;
    let submit = async |path: &str, body: &'static str| {
        let request = app.nobody().request(Method::POST, path).header("accept-language", "de").body(body);
        Reply::of(request.header("content-type", "application/x-www-form-urlencoded")).await
    };
    let page = submit("/reset-password", "token=x&new_password=short").await;
    assert!(page.text().contains("Das Passwort muss mindestens 10 Bytes lang sein."), "{}", page.text());
    let page = submit("/verify-email", "token=x").await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("Dieser Link funktioniert nicht mehr."), "{}", page.text());
}
