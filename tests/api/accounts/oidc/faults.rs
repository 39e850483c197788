use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{
    counts,
    fake::{Fake, Key, SECRET},
    refusal, signed_in,
};
use crate::accounts::ME;

fn with(claims: &Value, changes: Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => drop(claims.as_object_mut().unwrap().insert(name.clone(), value.clone())),
        }
    }
    claims
}

/// The token of an algorithm that jsonwebtoken has no name for.
fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

#[tokio::test]
async fn an_honest_token_signs_in() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    let claims = fake.claims(&app);
    for changes in [json!({}), json!({"aud": ["mist"]}), json!({"aud": ["mist", "other"], "azp": "mist"})] {
        let reply = fake
            .sign_in(&app, |nonce| key.sign(&with(&with(&claims, changes), json!({"nonce": nonce}))))
            .await;
        assert_eq!(signed_in(&app, &reply).get(ME).await.json()["email"], "ada@example.com");
    }
    assert_eq!(counts(&app).await, (1, 1));
}

#[tokio::test]
async fn a_token_that_proves_nothing_changes_nothing() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    let (claims, now) = (fake.claims(&app), app.clock.now().timestamp());
    for changes in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"aud": "another"}),
        json!({"aud": ["another"]}),
        json!({"aud": ["mist", "another"]}),
        json!({"azp": "another"}),
        json!({"iss": "https://another.example.com"}),
        json!({"exp": now - 61}),
        json!({"exp": null}),
        json!({"iat": now + 61}),
        json!({"iat": now - 601}),
        json!({"iat": null}),
        json!({"sub": ""}),
        json!({"sub": "a\u{0}da"}),
        json!({"sub": "a".repeat(256)}),
        json!({"sub": null}),
    ] {
        let told = changes.to_string();
        let reply = fake
            .sign_in(&app, |nonce| key.sign(&with(&with(&claims, json!({"nonce": nonce})), changes)))
            .await;
        assert_eq!(refusal(&reply), (400, "invalid_id_token".to_owned()), "{told}");
    }
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    let claims = fake.claims(&app);
    let honest = |nonce: &str| with(&claims, json!({"nonce": nonce}));
    let invalid = (400, "invalid_id_token".to_owned());

    let reply = fake.sign_in(&app, |nonce| unsigned(&json!({"alg": "none"}), &honest(nonce))).await;
    assert_eq!(refusal(&reply), invalid, "no signature");
    for secret in [SECRET.to_owned(), key.public()["x"].as_str().unwrap().to_owned()] {
        let reply = fake
            .sign_in(&app, |nonce| {
                let header = Header { kid: Some("first".to_owned()), ..Header::new(Algorithm::HS256) };
                jsonwebtoken::encode(&header, &honest(nonce), &EncodingKey::from_secret(secret.as_bytes()))
                    .unwrap()
            })
            .await;
        assert_eq!(refusal(&reply), invalid, "a secret of ours, or what everybody knows, as the key");
    }
    let imposter = Key::new("first");
    let reply = fake.sign_in(&app, |nonce| imposter.sign(&honest(nonce))).await;
    assert_eq!(refusal(&reply), invalid, "another key of the same name");
    let reply = fake.sign_in(&app, |nonce| Key::new("second").sign(&honest(nonce))).await;
    assert_eq!(refusal(&reply), invalid, "an unknown key");
    let reply = fake
        .sign_in(&app, |nonce| {
            let token = key.sign(&honest(nonce));
            let mut parts: Vec<&str> = token.split('.').collect();
            let forged = URL_SAFE_NO_PAD.encode(with(&honest(nonce), json!({"sub": "eve"})).to_string());
            parts[1] = &forged;
            parts.join(".")
        })
        .await;
    assert_eq!(refusal(&reply), invalid, "altered after it was signed");
    for nonsense in ["", "a.b.c", "not a token"] {
        assert_eq!(refusal(&fake.sign_in(&app, |_| nonsense.to_owned()).await), invalid, "{nonsense}");
    }
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn a_new_key_is_fetched_and_not_more_than_once_a_minute() {
    let (first, second) = (Key::new("first"), Key::new("second"));
    let fake = Fake::new(&first).await;
    let app = fake.store().await;
    let token = |app: &crate::support::TestApp, key: &Key, nonce: &str| {
        key.sign(&with(&fake.claims(app), json!({"nonce": nonce})))
    };
    signed_in(&app, &fake.sign_in(&app, |nonce| token(&app, &first, nonce)).await);
    fake.say(|said| said.keys = json!({"keys": [{"kty": "unheard of"}, second.public()]}));
    for _ in 0..3 {
        let reply = fake.sign_in(&app, |nonce| token(&app, &second, nonce)).await;
        assert_eq!(refusal(&reply), (400, "invalid_id_token".to_owned()));
    }
    assert_eq!(fake.keys_read(), 1);
    app.advance(Duration::seconds(60));
    signed_in(&app, &fake.sign_in(&app, |nonce| token(&app, &second, nonce)).await);
    assert_eq!(fake.keys_read(), 2);
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    let token = |nonce: &str| key.sign(&with(&fake.claims(&app), json!({"nonce": nonce})));
    let mismatch = (400, "issuer_mismatch".to_owned());
    let other = "code=any&iss=https%3A%2F%2Fother.example.com";
    assert_eq!(refusal(&fake.answer(&app, other, token).await), mismatch);
    let own = format!("code=any&iss={}", fake.issuer);
    assert_eq!(fake.answer(&app, &own, token).await.status, 200);

    fake.say(|said| said.discovery["authorization_response_iss_parameter_supported"] = json!(true));
    let app = fake.store().await;
    let reply =
        fake.answer(&app, "code=any", |nonce| key.sign(&with(&fake.claims(&app), json!({"nonce": nonce}))));
    assert_eq!(refusal(&reply.await), mismatch, "it always says who it is");
}

