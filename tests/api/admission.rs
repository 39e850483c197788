//! Who is let in: how often each may ask, and how many are worked on at once.
use chrono::Duration;
use futures::future::{Either, select};
use mist::config::{Config, Rate, RateLimits};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use crate::support::{Client, Reply, TestApp};

/// A store that counts what comes from this machine too.
async fn counting(settings: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::with(|config| {
        config.rate_limits.exempt.clear();
        settings(config);
    })
    .await
}

/// Takes something off the wishlist, which may not be on it.
async fn write(client: &Client) -> Reply {
    client.delete(&format!("/api/v1/wishlist/{}", Uuid::nil())).await
}

#[tokio::test]
async fn an_account_that_asks_too_often_is_told_how_long_to_wait() {
    let app = counting(|config| config.rate_limits.per_account.writes = Some(Rate::new(2, 60))).await;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    let first = write(&ada).await;
    assert_eq!(first.header("ratelimit"), "\"writes\";r=1;t=30");
    assert_eq!(first.header("ratelimit-policy"), "\"writes\";q=2;w=60");
    assert_ne!(write(&ada).await.status, 429);
    let third = write(&ada).await;
    assert_eq!((third.status, third.code()), (429, "too_many_requests".to_owned()));
    assert_eq!(third.header("retry-after"), "30");
    assert_ne!(write(&bob).await.status, 429, "each account has its own");
    assert_eq!(ada.get("/api/v1/wishlist").await.status, 200, "what is read is counted apart");
    app.advance(Duration::seconds(30));
    assert_ne!(write(&ada).await.status, 429);
}

#[tokio::test]
async fn an_api_key_is_counted_apart_from_its_account() {
    let app = counting(|config| config.rate_limits.per_account.reads = Some(Rate::new(3, 60))).await;
    let ada = app.account("ada").await;
    let made = ada.post("/api/v1/me/api-keys", json!({"name": "reader", "scopes": ["library:read"]})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let key = app.holder(made.json()["key"].as_str().unwrap());
    for _ in 0..3 {
        assert_eq!(key.get("/api/v1/library").await.status, 200);
    }
    assert_eq!(key.get("/api/v1/library").await.code(), "too_many_requests");
    assert_eq!(ada.get("/api/v1/library").await.status, 200);
}

#[tokio::test]
async fn an_address_is_counted_before_it_is_known_who_asks() {
    let app = counting(|config| {
        config.rate_limits.per_address.reads = Some(Rate::new(2, 60));
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let stranger = app.nobody().coming_from("203.0.113.7", "scraper");
    for _ in 0..2 {
        assert_eq!(stranger.get("/api/v1/library").await.status, 401);
    }
    assert_eq!(stranger.get("/api/v1/library").await.code(), "too_many_requests");
    assert_eq!(stranger.get("/api/v1/admin/orders").await.status, 429, "a guess at a token is one more");
    assert_eq!(stranger.get("/healthz").await.status, 200, "whether it is up may always be asked");
    let other = app.nobody().coming_from("203.0.113.8", "scraper");
    assert_eq!(other.get("/api/v1/library").await.status, 401);
}

#[tokio::test]
async fn what_is_in_memory_is_neither_counted_nor_told_to_others() {
    let app = counting(|config| config.rate_limits.per_address.reads = Some(Rate::new(1, 60))).await;
    for _ in 0..3 {
        let reply = app.nobody().get("/api/v1/products").await;
        assert_eq!(reply.status, 200);
        assert!(reply.headers.get("ratelimit").is_none());
    }
    assert_eq!(app.nobody().get("/api/v1/products?kind=game").await.status, 429, "this one is made");
}

#[tokio::test]
async fn the_machine_itself_and_whatever_is_off_are_not_counted() {
    let app = TestApp::with(|config| {
        config.rate_limits.exempt = RateLimits::default().exempt;
        config.rate_limits.per_address.reads = Some(Rate::new(1, 60));
    })
    .await;
    for _ in 0..3 {
        let reply = app.nobody().get("/api/v1/library").await;
        assert_eq!(reply.status, 401);
        assert!(reply.headers.get("ratelimit").is_none());
    }
    let app = counting(|config| {
        config.rate_limits.per_address.reads = None;
        config.rate_limits.per_account.reads = None;
    })
    .await;
    assert!(app.nobody().get("/api/v1/library").await.headers.get("ratelimit").is_none());
}

#[tokio::test]
async fn where_nothing_moves_who_comes_is_sent_away_and_everything_else_goes_on() {
    let app = TestApp::with(|config| {
        config.load.writes = 1;
        config.load.queue_ms = 5;
    })
    .await;
    let ada = app.account("ada").await;
    let try_a_coupon = || {
        let ada = ada.clone();
        tokio::spawn(async move { ada.put("/api/v1/cart/coupon", json!({"code": "NONE"})).await })
    };
    // While somebody else holds her account, what she does waits in the store.
    let held = app.app.db.write(async |tx| {
        let id = Set(ada.account_id());
        entity::account::ActiveModel { id, locale: Set(None), ..Default::default() }.update(tx).await?;
        let (Either::Left((refused, other)) | Either::Right((refused, other))) =
            select(try_a_coupon(), try_a_coupon()).await;
        assert_eq!(app.nobody().get("/readyz").await.status, 200);
        assert_eq!(ada.get("/api/v1/cart").await.status, 200, "reading has a room of its own");
        Ok((refused.unwrap(), other))
    });
    let (refused, other) = held.await.unwrap();
    assert_eq!((refused.status, refused.code()), (503, "overloaded".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    assert_ne!(other.await.unwrap().status, 503);
    assert_ne!(try_a_coupon().await.unwrap().status, 503, "there is room again");
}

#[tokio::test]
async fn who_is_still_sending_takes_nobodys_place() {
    let app = TestApp::with(|config| config.load.purchases = 1).await;
    let ada = app.account("ada").await;
    let mut slow = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let token = ada.session()["access_token"].as_str().unwrap();
    let head = format!(
        "POST /api/v1/checkout HTTP/1.1\r\nHost: mist\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    assert_ne!(ada.act("/api/v1/checkout").await.status, 503);
    slow.write_all(b"}").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}
