//! What is told to who wishes for something.
use chrono::{DateTime, Duration, Utc};
use entity::notification_fan_out;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{again, follow, look_at_calendar, lower, of_kind, shop, text, wish, wishers};
use crate::{
    checkout::{
        bundles::bundle,
        shop::{Shop, buy},
    },
    support::{Client, Reply},
};

const DROP: &str = "wishlist_price_drop";

async fn plan_sale(shop: &Shop, product: Uuid, percent: i64, from: Duration, to: Duration) {
    let at = |after: Duration| -> DateTime<Utc> { shop.app.clock.now() + after };
    let body = json!({"percent": percent, "starts_at": at(from), "ends_at": at(to)});
    let editor = again(&shop.app, "editor").await;
    let reply = editor.post(&format!("/api/v1/admin/products/{product}/sales"), body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

async fn count(client: &Client, kind: &str) -> usize {
    of_kind(client, kind).await.len()
}

/// The one by which a lower price is told.
async fn fan_out(shop: &Shop) -> notification_fan_out::Model {
    let drops = notification_fan_out::Entity::find().filter(notification_fan_out::Column::Kind.eq(DROP));
    drops.one(&shop.app.app.db.read).await.unwrap().unwrap()
}

#[tokio::test]
async fn everybody_who_wishes_for_what_became_cheaper_is_told_batch_by_batch() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    let people = wishers(&shop, "wisher", 5, game).await;
    wish(&shop.ada, game).await;
    buy(&shop.ada, &[game]).await;
    lower(&shop, game, 800).await;
    follow(&shop.app).await;
    for person in &people {
        let drops = of_kind(person, DROP).await;
        assert_eq!(drops.len(), 1);
        let body = "Celeste from your wishlist now costs 8.00 USD instead of 10.00 USD.";
        assert_eq!(text(&drops[0], "body"), body);
        let product = &drops[0]["subject"]["product"];
        assert_eq!((&product["price"]["amount"], &product["wishlisted"]), (&json!(800), &json!(true)));
        assert!(text(&drops[0], "url").ends_with("/api/v1/products/celeste"));
    }
    assert_eq!(count(&shop.ada, DROP).await, 0, "who owns it wishes no more");
    assert!(fan_out(&shop).await.finished_at.is_some());
    lower(&shop, game, 900).await;
    follow(&shop.app).await;
    assert_eq!(count(&people[0], DROP).await, 1, "what became dearer is no news");
}

#[tokio::test]
async fn who_owns_all_of_a_bundle_is_not_told_that_it_became_cheaper() {
    let shop = shop().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    let bob = shop.app.account("bob").await;
    wish(&shop.ada, complete).await;
    wish(&bob, complete).await;
    buy(&shop.ada, &[base]).await;
    follow(&shop.app).await;
    // What she has is all of it from now on, and her wish is left.
    let relations = format!("/api/v1/admin/products/{complete}/relations");
    assert_eq!(shop.editor.put(&relations, json!({"contains": [base]})).await.status, 200);
    lower(&shop, complete, 1000).await;
    follow(&shop.app).await;
    assert_eq!((count(&shop.ada, DROP).await, count(&bob, DROP).await), (0, 1));
}

#[tokio::test]
async fn a_fan_out_that_was_cut_off_goes_on_where_it_was() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    let people = wishers(&shop, "wisher", 5, game).await;
    lower(&shop, game, 800).await;
    mist::background::tick(&shop.app.app, "events").await.unwrap();
    let row = fan_out(&shop).await;
    let mut ids: Vec<Uuid> = people.iter().map(Client::account_id).collect();
    ids.sort();
    // As if a copy had died that told the first two.
    let reached = notification_fan_out::ActiveModel {
        id: Set(row.id),
        reached: Set(Some(ids[1])),
        ..Default::default()
    };
    reached.update(shop.app.app.db.writer()).await.unwrap();
    follow(&shop.app).await;
    for person in &people {
        let expected = usize::from(person.account_id() > ids[1]);
        assert_eq!(count(person, DROP).await, expected);
    }
}

#[tokio::test]
async fn only_who_pays_less_is_told() {
    let shop = shop().await;
    let usd = |amount: i64| json!({"currency": "USD", "amount": amount});
    let german = |amount: i64| json!({"currency": "USD", "country": "DE", "amount": amount});
    let game = shop.sell_at("Celeste", json!([usd(1000), german(1200)])).await;
    let german_wisher = shop.app.account("greta").await;
    let chosen = german_wisher.request(Method::PATCH, "/api/v1/me").json(&json!({"country": "DE"}));
    assert_eq!(Reply::of(chosen).await.status, 200);
    wish(&german_wisher, game).await;
    wish(&shop.ada, game).await;
    let path = format!("/api/v1/admin/products/{game}/prices");
    shop.app.advance(Duration::seconds(1));
    assert_eq!(shop.editor.put(&path, json!([usd(1000), german(1100)])).await.status, 200);
    follow(&shop.app).await;
    assert_eq!((count(&shop.ada, DROP).await, count(&german_wisher, DROP).await), (0, 1));
    let drop = of_kind(&german_wisher, DROP).await[0].clone();
    assert!(text(&drop, "body").contains("11.00 USD instead of 12.00 USD"), "{drop}");
}

