//! The keys of the access tokens: what they sign others can verify, they rotate, and nothing else counts.
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use mist::{accounts, background};
use reqwest::Method;
use serde_json::{Value, json};

use super::ME;
use crate::support::{PASSWORD, Reply, TestApp, judge::judge, noon};

const KEYS: &str = "/.well-known/jwks.json";

async fn rotate(app: &TestApp, at_once: bool) {
    let app = &app.app;
    accounts::rotate_token_keys(&app.db, &app.master, &app.clock, at_once).await.unwrap();
}

fn token(session: &Value) -> &str {
    session["access_token"].as_str().unwrap()
}

fn header(token: &str) -> Value {
    let head = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap()
}

async fn sign_in(app: &TestApp, name: &str) -> Value {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
    let reply = app.nobody().post("/api/v1/auth/login", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn is_let_in(app: &TestApp, token: &str) -> bool {
    let reply = Reply::of(app.nobody().request(Method::GET, ME).bearer_auth(token)).await;
    if reply.status == 401 {
        assert_eq!((reply.code().as_str(), reply.header("www-authenticate")), ("unauthorized", "Bearer"));
    }
    reply.status == 200
}

async fn published(app: &TestApp) -> Vec<String> {
    let keys = app.nobody().get(KEYS).await.json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// A store of which several copies may stand at one address.
async fn store() -> TestApp {
    TestApp::with(|config| config.http.public_url = Some("https://store.example".parse().unwrap())).await
}

/// Waits until a copy has read other keys than it had: it does so every two seconds.
async fn until_it_knows(app: &TestApp, before: &[String]) -> Vec<String> {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(20));
    let wait = async {
        loop {
            let keys = published(app).await;
            if keys != before {
                return keys;
            }
            beat.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), wait)
        .await
        .expect("no copy may be later than that")
}

#[tokio::test]
async fn others_verify_a_token_by_the_published_keys() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let asked = json!({
        "judge": "token", "token": token(ada.session()), "jwks": app.nobody().get(KEYS).await.json(),
        "issuer": app.app.public_url(""),
    });
    let claims = judge(&asked)["answer"].clone();
    assert_eq!(claims["sub"], ada.account_id().to_string());
    assert_eq!(claims["exp"], noon().timestamp() + 900);
    let mut tampered = asked.clone();
    let mut letters: Vec<char> = token(ada.session()).chars().collect();
    let middle = letters.iter().position(|letter| *letter == '.').unwrap() + 5;
    letters[middle] = if letters[middle] == 'A' { 'B' } else { 'A' };
    tampered["token"] = json!(letters.into_iter().collect::<String>());
    assert!(judge(&tampered)["refused"].is_string());
}

#[tokio::test]
async fn an_authenticator_app_shows_the_code_that_confirms_it() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let uri = ada.act(super::TOTP).await.json()["otpauth_uri"].clone();
    let code = judge(&json!({"judge": "code", "otpauth_uri": uri, "at": app.clock.now().timestamp()}));
    let reply = ada.post("/api/v1/me/totp/confirm", json!({"code": code["answer"]})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_verifies_until_its_tokens_are_over() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let first = header(token(ada.session()))["kid"].clone();
    let before = published(&app).await;
    rotate(&app, false).await;
    let keys = until_it_knows(&app, &before).await;
    assert_eq!(keys[1], first, "the newest comes first");
    let early = sign_in(&app, "ada").await;
    assert_eq!(header(token(&early))["kid"], first, "who kept the keys must know the new one first");

    app.advance(TimeDelta::minutes(6));
    let late = sign_in(&app, "ada").await;
    assert_eq!(header(token(&late))["kid"], keys[0]);
    assert!(is_let_in(&app, token(&early)).await && is_let_in(&app, token(&late)).await);

    app.advance(TimeDelta::minutes(15) + TimeDelta::seconds(6));
    assert_eq!(published(&app).await, keys[..1], "its last token is over");
    assert!(background::tick(&app.app, "retention").await.unwrap());
    let left = accounts::token_keys(&app.app.db, &app.app.master).await.unwrap();
    assert_eq!(left.iter().map(|key| key.id.clone()).collect::<Vec<_>>(), keys[..1]);
    assert!(is_let_in(&app, token(&sign_in(&app, "ada").await)).await);
}

#[tokio::test]
async fn keys_rotate_as_often_as_one_likes() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let before = published(&app).await;
    rotate(&app, false).await;
    let before = until_it_knows(&app, &before).await;
    app.advance(TimeDelta::minutes(1));
    rotate(&app, false).await;
    let keys = until_it_knows(&app, &before).await;
    assert_eq!(keys.len(), 3);
    app.advance(TimeDelta::minutes(5));
    let second = sign_in(&app, "ada").await;
    app.advance(TimeDelta::minutes(1));
    let third = sign_in(&app, "ada").await;
    assert_eq!(
        (&header(token(&second))["kid"], &header(token(&third))["kid"]),
        (&json!(keys[1]), &json!(keys[0]))
    );
    assert!(is_let_in(&app, token(&second)).await);
}

