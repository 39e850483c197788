//! What sells is found first.
use chrono::TimeDelta;

use mist::background;

use super::shop::{Shop, buy};

async fn by_popularity(shop: &Shop) -> Vec<String> {
    let page = shop.app.nobody().get("/api/v1/products?sort=-popularity").await.json();
    page["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

async fn count(shop: &Shop) {
    assert!(background::tick(&shop.app.app, "popularity").await.unwrap());
}

#[tokio::test]
async fn a_month_of_purchases_makes_a_product_popular() {
    let shop = Shop::new().await;
    let (celeste, hades) = (shop.sell("Celeste", 1999).await, shop.sell("Hades", 2499).await);
    buy(&shop.ada, &[celeste]).await;
    count(&shop).await;
    assert_eq!(by_popularity(&shop).await, ["Celeste", "Hades"]);

    shop.app.advance(TimeDelta::days(20));
    let eve = shop.app.account("eve").await;
    buy(&eve, &[hades]).await;
    shop.app.advance(TimeDelta::days(11));
    count(&shop).await;
    assert_eq!(by_popularity(&shop).await, ["Hades", "Celeste"], "what was bought long ago counts no more");
}
