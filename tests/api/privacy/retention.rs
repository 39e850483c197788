use chrono::Duration;
use entity::{audit_entry, cart_item, refresh_token, session};
use mist::background;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::person::{AGENT, IP, shop, zenobia};
use crate::support::{TestApp, everything::places_of};

async fn pass(app: &TestApp, days: i64) {
    app.advance(Duration::days(days));
    assert!(background::tick(&app.app, "retention").await.unwrap());
}

/// Swaps a refresh token; the new one.
async fn refresh(app: &TestApp, token: &str) -> String {
    let visitor = app.nobody().coming_from(IP, AGENT);
    let reply = visitor.post("/api/v1/auth/refresh", json!({"refresh_token": token})).await;
    reply.json()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn addresses_are_forgotten_after_ninety_days() {
    let shop = shop().await;
    zenobia(&shop).await;
    background::tick(&shop.app.app, "events").await.unwrap();
    let read = &shop.app.app.db.read;
    pass(&shop.app, 89).await;
    assert_eq!(places_of(read, &[IP]).await, ["audit_entry.ip"]);
    let entries = audit_entry::Entity::find().count(read).await.unwrap();
    pass(&shop.app, 2).await;
    assert_eq!(places_of(read, &[IP, AGENT]).await, Vec::<String>::new());
    assert_eq!(audit_entry::Entity::find().count(read).await.unwrap(), entries, "the entries stay");
}

#[tokio::test]
async fn sessions_that_are_kept_longer_forget_their_addresses() {
    let app = TestApp::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.privacy.sessions_days = 400;
        config.privacy.addresses_days = 10;
    })
    .await;
    let ada = app.account("ada").await;
    refresh(&app, ada.session()["refresh_token"].as_str().unwrap()).await;
    let places = || async { places_of(&app.app.db.read, &[IP, AGENT]).await };
    pass(&app, 9).await;
    assert_eq!(places().await, ["session.ip", "session.user_agent"]);
    pass(&app, 2).await;
    assert_eq!(places().await, Vec::<String>::new());
    assert_eq!(session::Entity::find().count(&app.app.db.read).await.unwrap(), 1);
}

#[tokio::test]
async fn ended_sessions_and_used_tokens_are_removed_and_live_ones_are_not() {
    let app = TestApp::new().await;
    let read = &app.app.db.read;
    let (ada, bob) = (app.account("ada").await, app.account("bob").await);
    assert_eq!(bob.act("/api/v1/auth/logout").await.status, 204);
    let mut token = ada.session()["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        pass(&app, 20).await;
        token = refresh(&app, &token).await;
    }
    // Bob signed out 40 days ago; the token that Ada used 20 days ago would still tell of a thief.
    let tokens = refresh_token::Entity::find().filter(refresh_token::Column::UsedAt.is_not_null());
    assert_eq!(tokens.clone().count(read).await.unwrap(), 2);
    let sessions = session::Entity::find().all(read).await.unwrap();
    assert_eq!(sessions.iter().map(|row| row.id).collect::<Vec<_>>(), [ada.session_id()]);
    pass(&app, 15).await;
    assert_eq!(tokens.clone().count(read).await.unwrap(), 1);
    refresh(&app, &token).await;
    pass(&app, 61).await;
    assert_eq!(session::Entity::find().count(read).await.unwrap(), 0);
    assert_eq!(refresh_token::Entity::find().count(read).await.unwrap(), 0);
}

#[tokio::test]
async fn a_cart_is_emptied_when_nothing_was_put_in_for_ninety_days() {
    let mut shop = shop().await;
    let (one, two) = (shop.sell("One", 100).await, shop.sell("Two", 100).await);
    let put = |id| format!("/api/v1/cart/items/{id}");
    assert_eq!(shop.ada.put(&put(one), json!({})).await.status, 200);
    pass(&shop.app, 60).await;
    shop.ada_again().await;
    assert_eq!(shop.ada.put(&put(two), json!({})).await.status, 200);
    pass(&shop.app, 89).await;
    let read = &shop.app.app.db.read;
    assert_eq!(cart_item::Entity::find().count(read).await.unwrap(), 2, "it was touched");
    pass(&shop.app, 2).await;
    assert_eq!(cart_item::Entity::find().count(read).await.unwrap(), 0);
}