#[tokio::test]
async fn a_key_that_leaked_verifies_nothing_any_more() {
    let app = store().await;
    let ada = app.account("ada").await;
    let other = app.another_copy().await;
    assert!(is_let_in(&other, token(ada.session())).await);
    let before = published(&app).await;
    rotate(&app, true).await;
    let now = sign_in(&app, "ada").await;
    until_it_knows(&app, &before).await;
    until_it_knows(&other, &before).await;
    assert!(!is_let_in(&app, token(ada.session())).await);
    assert!(!is_let_in(&other, token(ada.session())).await);
    let fresh = sign_in(&app, "ada").await;
    assert!(is_let_in(&other, token(&fresh)).await);
    let refreshed = super::refresh(&app, &now).await;
    assert_eq!(refreshed.status, 200, "sessions go on");
}

#[tokio::test]
async fn a_copy_finds_by_itself_what_another_signs_with() {
    let app = store().await;
    app.account("ada").await;
    let other = app.another_copy().await;
    let before = published(&other).await;
    rotate(&app, true).await;
    until_it_knows(&app, &before).await;
    let session = sign_in(&app, "ada").await;
    assert!(is_let_in(&other, token(&session)).await, "an unknown key is looked for at once");
}

/// A token that is signed by somebody else's key, or by none, with these members.
fn forged(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn whatever_else_calls_itself_a_token_is_refused() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let (good, mine) = (token(ada.session()).to_owned(), header(token(ada.session()))["kid"].clone());
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap()).unwrap();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let foreign = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let by_foreign = |bytes: &[u8]| foreign.sign(bytes).as_ref().to_vec();
    let public = app.nobody().get(KEYS).await.json()["keys"][0]["x"].as_str().unwrap().to_owned();
    let by_public = |key: Vec<u8>| {
        move |bytes: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), bytes).as_ref().to_vec()
    };
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(foreign.public_key())});
    let eddsa = json!({"alg": "EdDSA", "kid": mine});
    let with = |name: &str, value: Value| {
        let mut header = eddsa.clone();
        header[name] = value;
        header
    };
    let parts: Vec<&str> = good.split('.').collect();
    let cut = format!("{}.{}.{}", parts[0], parts[1], &parts[2][..parts[2].len() - 2]);
    let padded = format!("{good}==");
    let refresh = ada.session()["refresh_token"].as_str().unwrap().to_owned();
    let attempts = [
        ("no signature", forged(&json!({"alg": "none", "kid": mine}), &claims, |_| Vec::new())),
        (
            "no signature, spelt otherwise",
            forged(&json!({"alg": "nOnE", "kid": mine}), &claims, |_| Vec::new()),
        ),
        (
            "the public key as a secret",
            forged(
                &json!({"alg": "HS256", "kid": mine}),
                &claims,
                by_public(URL_SAFE_NO_PAD.decode(&public).unwrap()),
            ),
        ),
        (
            "its text as a secret",
            forged(&json!({"alg": "HS256", "kid": mine}), &claims, by_public(public.clone().into_bytes())),
        ),
        ("a foreign key by our name", forged(&eddsa, &claims, by_foreign)),
        (
            "a foreign key by its own name",
            forged(&with("kid", json!("0123456789abcdef")), &claims, by_foreign),
        ),
        ("a path for a name", forged(&with("kid", json!("../../dev/null")), &claims, by_foreign)),
        ("no name", forged(&json!({"alg": "EdDSA"}), &claims, by_foreign)),
        ("a key in the header", forged(&with("jwk", jwk), &claims, by_foreign)),
        ("an address of keys", forged(&with("jku", json!("https://evil.example/keys")), &claims, by_foreign)),
        (
            "a certificate's address",
            forged(&with("x5u", json!("https://evil.example/x")), &claims, by_foreign),
        ),
        ("a signature cut off", cut),
        ("a signature padded", padded),
        ("a refresh token", refresh),
        ("an API key's form", "mist_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".to_owned()),
        ("three dots", "..".to_owned()),
    ];
    for (what, token) in attempts {
        assert!(!is_let_in(&app, &token).await, "{what}");
    }
    assert!(is_let_in(&app, &good).await, "the right one still is");
}

#[tokio::test]
async fn a_token_of_another_store_or_of_the_future_is_refused() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    // The same keys and sessions at another address: what tells them apart is in the claims.
    let elsewhere = app.another_copy().await;
    assert_ne!(elsewhere.app.public_url(""), app.app.public_url(""));
    assert!(!is_let_in(&elsewhere, token(ada.session())).await);
    let there = sign_in(&elsewhere, "ada").await;
    assert!(is_let_in(&elsewhere, token(&there)).await && !is_let_in(&app, token(&there)).await);
    app.advance(TimeDelta::seconds(-60));
    assert!(!is_let_in(&app, token(ada.session())).await, "signed in what is the future now");
}
