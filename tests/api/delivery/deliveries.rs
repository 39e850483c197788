//! What was delivered is counted by the bytes that were sent.
use chrono::Duration;
use entity::download_grant;
use reqwest::Method;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::shop::{Shop, hex, sample};
use crate::support::noon;

/// Delivered, and bytes, of every grant.
async fn grants(shop: &Shop) -> Vec<(bool, i64)> {
    shop.app.app.deliveries.settle().await;
    let rows = download_grant::Entity::find().order_by_asc(download_grant::Column::Id);
    let rows = rows.all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| (row.delivered_at.is_some(), row.delivered_bytes)).collect()
}

#[tokio::test]
async fn a_whole_file_is_a_delivery_and_a_link_is_none() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a", &sample(5_000_000))]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    shop.app.nobody().request(Method::HEAD, &url).send().await.unwrap();
    shop.fetch(&url, &[("if-none-match", "*")]).await;
    shop.fetch(&url, &[("range", "bytes=9999999-")]).await;
    assert_eq!(grants(&shop).await, [(false, 0)]);
    assert_eq!(shop.last_downloaded().await, None);

    shop.app.advance(Duration::minutes(1));
    shop.fetch(&url, &[]).await;
    assert_eq!(grants(&shop).await, [(true, 5_000_000)]);
    assert_eq!(shop.last_downloaded().await, Some(noon() + Duration::minutes(1)));

    // The same link again is the same delivery.
    shop.app.advance(Duration::minutes(1));
    shop.fetch(&url, &[]).await;
    assert_eq!(grants(&shop).await, [(true, 5_000_000)]);
    assert_eq!(shop.last_downloaded().await, Some(noon() + Duration::minutes(1)));

    // Another link is another delivery.
    let url = shop.link(&ada).await;
    shop.fetch(&url, &[]).await;
    assert_eq!(grants(&shop).await, [(true, 5_000_000), (true, 5_000_000)]);
    assert_eq!(shop.last_downloaded().await, Some(noon() + Duration::minutes(2)));
}

#[tokio::test]
async fn ranges_add_up_to_one_delivery() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a", &sample(1000))]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    shop.fetch(&url, &[("range", "bytes=0-99,200-299")]).await;
    assert_eq!(grants(&shop).await, [(false, 200)]);
    tokio::join!(
        shop.fetch(&url, &[("range", "bytes=100-199")]),
        shop.fetch(&url, &[("range", "bytes=300-599")])
    );
    assert_eq!(grants(&shop).await, [(false, 600)]);
    assert_eq!(shop.last_downloaded().await, None);
    shop.fetch(&url, &[("range", "bytes=600-")]).await;
    assert_eq!(grants(&shop).await, [(true, 1000)]);
    assert_eq!(shop.last_downloaded().await, Some(noon()));
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_with_a_new_link_and_counts_once() {
    let shop = Shop::new().await;
    let bytes = sample(60_000_000);
    shop.released("1.0", "any", &[("a", &bytes)]).await;
    let ada = shop.owner("ada").await;

    let mut begun = shop.app.nobody().request(Method::GET, &shop.link(&ada).await).send().await.unwrap();
    let etag = begun.headers()["etag"].to_str().unwrap().to_owned();
    let mut got = Vec::new();
    while got.len() < 10_000_000 {
        got.extend_from_slice(&begun.chunk().await.unwrap().unwrap());
    }
    drop(begun);
    let first = grants(&shop).await[0];
    assert!(!first.0 && first.1 < 60_000_000, "{first:?}");
    assert_eq!(shop.last_downloaded().await, None);

    shop.app.advance(Duration::minutes(11));
    let url = shop.link(&ada).await;
    let range = format!("bytes={}-", got.len());
    let rest = shop.fetch(&url, &[("range", &range), ("if-range", &etag)]).await;
    assert_eq!(rest.status, 206);
    got.extend_from_slice(&rest.body);
    assert_eq!(hex(&got), hex(&bytes));
    let sent = grants(&shop).await;
    assert_eq!((sent[0], sent[1]), (first, (true, rest.body.len() as i64)));
    assert_eq!(shop.last_downloaded().await, Some(noon() + Duration::minutes(11)));

    // What led to that delivery leads to no second one.
    let url = shop.link(&ada).await;
    shop.fetch(&url, &[("range", &range)]).await;
    assert_eq!(grants(&shop).await[2], (false, rest.body.len() as i64));
}

#[tokio::test]
async fn an_older_link_counts_by_itself_after_a_newer_one() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a", b"bytes"), ("empty", b"")]).await;
    let ada = shop.owner("ada").await;
    let mint = async |file: &str| {
        shop.ask(&ada, json!({"file": file})).await.json()["url"].as_str().unwrap().to_owned()
    };
    let (older, newer) = (mint("a").await, mint("a").await);
    shop.fetch(&newer, &[]).await;
    assert_eq!(grants(&shop).await, [(false, 0), (true, 5)]);
    shop.fetch(&older, &[]).await;
    assert_eq!(grants(&shop).await, [(true, 5), (true, 5)]);
    shop.fetch(&mint("empty").await, &[]).await;
    assert_eq!(grants(&shop).await[2], (true, 0));
}