#[tokio::test]
async fn what_was_dear_again_before_it_was_told_is_not_told() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    lower(&shop, game, 1000).await;
    follow(&shop.app).await;
    assert_eq!(count(&shop.ada, DROP).await, 0);
}

#[tokio::test]
async fn a_sale_is_told_when_it_begins_and_on_its_last_day() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    plan_sale(&shop, game, 50, Duration::hours(1), Duration::hours(73)).await;
    look_at_calendar(&shop.app).await;
    assert_eq!(count(&shop.ada, DROP).await, 0, "not before it begins");
    shop.app.advance(Duration::hours(1));
    for _ in 0..2 {
        look_at_calendar(&shop.app).await;
        shop.app.advance(Duration::minutes(1));
    }
    let ada = again(&shop.app, "ada").await;
    assert_eq!(count(&ada, DROP).await, 1);
    assert!(text(&of_kind(&ada, DROP).await[0], "body").contains("5.00 USD instead of 10.00 USD"));
    shop.app.advance(Duration::hours(49));
    look_at_calendar(&shop.app).await;
    let ada = again(&shop.app, "ada").await;
    let ending = of_kind(&ada, "wishlist_sale_ending").await;
    assert_eq!(ending.len(), 1);
    let body = "Celeste from your wishlist costs less until 25 November 2026, 13:00 UTC.";
    assert_eq!(text(&ending[0], "body"), body);
    assert!(ending[0]["subject"]["sale_id"].is_string());
    let told = async || -> usize {
        let subjects = shop.app.subjects("ada@example.com").await;
        subjects.iter().filter(|subject| subject.contains("Celeste")).count()
    };
    assert_eq!(told().await, 1, "a product is mailed of once a week");
    // Eight days after the first mail.
    shop.app.advance(Duration::days(6));
    shop.price_again(game, 700).await;
    follow(&shop.app).await;
    assert_eq!(told().await, 2);
}

#[tokio::test]
async fn a_sale_of_hours_has_no_last_day() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    shop.app.advance(Duration::seconds(1));
    plan_sale(&shop, game, 50, Duration::zero(), Duration::hours(20)).await;
    look_at_calendar(&shop.app).await;
    shop.app.advance(Duration::hours(10));
    look_at_calendar(&shop.app).await;
    let ada = again(&shop.app, "ada").await;
    assert_eq!((count(&ada, DROP).await, count(&ada, "wishlist_sale_ending").await), (1, 0));
}

#[tokio::test]
async fn a_day_of_release_is_told_and_so_is_what_comes_back() {
    let shop = shop().await;
    let body = json!({
        "kind": "game", "title": "Celeste", "release_date": "2026-11-23",
        "prices": [{"currency": "USD", "amount": 1000}],
    });
    let game = crate::checkout::shop::id(&shop.editor.post("/api/v1/admin/products", body).await.json());
    shop.edit(game, "publish").await;
    wish(&shop.ada, game).await;
    follow(&shop.app).await;
    look_at_calendar(&shop.app).await;
    assert_eq!(count(&shop.ada, "wishlist_release").await, 0, "it is in the store, but not out");
    shop.app.advance(Duration::hours(13));
    for _ in 0..2 {
        look_at_calendar(&shop.app).await;
        shop.app.advance(Duration::minutes(1));
    }
    let ada = again(&shop.app, "ada").await;
    let released = of_kind(&ada, "wishlist_release").await;
    assert_eq!(released.len(), 1, "{released:?}");
    assert_eq!(text(&released[0], "title"), "Celeste is here");
    // What was out of the store for a while.
    let other = shop.editor_again().await;
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    assert_eq!(other.post(&keys, json!({"keys": ["KEY-1"]})).await.status, 201);
    for action in ["archive", "publish"] {
        let reply = other.act(&format!("/api/v1/admin/products/{game}/{action}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    follow(&shop.app).await;
    assert_eq!(count(&ada, "wishlist_release").await, 2);
}

impl Shop {
    async fn editor_again(&self) -> Client {
        again(&self.app, "editor").await
    }

    async fn price_again(&self, product: Uuid, cents: i64) {
        let editor = self.editor_again().await;
        let path = format!("/api/v1/admin/products/{product}/prices");
        let reply = editor.put(&path, json!([{"currency": "USD", "amount": cents}])).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_product_that_is_gone_is_told_of_without_its_name() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    follow(&shop.app).await;
    assert_eq!(shop.ada.delete(&format!("/api/v1/wishlist/{game}")).await.status, 204);
    let gone = shop.editor.request(Method::DELETE, &format!("/api/v1/admin/products/{game}"));
    assert_eq!(Reply::of(gone.header("if-match", "*")).await.status, 204);
    let drop = of_kind(&shop.ada, DROP).await[0].clone();
    assert_eq!(text(&drop, "title"), "a product that is gone costs less");
    assert_eq!((&drop["subject"]["product"], &drop["url"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_sale_that_is_saved_while_the_calendar_is_looked_through_is_told_by_the_next_look() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    shop.app.advance(Duration::seconds(2));
    look_at_calendar(&shop.app).await;
    // It begins a moment before that look, and nobody saw it then.
    shop.app.advance(-Duration::seconds(1));
    plan_sale(&shop, game, 50, Duration::zero(), Duration::hours(20)).await;
    for _ in 0..2 {
        shop.app.advance(Duration::seconds(59));
        look_at_calendar(&shop.app).await;
        assert_eq!(count(&shop.ada, DROP).await, 1);
    }
}
