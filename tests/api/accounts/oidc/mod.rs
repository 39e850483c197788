//! Signing in through OpenID Connect providers: a real one, and one that lies.
mod browser;
mod codes;
mod fake;
mod faults;
mod honest;
mod limits;
mod linking;
mod passwordless;
mod providers;
mod second_factor;
mod sign_in;

use mist::config::{Config, Oidc, Secret};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};
use uuid::Uuid;

use crate::support::{Client, Reply, TestApp, noon};
use browser::Browser;

const PROVIDERS: &str = "/api/v1/auth/oidc";
const EXCHANGE: &str = "/api/v1/auth/oidc/exchange";
/// The secret of every client at the real provider; it has what must be encoded.
const CLIENT_SECRET: &str = "a secret: of the tests";

fn provider(issuer: &str, client_id: &str, client_secret: Option<&str>) -> Oidc {
    Oidc {
        issuer: issuer.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.map(Secret::new),
        display_name: Some("A provider".to_owned()),
        scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
    }
}

/// The settings of the real provider: `op`, and the same with other clients.
fn real(config: &mut Config) {
    let issuer = std::env::var("MIST_TEST_OIDC_ISSUER").expect(
        "the OpenID Connect provider for tests; `cargo xtask test` and `cargo xtask oidc` start one and set it",
    );
    for (name, client, secret) in [
        ("op", "mist", Some(CLIENT_SECRET)),
        ("es256", "mist-es256", Some(CLIENT_SECRET)),
        ("eddsa", "mist-eddsa", Some(CLIENT_SECRET)),
        ("public", "mist-public", None),
        ("wrong", "mist", Some("another secret")),
    ] {
        config.oidc.insert(name.to_owned(), provider(&issuer, client, secret));
    }
    config.http.return_origins = vec!["https://app.example.com".parse().unwrap()];
}

/// A store with the real provider, whose clock agrees with the provider's.
async fn store() -> TestApp {
    store_at(None).await
}

/// The same behind a public address of its own.
async fn store_at(public_url: Option<&str>) -> TestApp {
    let app = TestApp::with(|config| {
        real(config);
        config.http.public_url = public_url.map(|url| url.parse().unwrap());
    })
    .await;
    #[expect(clippy::disallowed_methods, reason = "the provider's clock can't be moved")]
    app.advance(chrono::Utc::now() - noon());
    app
}

/// Signs somebody in from the beginning to the callback's answer.
async fn sign_in(app: &TestApp, name: &str, person: &str) -> Reply {
    let mut browser = Browser::default();
    let callback = browser.callback(app, &start(name), person).await;
    browser.get(&callback).await
}

fn start(name: &str) -> String {
    format!("{PROVIDERS}/{name}/start")
}

/// Somebody whose session a reply holds.
fn signed_in(app: &TestApp, reply: &Reply) -> Client {
    assert_eq!(reply.status, 200, "{}", reply.text());
    Client::signed_in(&app.url, &reply.json())
}

/// Says that somebody proved their address to the store.
async fn prove(app: &TestApp, who: &Client) {
    let row = entity::account::ActiveModel {
        id: Set(who.account_id()),
        email_verified: Set(true),
        ..Default::default()
    };
    row.update(app.app.db.writer()).await.unwrap();
}

/// How many accounts and identities there are.
async fn counts(app: &TestApp) -> (u64, u64) {
    let db = &app.app.db.read;
    let accounts = entity::account::Entity::find().count(db).await.unwrap();
    (accounts, entity::identity::Entity::find().count(db).await.unwrap())
}

async fn suspend(app: &TestApp, account: Uuid, status: entity::account::Status) {
    let row = entity::account::ActiveModel { id: Set(account), status: Set(status), ..Default::default() };
    row.update(app.app.db.writer()).await.unwrap();
}

/// Status and code of a refusal.
fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}
