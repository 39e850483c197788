use mist::config::Rate;
use serde_json::{Value, json};

use super::{REGISTER, events};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn registering_makes_an_account_and_signs_it_in() {
    let app = TestApp::new().await;
    let body =
        json!({"email": " Ada@Example.COM ", "password": PASSWORD, "display_name": "Ada", "country": "de"});
    let reply = app.nobody().post(REGISTER, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "private, no-store");
    let session = reply.json();
    assert_eq!((session["token_type"].as_str(), session["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
    let account = &session["account"];
    assert_eq!(
        account,
        &json!({
            "id": account["id"], "email": "ada@example.com", "email_verified": false, "display_name": "Ada",
            "locale": null, "country": "DE", "roles": ["customer"], "totp_enabled": false,
            "created_at": "2026-11-22T12:00:00Z",
        })
    );
    assert_eq!(events(&app, "account.created").await, 1);
}

#[tokio::test]
async fn every_faulty_field_is_named_at_once() {
    let app = TestApp::new().await;
    let body = json!({
        "email": "ada", "password": "short", "display_name": " ", "locale": "english!", "country": "XX", "admin": true,
    });
    let reply = app.nobody().post(REGISTER, body).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("admin", "unknown_field"),
        ("country", "invalid_country"),
        ("display_name", "required"),
        ("email", "invalid_email"),
        ("locale", "invalid_locale"),
        ("password", "too_short"),
    ];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_password_is_neither_short_nor_weak_nor_long() {
    let app = TestApp::new().await;
    let long = "a quiet violet engine ".repeat(12);
    for (password, code) in [
        ("123456789", "too_short"),
        ("жфщэъыю", "too_short"),
        ("passwordpassword", "too_weak"),
        (long.as_str(), "too_long"),
    ] {
        let body = json!({"email": "ada@example.com", "password": password, "display_name": "Ada"});
        let reply = app.nobody().post(REGISTER, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code), "{password}");
        assert!(!reply.text().contains(password));
    }
}

#[tokio::test]
async fn words_of_who_registers_and_where_are_no_password() {
    let app = TestApp::with(|config| config.store.name = "Lanternfish Games".to_owned()).await;
    for password in
        ["Lanternfish1", "lanternfishgames", "Zenobiaquill", "quillfeather9", "zenobia.quillfeather"]
    {
        let body = json!({
            "email": "zenobia.quill@quillfeather.example", "password": password, "display_name": "Zenobia Quillfeather",
        });
        let reply = app.nobody().post(REGISTER, body).await;
        assert_eq!(reply.faults(), [("password".to_owned(), "too_weak".to_owned())], "{password}");
    }
    assert_eq!(events(&app, "account.created").await, 0);
    // To anybody else they are as good as others.
    let body = json!({"email": "ada@example.com", "password": "quillfeather9", "display_name": "Ada"});
    assert_eq!(app.nobody().post(REGISTER, body).await.status, 201);
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_spelt() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let body = json!({"email": "ADA@ｅxample.com", "password": PASSWORD, "display_name": "Eve"});
    let reply = app.nobody().post(REGISTER, body).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "email_taken"));
    assert_eq!(events(&app, "account.created").await, 1);
}

#[tokio::test]
async fn twenty_who_register_one_address_at_once_make_one_account() {
    let app = TestApp::new().await;
    let attempts = (0..20).map(|number| {
        let email = if number % 2 == 0 { "ada@example.com" } else { "Ada@EXAMPLE.com" };
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Ada"});
        let nobody = app.nobody();
        async move { nobody.post(REGISTER, body).await }
    });
    let replies = futures::future::join_all(attempts).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let taken = replies.iter().filter(|reply| reply.status == 409 && reply.code() == "email_taken").count();
    assert_eq!((made, taken), (1, 19));
    let admin = app.admin().await;
    let items: Value = admin.get("/api/v1/admin/accounts?q=ada%40").await.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_registers_so_often_and_this_machine_as_often_as_it_likes() {
    let app = TestApp::with(|config| {
        config.accounts.registrations_per_address = Rate::new(2, 60 * 60);
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let register = async |from: &str, number: usize| {
        let email = format!("reader{number}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Reader"});
        app.nobody().coming_from(from, "Reader/1").post(REGISTER, body).await
    };
    for number in 0..2 {
        assert_eq!(register("192.0.2.1", number).await.status, 201);
    }
    let refused = register("192.0.2.1", 2).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_attempts"));
    // Else a store behind a proxy that it doesn't trust would take two registrations an hour of all the world.
    for number in 3..6 {
        assert_eq!(register("127.0.0.1", number).await.status, 201);
    }
    assert_eq!(register("::ffff:127.0.0.1", 6).await.status, 201);
}
