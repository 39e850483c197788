//! What a product's reviews come to is seen wherever the product is.
use mist::background;
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::reviewers::{mine, reviewer, say, vote};
use crate::{
    checkout::shop::{Shop, buy},
    support::Client,
};

const LIST: &str = "/api/v1/products";

async fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{LIST}?{query}")).await.json();
    let titles = page["items"].as_array().unwrap().iter();
    titles.map(|product| product["title"].as_str().unwrap().to_owned()).collect()
}

async fn shown(client: &Client, product: Uuid) -> Value {
    client.get(&format!("{LIST}/{product}")).await.json()["rating"].clone()
}

#[tokio::test]
async fn a_written_review_is_in_the_list_at_once_and_on_other_copies_with_the_next_look() {
    let shop = Shop::new().await;
    let copy = shop.app.another_copy().await;
    let (good, bad) = (shop.sell("Good", 100).await, shop.sell("Bad", 100).await);
    buy(&shop.ada, &[good, bad]).await;
    let follow = async || {
        background::tick(&shop.app.app, "events").await.unwrap();
        background::tick(&copy.app, "catalog index").await.unwrap();
    };
    follow().await;
    let (here, there) = (shop.app.nobody(), copy.nobody());
    assert_eq!(found(&here, "rating_min=1").await, [] as [&str; 0]);
    say(&shop.ada, good, json!({"rating": 5})).await;
    say(&shop.ada, bad, json!({"rating": 2})).await;
    for client in [&here, &there] {
        if std::ptr::eq(client, &there) {
            follow().await;
        }
        assert_eq!(found(client, "sort=-rating").await, ["Good", "Bad"]);
        assert_eq!(found(client, "rating_min=4").await, ["Good"]);
        assert_eq!(shown(client, bad).await, json!({"average": 2.0, "count": 1}));
        let page = client.get(&format!("{LIST}?rating_min=4")).await.json();
        assert_eq!(page["items"][0]["rating"], json!({"average": 5.0, "count": 1}));
    }
    shop.ada.delete(&mine(good)).await;
    assert_eq!(found(&here, "rating_min=1").await, ["Bad"]);
    assert_eq!(shown(&here, good).await, json!({"average": 0.0, "count": 0}));
}

#[tokio::test]
async fn of_equal_averages_more_reviews_come_first() {
    let shop = Shop::new().await;
    let (few, many) = (shop.sell("Few", 100).await, shop.sell("Many", 100).await);
    buy(&shop.ada, &[few, many]).await;
    for product in [few, many] {
        say(&shop.ada, product, json!({"rating": 4})).await;
    }
    reviewer(&shop, "bob", many, 4).await;
    assert_eq!(found(&shop.app.nobody(), "sort=-rating").await, ["Many", "Few"]);
    assert_eq!(found(&shop.app.nobody(), "sort=rating").await, ["Few", "Many"]);
}

#[tokio::test]
async fn a_review_is_no_edit_of_its_product() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let version = async || {
        let path = format!("/api/v1/admin/products/{game}");
        shop.editor.get(&path).await.header("etag").to_owned()
    };
    let before = version().await;
    reviewer(&shop, "bob", game, 4).await;
    assert_eq!(version().await, before);
}

#[tokio::test]
async fn counts_that_are_wrong_are_found() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let (_, review) = reviewer(&shop, "bob", game, 4).await;
    vote(&shop.ada, review, true).await;
    shop.is_sound().await;
    let broken = async || {
        let violations = background::violations(&shop.app.app).await.unwrap();
        violations.into_iter().map(|violation| violation.to_string()).collect::<Vec<_>>()
    };
    use entity::{product, review as reviews, review_vote};
    let db = shop.app.app.db.writer();
    review_vote::Entity::delete_many().exec(db).await.unwrap();
    assert_eq!(broken().await, [format!("review {review}: a review's votes are as many as it says")]);
    let (count, score) = (reviews::Column::HelpfulCount, reviews::Column::Score);
    let zero = reviews::Entity::update_many().col_expr(count, Expr::value(0)).col_expr(score, Expr::value(0));
    zero.exec(db).await.unwrap();
    assert_eq!(broken().await, [] as [String; 0]);
    for column in [product::Column::RatingCount, product::Column::RatingSum, product::Column::Stars3] {
        let one_more = |by: i64| Expr::col(column).add(by);
        use sea_orm::ExprTrait;
        product::Entity::update_many().col_expr(column, one_more(1)).exec(db).await.unwrap();
        let wrong = format!("product {game}: a product's rating is that of its published reviews");
        assert_eq!(broken().await, [wrong]);
        product::Entity::update_many().col_expr(column, one_more(-1)).exec(db).await.unwrap();
    }
    shop.is_sound().await;
}
