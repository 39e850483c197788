//! Who has the link takes a gift into an account: any, and one alone.
use futures::future::join_all;
use mist::background;
use serde_json::json;

use super::{claim, claimed, give, newest, owns, shop};
use crate::checkout::shop::{buy, end};

#[tokio::test]
async fn a_gift_is_claimed_into_any_account_once() {
    let shop = shop().await;
    let (bob, eve) = (shop.app.account("bob").await, shop.app.account("eve").await);
    let game = shop.sell("Celeste", 1999).await;
    let (_, token) = give(&shop, &shop.ada, &[game]).await;
    let gift = claimed(&bob, &token).await;
    assert_eq!(gift["items"], json!([{"product_id": game, "title": "Celeste"}]));
    let item = bob.get(&format!("/api/v1/library/{game}")).await.json();
    assert_eq!(item["source"], "gift");
    assert_eq!(claimed(&bob, &token).await, gift, "an answer that was lost is given again");
    assert_eq!(claim(&eve, &token).await.code(), "invalid_gift");
    assert!(!owns(&eve, game).await && !owns(&shop.ada, game).await);

    let sent = newest(&shop.ada).await;
    assert_eq!(
        (&sent["status"], &sent["email"], &sent["message"]),
        (&json!("claimed"), &json!(null), &json!(null))
    );
    assert!(!sent.to_string().contains(&bob.account_id().to_string()), "{sent}");
    background::tick(&shop.app.app, "events").await.unwrap();
    let told = shop.ada.get("/api/v1/notifications").await.json();
    assert_eq!(told["items"][0]["kind"], "gift_claimed", "{told}");
    assert!(!told.to_string().contains(&bob.account_id().to_string()), "{told}");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_token_that_gives_nothing_is_refused_alike() {
    let shop = shop().await;
    let (bob, eve) = (shop.app.account("bob").await, shop.app.account("eve").await);
    let (_, token) = give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    claimed(&bob, &token).await;
    let (unknown, used) = (claim(&eve, "x").await, claim(&eve, &token).await);
    let without = |reply: &crate::support::Reply| {
        let mut problem = reply.json();
        problem.as_object_mut().unwrap().remove("instance");
        problem
    };
    assert_eq!((unknown.status, without(&unknown)), (used.status, without(&used)));
    assert_eq!(claim(&shop.app.nobody(), &token).await.status, 401);
}

#[tokio::test]
async fn what_a_claimer_owns_already_leaves_the_gift_to_others() {
    let shop = shop().await;
    let (bob, eve) = (shop.app.account("bob").await, shop.app.account("eve").await);
    let game = shop.sell("Celeste", 1999).await;
    buy(&bob, &[game]).await;
    let (_, token) = give(&shop, &shop.ada, &[game, shop.sell("Other", 100).await]).await;
    let reply = claim(&bob, &token).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert_eq!(reply.json()["products"], json!([game]));
    assert_eq!(newest(&shop.ada).await["status"], "sent");
    claimed(&eve, &token).await;
    assert!(owns(&eve, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_a_dispute_holds_back_from_a_claimer_leaves_the_gift_to_others() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let eve = shop.app.account("eve").await;
    let disputed = buy(&eve, &[game]).await;
    assert_eq!(end(&eve, &disputed, "dispute").await.status, 200);
    let (_, token) = give(&shop, &shop.ada, &[game]).await;
    let refused = claim(&eve, &token).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "already_owned"), "{}", refused.text());
    let bob = shop.app.account("bob").await;
    assert_eq!(claim(&bob, &token).await.status, 200);
    shop.is_sound().await;
}

#[tokio::test]
async fn of_twenty_who_claim_a_gift_at_once_one_gets_it() {
    let shop = shop().await;
    let mut people = Vec::new();
    for nth in 0..20 {
        people.push(shop.app.account(&format!("person{nth}")).await);
    }
    let game = shop.sell("Celeste", 1999).await;
    let (_, token) = give(&shop, &shop.ada, &[game]).await;
    let replies = join_all(people.iter().map(|person| claim(person, &token))).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(won.len(), 1);
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.code() == "invalid_gift"));
    let mut owners = 0;
    for person in &people {
        owners += usize::from(owns(person, game).await);
    }
    assert_eq!(owners, 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn two_gifts_of_one_product_claimed_at_once_into_one_account_give_it_once() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let game = shop.sell("Celeste", 1999).await;
    let (_, first) = give(&shop, &shop.ada, &[game]).await;
    let (_, second) = give(&shop, &shop.ada, &[game]).await;
    let replies = join_all([claim(&bob, &first), claim(&bob, &second)]).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    shop.is_sound().await;
}

#[tokio::test]
async fn licence_keys_are_the_claimers() {
    let shop = shop().await;
    let bob = shop.app.account("bob").await;
    let game = shop.sell("Celeste", 1999).await;
    let path = format!("/api/v1/admin/products/{game}/license-keys");
    assert_eq!(shop.editor.post(&path, json!({"keys": ["AAAA-BBBB"]})).await.status, 201);
    let (_, token) = give(&shop, &shop.ada, &[game]).await;
    claimed(&bob, &token).await;
    let item = bob.get(&format!("/api/v1/library/{game}")).await.json();
    assert_eq!(item["license_keys"], json!(["AAAA-BBBB"]));
    shop.is_sound().await;
}
