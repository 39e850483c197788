//! Gifts that are given back, disputed, mailed again or taken back.
use chrono::TimeDelta;
use entity::job;
use mist::config::Rate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{FRIEND, GIFTS, claim, claimed, give, newest, owns, pay, refused, shop};
use crate::{
    checkout::shop::{Shop, buy, end, id},
    support::{Client, Reply},
};

async fn give_back(client: &Client, order: &Value) -> Reply {
    client.post(&format!("/api/v1/orders/{}/refund", id(order)), json!({"reason": "changed my mind"})).await
}

async fn act(client: &Client, gift: &Value, action: &str) -> Reply {
    client.act(&format!("{GIFTS}/{}/{action}", gift["gift_id"].as_str().unwrap())).await
}

#[tokio::test]
async fn a_gift_that_nobody_claimed_is_given_back_as_anything_is() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let (bought, token) = give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let reply = give_back(&shop.ada, &bought).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("refunded")), "{}", reply.text());
    assert_eq!(claim(&bob, &token).await.code(), "invalid_gift");
    let gift = newest(&shop.ada).await;
    assert_eq!((&gift["status"], &gift["email"]), (&json!("refunded"), &json!(null)));
    refused(&act(&shop.ada, &bought, "resend").await, "not_resendable", "refunded");
    refused(&act(&shop.ada, &bought, "take-back").await, "not_returnable", "refunded");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_claimed_gift_is_given_back_by_support_alone_and_is_owned_no_more() {
    let shop = shop().await;
    let (bob, support) = (shop.app.account("bob").await, shop.app.support().await);
    let (lost, kept) = (shop.sell("Lost", 300).await, shop.sell("Kept", 500).await);
    let (bought, token) = give(&shop, &shop.ada, &[lost, kept]).await;
    claimed(&bob, &token).await;
    refused(&give_back(&shop.ada, &bought).await, "not_refundable", "claimed");
    let path = format!("/api/v1/admin/orders/{}/refund", id(&bought));
    let reply = support.post(&path, json!({"items": [lost], "reason": "a mistake"})).await;
    assert_eq!(reply.json()["status"], "partially_refunded", "{}", reply.text());
    assert!(!owns(&bob, lost).await && owns(&bob, kept).await);
    shop.is_sound().await;
    let reply = support.post(&path, json!({"reason": "a gesture", "keep_access": true})).await;
    assert_eq!(reply.json()["status"], "refunded", "{}", reply.text());
    assert!(owns(&bob, kept).await && !owns(&shop.ada, kept).await, "it stays with whose it is");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_gift_of_which_a_part_was_given_back_is_the_rest() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let (lost, kept) = (shop.sell("Lost", 300).await, shop.sell("Kept", 500).await);
    let (bought, token) = give(&shop, &shop.ada, &[lost, kept]).await;
    let path = format!("/api/v1/orders/{}/refund", id(&bought));
    assert_eq!(shop.ada.post(&path, json!({"items": [lost], "reason": "x"})).await.status, 200);
    assert_eq!(claimed(&bob, &token).await["items"], json!([{"product_id": kept, "title": "Kept"}]));
    assert!(!owns(&bob, lost).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_access_kept_of_a_gift_that_nobody_claimed_is_nobodys() {
    let shop = shop().await;
    let (bob, support) = (shop.app.account("bob").await, shop.app.support().await);
    let game = shop.sell("Celeste", 1999).await;
    let (bought, token) = give(&shop, &shop.ada, &[game]).await;
    let path = format!("/api/v1/admin/orders/{}/refund", id(&bought));
    assert_eq!(support.post(&path, json!({"reason": "x", "keep_access": true})).await.status, 200);
    assert!(!owns(&shop.ada, game).await);
    assert_eq!(claim(&bob, &token).await.code(), "invalid_gift");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_holds_back_what_is_claimed_and_what_is_not() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let (game, book) = (shop.sell("Claimed", 300).await, shop.sell("Waiting", 500).await);
    let (first, token) = give(&shop, &shop.ada, &[game]).await;
    claimed(&bob, &token).await;
    assert_eq!(end(&shop.ada, &first, "dispute").await.status, 200);
    assert!(!owns(&bob, game).await);
    let (second, token) = give(&shop, &shop.ada, &[book]).await;
    assert_eq!(end(&shop.ada, &second, "dispute").await.status, 200);
    assert_eq!(claim(&bob, &token).await.code(), "gift_held_back");
    refused(&act(&shop.ada, &second, "take-back").await, "not_returnable", "disputed");
    let day = shop.app.clock.now() + TimeDelta::days(1);
    let third = pay(&shop.ada, &[book], json!({"email": "later@example.com", "deliver_at": day})).await;
    assert_eq!(end(&shop.ada, &third, "dispute").await.status, 200);
    shop.app.advance(TimeDelta::days(1));
    assert!(shop.app.letters("later@example.com").await.is_empty(), "what is disputed is not mailed");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_gift_is_mailed_again_with_the_same_link_so_often() {
    let shop = Shop::with(|config| config.checkout.gift_resends_per_account = Rate::new(2, 3600)).await;
    shop.app.prove("ada@example.com").await;
    let (bob, eve) = (shop.app.account("bob").await, shop.app.account("eve").await);
    let (bought, token) = give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    assert_eq!(act(&shop.ada, &bought, "resend").await.status, 200);
    let letters = shop.app.letters(FRIEND).await;
    assert_eq!(
        letters.iter().map(|letter| letter.link().1).collect::<Vec<_>>(),
        [token.clone(), token.clone()]
    );
    claimed(&bob, &token).await;
    refused(&act(&shop.ada, &bought, "resend").await, "not_resendable", "claimed");
    let reply = act(&shop.ada, &bought, "resend").await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    for action in ["resend", "take-back"] {
        assert_eq!(act(&eve, &bought, action).await.status, 404, "it is another's");
    }
}

#[tokio::test]
async fn a_gift_that_waited_for_long_becomes_the_givers_own() {
    let mut shop = shop().await;
    let bob = shop.app.account("bob").await;
    let game = shop.sell("Celeste", 1999).await;
    let (bought, token) = give(&shop, &shop.ada, &[game]).await;
    refused(&act(&shop.ada, &bought, "take-back").await, "not_returnable", "too_early");
    shop.app.advance(TimeDelta::days(30));
    shop.ada_again().await;
    let reply = act(&shop.ada, &bought, "take-back").await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("taken_back")), "{}", reply.text());
    let item = shop.ada.get(&format!("/api/v1/library/{game}")).await.json();
    assert_eq!(item["source"], "order");
    refused(&act(&shop.ada, &bought, "take-back").await, "not_returnable", "taken_back");
    let bob = sign_in(&shop, &bob).await;
    assert_eq!(claim(&bob, &token).await.code(), "invalid_gift");
    shop.is_sound().await;
}

async fn sign_in(shop: &Shop, who: &Client) -> Client {
    let body = json!({"email": who.session()["account"]["email"], "password": crate::support::PASSWORD});
    Client::signed_in(&shop.app.url, &shop.app.nobody().post("/api/v1/auth/login", body).await.json())
}

#[tokio::test]
async fn what_a_giver_owns_is_not_taken_back_but_refunded() {
    let mut shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    buy(&shop.ada, &[game]).await;
    let (bought, _) = give(&shop, &shop.ada, &[game]).await;
    shop.app.advance(TimeDelta::days(30));
    shop.ada_again().await;
    let reply = act(&shop.ada, &bought, "take-back").await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert!(reply.json()["detail"].as_str().unwrap().contains("refund"), "{}", reply.text());
    shop.is_sound().await;
}

#[tokio::test]
async fn a_gift_that_somebody_else_claimed_is_not_withdrawn_from() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let (bought, token) = give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let withdrawal = format!("/api/v1/orders/{}/withdrawal", id(&bought));
    assert_eq!(shop.ada.post(&withdrawal, json!({})).await.status, 200, "it is nobody's yet");
    claimed(&bob, &token).await;
    let confirmed = shop.ada.act(&format!("{withdrawal}/confirm")).await;
    refused(&confirmed, "not_withdrawable", "claimed");
    refused(&shop.ada.post(&withdrawal, json!({})).await, "not_withdrawable", "claimed");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_gift_whose_mail_was_refused_is_mailed_again_or_becomes_the_givers_own() {
    let mut shop = shop().await;
    let mut gifts = Vec::new();
    for title in ["Celeste", "Hades"] {
        let game = shop.sell(title, 1999).await;
        pay(&shop.ada, &[game], json!({"email": "full@example.com"})).await;
        gifts.push(newest(&shop.ada).await);
        // As if the mail had been refused for good.
        let dropped = job::Entity::delete_many().filter(job::Column::Kind.eq("gift_mail"));
        assert_eq!(dropped.exec(shop.app.app.db.writer()).await.unwrap().rows_affected, 1);
    }
    assert_eq!(newest(&shop.ada).await["status"], "scheduled");
    assert_eq!(newest(&shop.ada).await["take_back_from"], "2026-12-22T12:00:00Z");
    let reply = shop.ada.act(&format!("{GIFTS}/{}/resend", id(&gifts[0]))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(shop.app.letters("full@example.com").await.len(), 1);

    let back = format!("{GIFTS}/{}/take-back", id(&gifts[1]));
    refused(&shop.ada.act(&back).await, "not_returnable", "too_early");
    shop.app.advance(TimeDelta::days(30));
    shop.ada_again().await;
    let reply = shop.ada.act(&back).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("taken_back")), "{}", reply.text());
    shop.is_sound().await;
}
