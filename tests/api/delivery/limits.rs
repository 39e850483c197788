//! How much one account may download at once and in a day, and that slow readers hold nothing that others need.
use std::time::Duration;

use chrono::Duration as Span;
use futures::future::join_all;
use mist::app::App;
use reqwest::Method;
use sea_orm::DbBackend;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::shop::{Shop, sample};
use crate::support::TestApp;

/// More than the system holds for both ends of a connection.
const LARGE: usize = 32 * 1024 * 1024;

/// Waits for something that comes about by itself.
async fn until(what: impl AsyncFn() -> bool) {
    let came = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while !what().await {
            beat.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), came).await.unwrap();
}

/// A download of which nothing is read but the beginning of its answer, which says 200.
async fn stalled(shop: &Shop, link: &str) -> TcpStream {
    let link = url::Url::parse(link).unwrap();
    let (path, query) = (link.path(), link.query().unwrap());
    let mut stream = TcpStream::connect(shop.app.url.trim_start_matches("http://")).await.unwrap();
    let head = format!("GET {path}?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

/// Connections to the database that somebody holds, of all pools.
fn held(app: &App) -> usize {
    let held = |database: &sea_orm::DatabaseConnection| match database.get_database_backend() {
        DbBackend::Postgres => {
            let pool = database.get_postgres_connection_pool();
            pool.size() as usize - pool.num_idle()
        }
        _ => {
            let pool = database.get_sqlite_connection_pool();
            pool.size() as usize - pool.num_idle()
        }
    };
    held(&app.db.read) + held(app.db.writer())
}

#[tokio::test]
async fn fifty_slow_readers_hold_no_connection_to_the_database() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("game.zip", &sample(LARGE))]).await;
    let ada = shop.owner("ada").await;
    let link = shop.link(&ada).await;
    let readers = join_all((0..50).map(|_| stalled(&shop, &link))).await;
    until(async || held(&shop.app.app) == 0).await;
    assert_eq!(ada.get("/api/v1/library").await.status, 200, "others are served meanwhile");
    until(async || held(&shop.app.app) == 0).await;
    assert_eq!(readers.len(), 50);
}

#[tokio::test]
async fn an_account_downloads_so_many_files_at_once() {
    let settings = |config: &mut mist::config::Config| {
        config.delivery.streams_per_account = std::num::NonZeroUsize::new(2).unwrap();
    };
    let shop = Shop::of(TestApp::with(settings).await).await;
    shop.released("1.0", "any", &[("game.zip", &sample(LARGE))]).await;
    let (ada, bob) = (shop.owner("ada").await, shop.owner("bob").await);
    let (link, another) = (shop.link(&ada).await, shop.link(&ada).await);
    let first = stalled(&shop, &link).await;
    let _second = stalled(&shop, &another).await;

    let refused = shop.fetch(&link, &[("range", "bytes=0-9")]).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_transfers"));
    assert_eq!(refused.header("retry-after"), "5");
    let head = shop.app.nobody().request(Method::HEAD, &link).send().await.unwrap();
    assert_eq!(head.status(), 200, "what sends no bytes takes no place");
    assert_eq!(shop.fetch(&shop.link(&bob).await, &[("range", "bytes=0-9")]).await.status, 206);

    // One that is cut gives its place back, and so does one that ends.
    drop(first);
    until(async || shop.fetch(&link, &[("range", "bytes=0-9")]).await.status == 206).await;
    until(async || shop.fetch(&link, &[("range", "bytes=0-9")]).await.status == 206).await;
}

#[tokio::test]
async fn an_account_downloads_so_many_bytes_in_a_day() {
    let shop = Shop::of(TestApp::with(|config| config.delivery.bytes_per_day = 1500).await).await;
    shop.released("1.0", "any", &[("a", &sample(1000))]).await;
    let (ada, bob) = (shop.owner("ada").await, shop.owner("bob").await);
    let (link, spare) = (shop.link(&ada).await, shop.link(&ada).await);
    for _ in 0..2 {
        // The same bytes again are bytes again, though no second delivery.
        assert_eq!(shop.fetch(&link, &[]).await.status, 200);
        shop.app.app.deliveries.settle().await;
    }
    shop.app.advance(Span::minutes(1));
    for refused in
        [shop.fetch(&link, &[]).await, shop.fetch(&spare, &[]).await, shop.ask(&ada, json!({})).await]
    {
        assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_bytes"));
        assert_eq!(refused.header("retry-after"), (24 * 60 * 60 - 60 + 1).to_string());
    }
    assert_eq!(shop.fetch(&shop.link(&bob).await, &[]).await.status, 200, "another's are not counted");
    shop.app.advance(Span::hours(24));
    assert_eq!(shop.fetch(&shop.link(&shop.back("ada").await).await, &[]).await.status, 200);
}
