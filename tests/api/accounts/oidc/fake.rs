//! A provider that says whatever a test has it say, true or not.
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{Router, extract::State, response::IntoResponse, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mist::config::Config;
use serde_json::{Value, json};

use super::{Browser, provider, start};
use crate::support::{Reply, TestApp};

/// Its client's secret.
pub(super) const SECRET: &str = "the secret of a fake";

#[derive(Clone)]
pub(super) struct Fake {
    pub(super) issuer: String,
    says: Arc<Mutex<Said>>,
}

/// What it answers.
pub(super) struct Said {
    pub(super) discovery: Value,
    pub(super) keys: Value,
    pub(super) token: (u16, String),
    pub(super) userinfo: Value,
    /// How often its keys were asked for.
    pub(super) keys_read: usize,
}

/// A key of the provider's.
pub(super) struct Key {
    pair: Vec<u8>,
    pub(super) kid: &'static str,
}

impl Key {
    pub(super) fn new(kid: &'static str) -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        Self { pair: pair.as_ref().to_vec(), kid }
    }

    /// Its public half.
    pub(super) fn public(&self) -> Value {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pair).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x})
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&self.pair)).unwrap()
    }
}

impl Fake {
    /// One with a key, on a free port.
    pub(super) async fn new(key: &Key) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let discovery = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"), "userinfo_endpoint": format!("{issuer}/me"),
        });
        let said = Said {
            discovery,
            keys: json!({"keys": [key.public()]}),
            token: (500, String::new()),
            userinfo: json!({}),
            keys_read: 0,
        };
        let fake = Self { issuer, says: Arc::new(Mutex::new(said)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery_document))
            .route("/keys", get(keys))
            .route("/me", get(userinfo))
            .route("/elsewhere", get(discovery_document))
            .route("/token", axum::routing::post(token))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        fake
    }

    /// Changes what it says.
    pub(super) fn say(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.says.lock().unwrap());
    }

    pub(super) fn keys_read(&self) -> usize {
        self.says.lock().unwrap().keys_read
    }

    /// A store that takes this provider for one, as `fake`.
    pub(super) async fn store(&self) -> TestApp {
        self.store_with(|_| {}).await
    }

    /// The same with settings of its own.
    pub(super) async fn store_with(&self, settings: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::with(|config| {
            let fake = provider(&self.issuer, "mist", Some(SECRET));
            config.oidc.insert("fake".to_owned(), fake);
            config.http.return_origins = vec!["https://app.example.com".parse().unwrap()];
            settings(config);
        })
        .await
    }

    /// The claims of an honest token, but for the nonce.
    pub(super) fn claims(&self, app: &TestApp) -> Value {
        let now = app.clock.now().timestamp();
        json!({
            "iss": self.issuer, "aud": "mist", "sub": "ada", "iat": now, "exp": now + 300,
            "email": "ada@example.com", "email_verified": true, "name": "Ada",
        })
    }

    /// A whole sign-in, in which the provider answers the token that `token` makes of the nonce.
    pub(super) async fn sign_in(&self, app: &TestApp, token: impl FnOnce(&str) -> String) -> Reply {
        self.answer(app, "code=any", token).await
    }

    /// The same with another answer of the authorization endpoint.
    pub(super) async fn answer(
        &self,
        app: &TestApp,
        answer: &str,
        token: impl FnOnce(&str) -> String,
    ) -> Reply {
        self.answer_to(app, &start("fake"), answer, token).await
    }

    /// The same to a sign-in that begins at another path.
    pub(super) async fn answer_to(
        &self,
        app: &TestApp,
        path: &str,
        answer: &str,
        token: impl FnOnce(&str) -> String,
    ) -> Reply {
        let mut browser = Browser::default();
        let at = browser.begin(app, path).await;
        let query = |wanted: &str| {
            let value = at.query_pairs().find(|(name, _)| name == wanted);
            value.unwrap().1.into_owned()
        };
        let token =
            json!({"token_type": "Bearer", "access_token": "any", "id_token": token(&query("nonce"))});
        self.say(|said| {
            if said.token.0 == 500 {
                said.token = (200, token.to_string());
            }
        });
        let reply =
            browser.get(&format!("{}?{answer}&state={}", query("redirect_uri"), query("state"))).await;
        self.say(|said| said.token = (500, String::new()));
        reply
    }
}

async fn discovery_document(State(fake): State<Fake>) -> impl IntoResponse {
    fake.says.lock().unwrap().discovery.to_string()
}

async fn keys(State(fake): State<Fake>) -> impl IntoResponse {
    let mut said = fake.says.lock().unwrap();
    said.keys_read += 1;
    said.keys.to_string()
}

async fn userinfo(State(fake): State<Fake>) -> impl IntoResponse {
    fake.says.lock().unwrap().userinfo.to_string()
}

async fn token(State(fake): State<Fake>) -> impl IntoResponse {
    let (status, body) = fake.says.lock().unwrap().token.clone();
    (http::StatusCode::from_u16(status).unwrap(), body)
}
