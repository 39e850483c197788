//! Guessing is slowed down, and nobody is locked out by somebody else's guesses.
use chrono::Duration;
use entity::audit_entry;
use mist::{background, config::Accounts};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{LOGIN, REGISTER, refresh};
use crate::support::{PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";
const WRONG: &str = "another violet engine";
/// Where the owner of an account sits.
const HOME: &str = "192.0.2.1";
/// Where a guesser sits.
const AWAY: &str = "198.51.100.7";

/// A store with the limits that are built in, which believes what the tests say of addresses.
async fn store() -> TestApp {
    TestApp::with(|config| {
        config.accounts = Accounts::default();
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await
}

/// Somebody's browser.
#[derive(Clone, Default)]
struct Browser {
    address: String,
    agent: &'static str,
    cookie: Option<String>,
}

impl Browser {
    fn at(address: &str) -> Self {
        Self { address: address.to_owned(), agent: "Guesser/1", cookie: None }
    }

    fn owner() -> Self {
        Self { agent: "Owner/1", ..Self::at(HOME) }
    }

    /// Keeps the cookie of an answer.
    fn with_cookie_of(self, reply: &Reply) -> Self {
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { cookie: Some(cookie), ..self }
    }

    async fn send(&self, app: &TestApp, path: &str, body: Value) -> Reply {
        let request = app.nobody().request(Method::POST, path).json(&body);
        let request = request.header("x-forwarded-for", &self.address).header("user-agent", self.agent);
        Reply::of(match &self.cookie {
            Some(cookie) => request.header("cookie", format!("theme=dark; {cookie}")),
            None => request,
        })
        .await
    }

    async fn register(&self, app: &TestApp, email: &str) -> Reply {
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Ada"});
        self.send(app, REGISTER, body).await
    }

    async fn login(&self, app: &TestApp, email: &str, password: &str) -> Reply {
        self.send(app, LOGIN, json!({"email": email, "password": password})).await
    }

    /// Fails so many times to sign in.
    async fn fail(&self, app: &TestApp, email: &str, times: usize) {
        for time in 1..=times {
            let reply = self.login(app, email, WRONG).await;
            assert_eq!(reply.status, 401, "failure {time}: {}", reply.text());
        }
    }

    /// Is told to wait, and for how long.
    async fn waits(&self, app: &TestApp, email: &str) -> String {
        let reply = self.login(app, email, PASSWORD).await;
        assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
        reply.header("retry-after").to_owned()
    }
}

#[tokio::test]
async fn five_failures_in_fifteen_minutes_are_followed_by_a_pause_that_ends_as_told() {
    let app = store().await;
    Browser::owner().register(&app, ADA).await;
    let guesser = Browser::at(AWAY);
    guesser.fail(&app, ADA, 1).await;
    app.advance(Duration::seconds(100));
    guesser.fail(&app, ADA, 4).await;
    // The right password is not even compared.
    assert_eq!(guesser.waits(&app, ADA).await, "800");
    app.advance(Duration::milliseconds(799_500));
    assert_eq!(guesser.waits(&app, ADA).await, "1");
    app.advance(Duration::milliseconds(500));
    guesser.fail(&app, ADA, 1).await;
    assert_eq!(guesser.waits(&app, ADA).await, "100");
    app.advance(Duration::seconds(100));
    assert_eq!(guesser.login(&app, ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_unknown_address_is_throttled_exactly_like_a_known_one() {
    let app = store().await;
    Browser::owner().register(&app, ADA).await;
    let guesser = Browser::at(AWAY);
    for _ in 0..7 {
        let mut told = Vec::new();
        for email in [ADA, "eve@example.com"] {
            let reply = guesser.login(&app, email, WRONG).await;
            let mut headers = reply.headers;
            headers.remove("date");
            headers.remove("x-request-id");
            told.push((reply.status, headers, reply.body));
        }
        assert_eq!(told[0], told[1]);
    }
    assert_eq!(guesser.waits(&app, "eve@example.com").await, "900");
}

#[tokio::test]
async fn no_disguise_gets_a_fresh_budget() {
    let app = TestApp::with(|config| config.accounts = Accounts::default()).await;
    Browser::owner().register(&app, ADA).await;
    let disguises: [(&str, &str, &'static str, Value); 6] = [
        (ADA, "10.0.0.1", "A/1", Value::Null),
        ("ADA@Example.COM", "10.0.0.2", "B/1", Value::Null),
        (" ada@ｅxample.com", "2001:db8::1", "C/1", json!("123456")),
        (ADA, "not an address", "D/1", json!("654321")),
        ("Ada@example.com", "10.0.0.5, 10.0.0.6", "E/1", Value::Null),
        (ADA, "10.0.0.7", "F/1", json!("000000")),
    ];
    let mut statuses = Vec::new();
    for (email, address, agent, code) in disguises {
        let mut body = json!({"email": email, "password": WRONG});
        if code.is_string() {
            body["totp_code"] = code;
        }
        let browser = Browser { agent, ..Browser::at(address) };
        statuses.push(browser.send(&app, LOGIN, body).await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn a_stranger_who_guesses_locks_no_device_of_the_owner_out() {
    let app = store().await;
    let registered = Browser::owner().register(&app, ADA).await;
    Browser::at(AWAY).fail(&app, ADA, 5).await;
    Browser::at(AWAY).waits(&app, ADA).await;
    // Known by its address and user agent, or elsewhere by its cookie.
    assert_eq!(Browser::owner().login(&app, ADA, PASSWORD).await.status, 200);
    let travelling = Browser::at("203.0.113.9").with_cookie_of(&registered);
    assert_eq!(travelling.login(&app, ADA, PASSWORD).await.status, 200);
    // A stranger at the owner's address is still a stranger.
    Browser::at(HOME).waits(&app, ADA).await;
}

#[tokio::test]
async fn a_known_device_has_one_budget_and_its_failures_count_against_strangers_too() {
    let app = store().await;
    let registered = Browser::owner().register(&app, ADA).await;
    let device = Browser::owner().with_cookie_of(&registered);
    device.fail(&app, ADA, 5).await;
    assert_eq!(device.waits(&app, ADA).await, "900");
    assert_eq!(Browser::at(AWAY).waits(&app, ADA).await, "900");
}

#[tokio::test]
async fn a_success_clears_what_that_device_failed() {
    let app = store().await;
    let registered = Browser::owner().register(&app, ADA).await;
    let device = Browser::at(HOME).with_cookie_of(&registered);
    Browser::at(AWAY).fail(&app, ADA, 1).await;
    for _ in 0..3 {
        device.fail(&app, ADA, 4).await;
        assert_eq!(device.login(&app, ADA, PASSWORD).await.status, 200);
    }
    // What the stranger failed is still there, and nothing else.
    Browser::at(AWAY).fail(&app, ADA, 4).await;
    Browser::at(AWAY).waits(&app, ADA).await;
}

#[tokio::test]
async fn of_twenty_guesses_at_once_no_more_than_the_budget_are_compared() {
    let app = store().await;
    let registered = Browser::owner().register(&app, ADA).await;
    let copy = app.another_copy().await;
    for browser in [Browser::at(AWAY), Browser::at(HOME).with_cookie_of(&registered)] {
        let stores = [&app, &copy];
        let guesses = (0..20).map(|number| browser.login(stores[number % 2], ADA, WRONG));
        let replies = futures::future::join_all(guesses).await;
        let count = |status| replies.iter().filter(|reply| reply.status == status).count();
        assert_eq!((count(401), count(429)), (5, 15));
    }
}

#[tokio::test]
async fn copies_of_the_store_count_together() {
    let app = store().await;
    let copy = app.another_copy().await;
    Browser::at(AWAY).fail(&app, ADA, 3).await;
    Browser::at(AWAY).fail(&copy, ADA, 2).await;
    Browser::at(AWAY).waits(&app, ADA).await;
    Browser::at(AWAY).waits(&copy, ADA).await;
}

#[tokio::test]
async fn an_address_fails_thirty_times_a_minute_and_success_does_not_refill_it() {
    let app = store().await;
    Browser::owner().register(&app, "eve@example.com").await;
    // One customer's network of IPv6 is one address.
    let guesser = |number: usize| Browser::at(&format!("2001:db8:1:2::{number:x}"));
    for number in 0..30 {
        if number == 20 {
            assert_eq!(guesser(number).login(&app, "eve@example.com", PASSWORD).await.status, 200);
        }
        guesser(number).fail(&app, &format!("somebody{number}@example.com"), 1).await;
    }
    assert_eq!(guesser(99).waits(&app, ADA).await, "60");
    Browser::at("2001:db8:1:3::1").fail(&app, ADA, 1).await;
    app.advance(Duration::minutes(1));
    guesser(99).fail(&app, ADA, 1).await;
}

#[tokio::test]
async fn an_address_registers_ten_times_an_hour() {
    let app = store().await;
    let browser = Browser::owner();
    for number in 0..10 {
        assert_eq!(browser.register(&app, "no address").await.status, 422);
        assert_eq!(browser.register(&app, &format!("ada{number}@example.com")).await.status, 201);
    }
    let reply = browser.register(&app, ADA).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    assert_eq!(reply.header("retry-after"), "3600");
    assert_eq!(Browser::at(AWAY).register(&app, ADA).await.status, 201);
    app.advance(Duration::hours(1));
    assert_eq!(browser.register(&app, "eve@example.com").await.status, 201);
}

#[tokio::test]
async fn the_cookie_of_a_device_is_hidden_from_scripts_and_bound_to_its_account_and_time() {
    let app = TestApp::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.http.public_url = Some("https://store.example".parse().unwrap());
    })
    .await;
    let registered = Browser::owner().register(&app, ADA).await;
    let cookie = registered.header("set-cookie").to_owned();
    assert!(cookie.starts_with("mist_device="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    let stranger = Browser::owner().register(&app, "eve@example.com").await;
    let elsewhere = Browser::at("203.0.113.9");
    let mut forged = elsewhere.clone().with_cookie_of(&registered);
    forged.cookie = forged.cookie.map(|cookie| cookie.replacen('=', "=9", 1));
    Browser::at(AWAY).fail(&app, ADA, 5).await;
    elsewhere.clone().with_cookie_of(&stranger).waits(&app, ADA).await;
    forged.waits(&app, ADA).await;
    app.advance(Duration::days(90));
    Browser::at(AWAY).fail(&app, ADA, 5).await;
    elsewhere.with_cookie_of(&registered).waits(&app, ADA).await;
    Browser::owner().waits(&app, ADA).await;
}

#[tokio::test]
async fn where_a_stolen_session_was_used_is_no_place_of_the_owner() {
    let app = store().await;
    let session = Browser::owner().register(&app, ADA).await.json();
    let thief = Browser::at(AWAY);
    let token = json!({"refresh_token": session["refresh_token"]});
    assert_eq!(thief.send(&app, "/api/v1/auth/refresh", token).await.status, 200);
    assert_eq!(refresh(&app, &session).await.status, 401);
    Browser::at("203.0.113.9").fail(&app, ADA, 5).await;
    thief.waits(&app, ADA).await;
}

#[tokio::test]
async fn what_no_longer_counts_is_removed() {
    let app = store().await;
    Browser::at(AWAY).fail(&app, ADA, 1).await;
    let rows = async || entity::throttle::Entity::find().count(&app.app.db.read).await.unwrap();
    assert_eq!(rows().await, 2);
    assert!(background::tick(&app.app, "retention").await.unwrap());
    assert_eq!(rows().await, 2);
    app.advance(Duration::days(1));
    assert!(background::tick(&app.app, "retention").await.unwrap());
    assert_eq!(rows().await, 0);
}

#[tokio::test]
async fn the_audit_log_is_told_once_of_each_window_in_which_an_account_was_closed_to_guesses() {
    let app = store().await;
    Browser::owner().register(&app, ADA).await;
    let noted = async || {
        background::tick(&app.app, "events").await.unwrap();
        let throttled = audit_entry::Column::Action.eq("account.sign_in_throttled");
        audit_entry::Entity::find().filter(throttled).count(&app.app.db.read).await.unwrap()
    };
    for windows in 1..=2 {
        for email in [ADA, "nobody@example.com"] {
            Browser::at(AWAY).fail(&app, email, 5).await;
        }
        assert_eq!(noted().await, windows - 1, "nobody was turned away yet");
        let copy = app.another_copy().await;
        for _ in 0..3 {
            for email in [ADA, "nobody@example.com"] {
                Browser::at(AWAY).waits(&app, email).await;
                Browser::at(AWAY).waits(&copy, email).await;
            }
        }
        assert_eq!(noted().await, windows);
        app.advance(Duration::minutes(15));
    }
}
