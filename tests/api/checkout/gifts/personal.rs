//! What gifts hold of people, and for how long.
use reqwest::Method;
use serde_json::json;

use super::{FRIEND, claimed, pay, shop};
use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD, Reply, everything::places_of},
};

const WORDS: &str = "A quiet birthday wish";

async fn gift(shop: &Shop) -> String {
    let game = shop.sell("Celeste", 1999).await;
    pay(&shop.ada, &[game], json!({"email": FRIEND, "message": WORDS})).await;
    shop.app.token_for(FRIEND, super::PAGE).await
}

async fn traces(shop: &Shop) -> Vec<String> {
    places_of(&shop.app.app.db.read, &[FRIEND, WORDS]).await
}

async fn export(client: &Client) -> serde_json::Value {
    client.get("/api/v1/me/export").await.json()
}

#[tokio::test]
async fn a_recipients_address_stands_in_the_gift_alone_and_goes_when_it_is_claimed() {
    let shop = shop().await;
    let token = gift(&shop).await;
    assert_eq!(traces(&shop).await, ["gift.email", "gift.message"]);
    assert_eq!(
        places_of(&shop.app.app.db.read, &[&token]).await,
        ["gift.token_hash"],
        "only its hash is kept"
    );
    let bob = shop.app.account("bob").await;
    claimed(&bob, &token).await;
    assert_eq!(traces(&shop).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_erased_giver_takes_the_address_along_and_what_was_mailed_can_be_claimed() {
    let shop = shop().await;
    let token = gift(&shop).await;
    let erasure = shop.ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erasure).await.status, 204);
    assert_eq!(traces(&shop).await, Vec::<String>::new());
    let bob = shop.app.account("bob").await;
    claimed(&bob, &token).await;
}

#[tokio::test]
async fn an_export_tells_givers_what_they_gave_and_claimers_what_they_claimed() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let token = gift(&shop).await;
    let sent = export(&shop.ada).await["gifts_sent"].clone();
    assert_eq!((&sent[0]["email"], &sent[0]["message"]), (&json!(FRIEND), &json!(WORDS)));
    claimed(&bob, &token).await;
    let (hers, his) = (export(&shop.ada).await, export(&bob).await);
    assert_eq!((&hers["gifts_sent"][0]["status"], &hers["gifts_claimed"]), (&json!("claimed"), &json!([])));
    assert!(!hers.to_string().contains(&bob.account_id().to_string()), "whose it is stays untold");
    assert_eq!(his["gifts_claimed"][0], json!({"id": sent[0]["id"], "claimed_at": "2026-11-22T12:00:00Z"}));
    assert!(!his.to_string().contains(&shop.ada.account_id().to_string()));
}
