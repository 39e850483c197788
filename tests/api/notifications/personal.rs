//! What is kept of somebody: for how long, and until they are erased.
use chrono::Duration;
use entity::{mail_unsubscribe, notification, notification_fan_out, notification_preference, stream_ticket};
use mist::background;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{again, choose, follow, lower, shop, told, wish};
use crate::{
    checkout::shop::{Shop, buy},
    support::{PASSWORD, Reply},
};

/// How many rows there are of everything.
async fn rows(shop: &Shop) -> [u64; 5] {
    let db = &shop.app.app.db.read;
    [
        notification::Entity::find().count(db).await.unwrap(),
        notification_preference::Entity::find().count(db).await.unwrap(),
        notification_fan_out::Entity::find().count(db).await.unwrap(),
        stream_ticket::Entity::find().count(db).await.unwrap(),
        mail_unsubscribe::Entity::find().count(db).await.unwrap(),
    ]
}

/// Ada, of whom there is a row of each.
async fn with_traces() -> Shop {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    follow(&shop.app).await;
    choose(&shop.ada, json!({"order_paid": {"email": true}})).await;
    assert_eq!(shop.ada.act("/api/v1/notifications/stream-ticket").await.status, 201);
    // Two of the fan-outs: that it was published was begun to be told too.
    assert_eq!(rows(&shop).await, [1, 1, 2, 1, 1]);
    shop
}

#[tokio::test]
async fn nothing_is_left_of_who_was_erased_and_nothing_comes_later() {
    let shop = with_traces().await;
    let export = shop.ada.get("/api/v1/me/export").await.json();
    assert_eq!(export["notifications"][0]["kind"], "wishlist_price_drop");
    assert_eq!(
        export["notification_preferences"],
        json!([{"kind": "order_paid", "email": true, "in_app": true}])
    );
    // This is still to be told.
    buy(&shop.ada, &[shop.sell("Hades", 100).await]).await;
    let erased = shop.ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erased).await.status, 204);
    follow(&shop.app).await;
    assert_eq!(rows(&shop).await, [0, 0, 2, 0, 0]);
}

#[tokio::test]
async fn what_was_read_is_kept_for_ninety_days_and_all_else_for_a_year() {
    let shop = with_traces().await;
    buy(&shop.ada, &[shop.sell("Hades", 100).await]).await;
    follow(&shop.app).await;
    let first = told(&shop.ada).await.pop().unwrap();
    assert_eq!(first["kind"], "wishlist_price_drop");
    shop.ada.post("/api/v1/notifications/read", json!({"ids": [first["id"]]})).await;
    for (days, left) in [(89, 3), (2, 2), (273, 2), (2, 0)] {
        shop.app.advance(Duration::days(days));
        assert!(background::tick(&shop.app.app, "retention").await.unwrap());
        let ada = again(&shop.app, "ada").await;
        let kinds = super::kinds(&ada).await;
        let of_then = kinds.iter().filter(|kind| *kind != "new_device").count();
        assert_eq!(of_then, left, "after {days} more days: {kinds:?}");
    }
    assert_eq!(rows(&shop).await[2..4], [0, 0], "fan-outs and tickets are gone long since");
}
