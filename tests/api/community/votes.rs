//! Which reviews help.
use serde_json::json;
use uuid::Uuid;

use super::reviewers::{mine, read, reviewer, vote};
use crate::checkout::shop::Shop;

#[tokio::test]
async fn a_vote_counts_once_is_changed_and_taken_back() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let (_, review) = reviewer(&shop, "bob", game, 4).await;
    let path = format!("/api/v1/reviews/{review}/vote");
    let count = async || read(&shop, game, "").await["items"][0]["helpful_count"].clone();
    for (helpful, expected) in [(true, 1), (true, 1), (false, 0), (true, 1)] {
        let reply = vote(&shop.ada, review, helpful).await;
        assert_eq!(reply.status, 204, "who owns it not may find it helpful: {}", reply.text());
        assert_eq!(count().await, expected);
    }
    for _ in 0..2 {
        assert_eq!(shop.ada.delete(&path).await.status, 204);
        assert_eq!(count().await, 0);
    }
    assert_eq!(shop.app.nobody().put(&path, json!({"helpful": true})).await.status, 401);
    let reply = shop.ada.put(&path, json!({"helpful": "very"})).await;
    assert_eq!(reply.faults(), [("helpful".to_owned(), "wrong_type".to_owned())]);
    shop.is_sound().await;
}

#[tokio::test]
async fn nobody_votes_on_their_own_or_on_what_they_do_not_see() {
    let shop = Shop::new().await;
    let support = shop.app.support().await;
    let game = shop.sell("A Game", 100).await;
    let (bob, review) = reviewer(&shop, "bob", game, 4).await;
    let own = vote(&bob, review, true).await;
    assert_eq!((own.status, own.code().as_str()), (403, "own_review"));
    assert_eq!(bob.delete(&format!("/api/v1/reviews/{review}/vote")).await.code(), "own_review");
    support.patch(&format!("/api/v1/admin/reviews/{review}"), "*", json!({"status": "hidden"})).await;
    for review in [review, Uuid::nil()] {
        assert_eq!(vote(&shop.ada, review, true).await.code(), "not_found");
    }
    let (_, open) = reviewer(&shop, "cid", game, 4).await;
    shop.edit(game, "archive").await;
    assert_eq!(vote(&shop.ada, open, true).await.code(), "not_found", "only its owners read it now");
    assert_eq!(vote(&bob, open, true).await.status, 204);
}

#[tokio::test]
async fn votes_go_with_their_review() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let (bob, review) = reviewer(&shop, "bob", game, 4).await;
    vote(&shop.ada, review, true).await;
    assert_eq!(bob.delete(&mine(game)).await.status, 204);
    assert_eq!(vote(&shop.ada, review, true).await.status, 404);
    bob.put(&mine(game), json!({"rating": 5})).await;
    assert_eq!(read(&shop, game, "").await["items"][0]["helpful_count"], 0);
    shop.is_sound().await;
}
