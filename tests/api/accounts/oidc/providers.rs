use chrono::Duration;
use mist::background;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{
    Browser, PROVIDERS,
    fake::{Fake, Key},
    provider, refusal, start,
};
use crate::support::{TestApp, program};

#[tokio::test]
async fn the_providers_of_the_settings_are_listed() {
    let app = TestApp::with(|config| {
        config.http.public_url = Some("https://store.example.com".parse().unwrap());
        config.oidc.insert("google".to_owned(), provider("https://accounts.google.com", "mist", None));
    })
    .await;
    let expected = json!({
        "items": [{
            "name": "google", "display_name": "A provider",
            "start_url": "https://store.example.com/api/v1/auth/oidc/google/start",
        }],
        "next_cursor": null,
    });
    assert_eq!(app.nobody().get(PROVIDERS).await.json(), expected);
    assert_eq!(TestApp::new().await.nobody().get(PROVIDERS).await.json()["items"], json!([]));
    for path in [start("other"), format!("{PROVIDERS}/other/callback?code=a&state=b")] {
        assert_eq!(refusal(&app.nobody().get(&path).await), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn a_sign_in_goes_out_with_everything_that_protects_it() {
    let fake = Fake::new(&Key::new("first")).await;
    let app = fake.store().await;
    let mut places = Vec::new();
    for _ in 0..2 {
        let reply = app.nobody().get(&start("fake")).await;
        assert_eq!(reply.status, 303);
        let cookie = reply.header("set-cookie");
        assert!(cookie.starts_with("mist_sign_in=") && !cookie.contains("Secure"), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{cookie}");
        places.push(url::Url::parse(reply.header("location")).unwrap());
    }
    let value =
        |at: usize, name: &str| places[at].query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", "mist"),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", &app.app.public_url("/api/v1/auth/oidc/fake/callback")),
    ] {
        assert_eq!(value(0, name), expected);
    }
    for secret in ["state", "nonce", "code_challenge"] {
        assert!(value(0, secret).len() == 43 && value(0, secret) != value(1, secret), "{secret}");
    }
}

#[tokio::test]
async fn behind_tls_the_cookie_is_bound_to_the_host() {
    let fake = Fake::new(&Key::new("first")).await;
    let app = TestApp::with(|config| {
        config.http.public_url = Some("https://store.example.com".parse().unwrap());
        config.oidc.insert("fake".to_owned(), provider(&fake.issuer, "mist", None));
    })
    .await;
    let reply = app.nobody().get(&start("fake")).await;
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-mist_sign_in=") && cookie.ends_with("; SameSite=Lax; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_provider_that_is_down_or_lies_of_itself_is_503_for_its_own_calls() {
    for broken in ["nobody listens", "another issuer", "too large", "no json", "an endpoint of no web"] {
        let fake = Fake::new(&Key::new("first")).await;
        let whole = Fake::new(&Key::new("first")).await;
        fake.say(|said| match broken {
            "another issuer" => said.discovery["issuer"] = json!("https://other.example.com"),
            "too large" => said.discovery["padding"] = json!("x".repeat(300_000)),
            "no json" => said.discovery = json!("no document"),
            "an endpoint of no web" => said.discovery["jwks_uri"] = json!("file:///etc/passwd"),
            _ => {}
        });
        let issuer = if broken == "nobody listens" { "http://127.0.0.1:1" } else { &fake.issuer };
        let app = TestApp::with(|config| {
            config.oidc.insert("broken".to_owned(), provider(issuer, "mist", None));
            config.oidc.insert("whole".to_owned(), provider(&whole.issuer, "mist", None));
        })
        .await;
        let reply = app.nobody().get(&start("broken")).await;
        assert_eq!(refusal(&reply), (503, "provider_unavailable".to_owned()), "{broken}");
        assert!(!reply.header("retry-after").is_empty());
        assert_eq!(app.nobody().get(&start("whole")).await.status, 303, "{broken}");
        assert_eq!(app.nobody().get(PROVIDERS).await.status, 200, "{broken}");
    }
}

#[tokio::test]
async fn a_provider_that_was_down_is_used_when_it_is_back() {
    let fake = Fake::new(&Key::new("first")).await;
    let app = fake.store().await;
    let issuer = json!(fake.issuer);
    fake.say(|said| said.discovery["issuer"] = json!("https://other.example.com"));
    assert_eq!(app.nobody().get(&start("fake")).await.status, 503);
    fake.say(|said| said.discovery["issuer"] = issuer);
    assert_eq!(app.nobody().get(&start("fake")).await.status, 303);
}

#[tokio::test]
async fn sign_ins_that_never_came_back_are_forgotten() {
    let fake = Fake::new(&Key::new("first")).await;
    let app = fake.store().await;
    let begun = async || entity::oidc_sign_in::Entity::find().count(&app.app.db.read).await.unwrap();
    Browser::default().begin(&app, &start("fake")).await;
    background::tick(&app.app, "retention").await.unwrap();
    assert_eq!(begun().await, 1);
    app.advance(Duration::hours(2));
    background::tick(&app.app, "retention").await.unwrap();
    assert_eq!(begun().await, 0);
}

#[tokio::test]
async fn the_secret_of_a_client_is_shown_masked() {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .arg("config")
        .current_dir(folder.path())
        .env("MIST_OIDC__POOL__ISSUER", "https://id.example.com")
        .env("MIST_OIDC__POOL__CLIENT_ID", "mist")
        .env("MIST_OIDC__POOL__CLIENT_SECRET", "hunter:2")
        .output()
        .await
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && shown.contains("https://id.example.com"), "{shown}");
    assert!(!shown.contains("hunter"), "{shown}");
}
