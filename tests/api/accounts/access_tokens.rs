use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::ME;
use crate::support::{Reply, TestApp, noon};

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_is_verified_by_the_public_keys_alone() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let reply = super::refresh(&app, editor.session()).await.json();
    let token = reply["access_token"].as_str().unwrap().to_owned();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let (header, claims) = (decoded(header), decoded(claims));

    let set = app.nobody().get("/.well-known/jwks.json").await;
    assert_eq!((set.status, set.header("cache-control")), (200, "public, max-age=300"));
    let key = set.json()["keys"][0].clone();
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &key["kid"]));
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ED25519, x).verify(signed.as_bytes(), &signature).unwrap();

    let at = noon().timestamp();
    assert_eq!(
        claims,
        json!({
            "iss": app.app.public_url(""), "aud": "mist", "sub": editor.account_id(), "sid": editor.session_id(),
            "iat": at, "exp": at + 900, "jti": claims["jti"], "roles": ["customer", "editor"],
        })
    );
}

#[tokio::test]
async fn a_token_lasts_fifteen_minutes() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    app.advance(Duration::seconds(899));
    assert_eq!(ada.get(ME).await.status, 200);
    app.advance(Duration::seconds(1));
    let reply = ada.get(ME).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "unauthorized"));
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let token = ada.session()["access_token"].as_str().unwrap();
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut claims = decoded(parts[1]);
    claims["roles"] = json!(["customer", "admin"]);
    let forged = URL_SAFE_NO_PAD.encode(claims.to_string());
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let symmetric = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let whole = parts.clone();
    parts[1] = &forged;
    let signature = parts[2];
    let attempts = [
        parts.join("."),
        [&unsigned, whole[1], ""].join("."),
        [&symmetric, whole[1], signature].join("."),
        [whole[0], whole[1], ""].join("."),
        "nonsense".to_owned(),
        String::new(),
    ];
    for token in attempts {
        let reply = Reply::of(app.nobody().request(Method::GET, ME).bearer_auth(&token)).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "unauthorized"), "{token}");
    }
    let basic = app.nobody().request(Method::GET, ME).basic_auth("ada@example.com", Some("x"));
    assert_eq!(Reply::of(basic).await.status, 401);
}

#[tokio::test]
async fn tokens_outlive_a_restart() {
    let app = TestApp::with(|config| {
        config.http.public_url = Some("https://store.example".parse().unwrap());
    })
    .await;
    let ada = app.account("ada").await;
    let app = app.restart().await;
    let ada = crate::support::Client::signed_in(&app.url, ada.session());
    assert_eq!(ada.get(ME).await.status, 200);
}
