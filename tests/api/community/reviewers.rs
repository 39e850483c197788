//! A shop whose buyers say what they think.
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::shop::{Shop, buy, id},
    support::{Client, Reply},
};

pub fn mine(product: Uuid) -> String {
    format!("/api/v1/products/{product}/reviews/mine")
}

pub fn all(product: Uuid) -> String {
    format!("/api/v1/products/{product}/reviews")
}

/// A review that succeeds.
pub async fn say(client: &Client, product: Uuid, body: Value) -> Value {
    let reply = client.put(&mine(product), body).await;
    assert!(reply.status < 300, "{}", reply.text());
    reply.json()
}

/// Somebody new who bought a product and gives it so many stars; and the review.
pub async fn reviewer(shop: &Shop, name: &str, product: Uuid, stars: i32) -> (Client, Uuid) {
    let client = shop.app.account(name).await;
    buy(&client, &[product]).await;
    let review = say(&client, product, json!({"rating": stars, "title": name})).await;
    (client, id(&review))
}

pub async fn vote(client: &Client, review: Uuid, helpful: bool) -> Reply {
    client.put(&format!("/api/v1/reviews/{review}/vote"), json!({"helpful": helpful})).await
}

pub async fn report(client: &Client, review: Uuid) -> Reply {
    client.post(&format!("/api/v1/reviews/{review}/report"), json!({"reason": "It is an advert."})).await
}

/// A page of reviews as a stranger reads it.
pub async fn read(shop: &Shop, product: Uuid, query: &str) -> Value {
    let reply = shop.app.nobody().get(&format!("{}{query}", all(product))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// The titles of a page, in its order.
pub fn titles(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|review| review["title"].as_str().unwrap()).collect()
}

/// Every title that a list leads to, page by page.
pub async fn paged(shop: &Shop, product: Uuid, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(shop, product, &format!("?limit=2&{query}{cursor}")).await;
        seen.extend(titles(&page).into_iter().map(ToOwned::to_owned));
        let Some(next) = page["next_cursor"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}