#[tokio::test]
async fn what_a_provider_answers_in_error_has_a_code() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    for (answer, expected) in [
        ("error=access_denied&error_description=no", (403, "access_denied")),
        ("error=temporarily_unavailable", (503, "provider_unavailable")),
        ("error=%3Cscript%3E", (502, "provider_error")),
        ("", (400, "invalid_state")),
        ("code=any&error=access_denied", (400, "invalid_state")),
    ] {
        let reply = fake.answer(&app, answer, |_| String::new()).await;
        assert_eq!((reply.status, reply.code().as_str()), expected, "{answer}");
        assert!(!reply.text().contains("script"));
    }
    for (token, expected) in [
        ((400, json!({"error": "invalid_grant"}).to_string()), (400, "code_refused")),
        ((401, json!({"error": "invalid_client"}).to_string()), (502, "provider_error")),
        ((200, "{}".to_owned()), (502, "provider_error")),
        ((200, "x".repeat(300_000)), (503, "provider_unavailable")),
        ((302, String::new()), (502, "provider_error")),
        ((503, String::new()), (503, "provider_unavailable")),
    ] {
        fake.say(|said| said.token = token);
        let reply = fake.answer(&app, "code=any", |_| String::new()).await;
        assert_eq!((reply.status, reply.code().as_str()), expected);
    }
    assert_eq!(counts(&app).await, (0, 0));
}

#[tokio::test]
async fn the_address_may_come_from_the_userinfo_endpoint_of_the_same_person() {
    let key = Key::new("first");
    let fake = Fake::new(&key).await;
    let app = fake.store().await;
    let bare = json!({"email": null, "email_verified": null, "name": null});
    let token =
        |nonce: &str| key.sign(&with(&with(&fake.claims(&app), bare.clone()), json!({"nonce": nonce})));
    fake.say(|said| {
        said.userinfo = json!({"sub": "eve", "email": "ada@example.com", "email_verified": true})
    });
    assert_eq!(refusal(&fake.sign_in(&app, token).await), (502, "provider_error".to_owned()));
    assert_eq!(counts(&app).await, (0, 0));
    // As Cognito writes it.
    fake.say(|said| {
        said.userinfo = json!({"sub": "ada", "email": "Ada@Example.com", "email_verified": "true"})
    });
    let account = signed_in(&app, &fake.sign_in(&app, token).await).get(ME).await.json();
    let shown = [&account["email"], &account["email_verified"], &account["display_name"]];
    assert_eq!(json!(shown), json!(["ada@example.com", true, "ada"]));
}
