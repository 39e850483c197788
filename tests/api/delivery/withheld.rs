//! Where the store does not deliver, nobody gets bytes: by the country alone, or by what a product is rated for.
use reqwest::Method;
use serde_json::json;

use super::shop::Shop;
use crate::support::{Client, Reply, TestApp};

const NETWORK: &str = "cloudfront-viewer-country";

async fn shop() -> Shop {
    let app = TestApp::with(|config| {
        config.delivery.withheld = vec!["KP".parse().unwrap(), "DE:18".parse().unwrap()];
        config.http.country_header = Some(NETWORK.to_owned());
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    Shop::of(app.await).await
}

async fn rate(shop: &Shop, age: u8) {
    let path = format!("/api/v1/admin/products/{}", shop.product);
    assert_eq!(shop.editor.patch(&path, "*", json!({"age_rating": age})).await.status, 200);
}

async fn live_in(ada: &Client, country: &str) {
    let edited = Reply::of(ada.request(Method::PATCH, "/api/v1/me").json(&json!({"country": country}))).await;
    assert_eq!(edited.status, 200);
}

/// The status and code of the answer to who wants a link from that network.
async fn ask_from(shop: &Shop, ada: &Client, network: Option<&str>) -> (u16, String) {
    let path = format!("/api/v1/library/{}/downloads", shop.product);
    let mut asked = ada.request(Method::POST, &path).json(&json!({}));
    if let Some(network) = network {
        asked = asked.header(NETWORK, network);
    }
    let reply = Reply::of(asked).await;
    (reply.status, if reply.status == 201 { String::new() } else { reply.code() })
}

fn refused() -> (u16, String) {
    (403, "not_delivered_here".to_owned())
}

#[tokio::test]
async fn a_product_is_withheld_by_country_and_by_its_rating_there() {
    let shop = shop().await;
    let ada = shop.owner("ada").await;
    shop.released("1.0", "any", &[("a", b"bytes")]).await;
    assert_eq!(ask_from(&shop, &ada, None).await.0, 201, "where the store is, if nothing else is known");
    live_in(&ada, "DE").await;
    assert_eq!(ask_from(&shop, &ada, None).await.0, 201, "what nobody rated is for everybody");
    rate(&shop, 16).await;
    assert_eq!(ask_from(&shop, &ada, None).await.0, 201);
    rate(&shop, 18).await;
    assert_eq!(ask_from(&shop, &ada, None).await, refused());
    assert_eq!(ask_from(&shop, &ada, Some("FR")).await.0, 201, "the network says more than the account");
    assert_eq!(ask_from(&shop, &ada, Some("KP")).await, refused());
    rate(&shop, 0).await;
    assert_eq!(ask_from(&shop, &ada, Some("KP")).await, refused(), "nothing at all goes there");
}

#[tokio::test]
async fn a_link_sends_nothing_where_it_is_withheld() {
    let shop = shop().await;
    let ada = shop.owner("ada").await;
    shop.released("1.0", "any", &[("a", b"bytes")]).await;
    let link = shop.ask(&ada, json!({})).await.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(shop.fetch(&link, &[]).await.status, 200);
    let there = shop.fetch(&link, &[(NETWORK, "KP")]).await;
    assert_eq!((there.status, there.code()), refused());
    live_in(&ada, "DE").await;
    assert_eq!(shop.fetch(&link, &[]).await.status, 200);
    rate(&shop, 18).await;
    assert_eq!(
        (shop.fetch(&link, &[]).await.status, shop.fetch(&link, &[(NETWORK, "AT")]).await.status),
        (403, 200)
    );
}
