//! Support judges what is reported, and the publisher answers.
use chrono::Duration;
use entity::review_report;
use mist::{background, config::Rate};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::reviewers::{mine, read, report, reviewer, say, vote};
use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD, Reply},
};

fn at(review: Uuid) -> String {
    format!("/api/v1/admin/reviews/{review}")
}

async fn judge(support: &Client, review: Uuid, body: Value) -> Value {
    let reply = Reply::of(support.request(Method::PATCH, &at(review)).json(&body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn listed(support: &Client, status: &str) -> Vec<Uuid> {
    let page = support.get(&format!("/api/v1/admin/reviews?status={status}")).await.json();
    page["items"].as_array().unwrap().iter().map(crate::checkout::shop::id).collect()
}

/// The kinds of what happened to reviews, oldest first.
async fn told(shop: &Shop) -> Vec<(String, Value)> {
    use entity::event::{Column, Entity};
    use sea_orm::QueryOrder;
    let rows = Entity::find().order_by_asc(Column::Id).all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().filter(|row| row.kind.starts_with("review.")).map(|row| (row.kind, row.data)).collect()
}

#[tokio::test]
async fn what_is_reported_is_judged_once_and_its_author_does_not_undo_it() {
    let shop = Shop::new().await;
    let (support, game) = (shop.app.support().await, shop.sell("A Game", 100).await);
    let (bob, bad) = reviewer(&shop, "bob", game, 1).await;
    let (cid, good) = reviewer(&shop, "cid", game, 5).await;
    for _ in 0..2 {
        assert_eq!(report(&shop.ada, bad).await.status, 202, "once is enough");
    }
    assert_eq!(report(&cid, bad).await.status, 202);
    assert_eq!(listed(&support, "reported").await, [bad]);
    let page = support.get("/api/v1/admin/reviews?status=reported").await.json();
    let seen = &page["items"][0];
    assert_eq!((&seen["open_reports"], &seen["status"]), (&json!(2), &json!("published")));
    assert_eq!(seen["account_id"], json!(bob.account_id()));
    assert_eq!(seen["reports"][0]["reason"], "It is an advert.");

    let hidden = judge(&support, bad, json!({"status": "hidden", "note": "An advert."})).await;
    assert_eq!((&hidden["status"], &hidden["note"]), (&json!("hidden"), &json!("An advert.")));
    assert_eq!((&hidden["open_reports"], &hidden["reports"]), (&json!(0), &json!([])));
    assert_eq!((listed(&support, "reported").await, listed(&support, "hidden").await), (vec![], vec![bad]));
    assert_eq!(listed(&support, "published,hidden").await, [good, bad], "newest first");
    let public = read(&shop, game, "").await;
    assert_eq!((&public["summary"]["count"], &public["summary"]["average"]), (&json!(1), &json!(5.0)));

    say(&bob, game, json!({"rating": 2, "title": "Again"})).await;
    assert_eq!(bob.delete(&mine(game)).await.status, 204);
    assert_eq!(bob.get(&mine(game)).await.status, 404);
    assert_eq!(listed(&support, "hidden").await, [] as [Uuid; 0], "there is nothing to see");
    assert_eq!(bob.put(&mine(game), json!({"rating": 3, "title": "Anew"})).await.status, 201);
    assert_eq!(read(&shop, game, "").await["summary"]["count"], 1, "however it is written");
    assert_eq!(report(&shop.ada, bad).await.code(), "not_found");
    shop.is_sound().await;

    judge(&support, bad, json!({"status": "published"})).await;
    let public = read(&shop, game, "").await;
    assert_eq!((&public["summary"]["count"], &public["summary"]["average"]), (&json!(2), &json!(4.0)));
    assert_eq!(report(&shop.ada, bad).await.status, 202, "it was reported by her before");
    assert_eq!(listed(&support, "reported").await, [] as [Uuid; 0]);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_happens_to_reviews_is_told_by_ids_alone_and_what_staff_did_is_audited() {
    let shop = Shop::new().await;
    let (admin, support) = (shop.app.admin().await, shop.app.support().await);
    let game = shop.sell("A Game", 100).await;
    let (bob, review) = reviewer(&shop, "bob", game, 1).await;
    say(&bob, game, json!({"rating": 1, "title": "bob"})).await;
    report(&shop.ada, review).await;
    judge(&support, review, json!({"status": "hidden", "note": "Rude."})).await;
    judge(&support, review, json!({"status": "published"})).await;
    support.put(&format!("{}/answer", at(review)), json!({"body": "Sorry."})).await;
    bob.delete(&mine(game)).await;
    let kinds = ["written", "reported", "hidden", "published", "answered", "deleted"];
    let expected = kinds.map(|kind| (format!("review.{kind}"), json!({"product_id": game.to_string()})));
    assert_eq!(told(&shop).await, expected, "saying the same again is nothing new");
    background::tick(&shop.app.app, "events").await.unwrap();
    let log = admin.get("/api/v1/admin/audit-log?action=review.hidden").await.json();
    let entry = &log["items"][0];
    assert_eq!(entry["actor_id"], json!(support.account_id()));
    assert_eq!((&entry["subject_type"], &entry["subject_id"]), (&json!("review"), &json!(review)));
}

#[tokio::test]
async fn the_publisher_answers_a_review_and_takes_the_answer_back() {
    let shop = Shop::new().await;
    let (support, game) = (shop.app.support().await, shop.sell("A Game", 100).await);
    let (bob, review) = reviewer(&shop, "bob", game, 2).await;
    let path = format!("{}/answer", at(review));
    assert_eq!(bob.put(&path, json!({"body": "I am right."})).await.code(), "forbidden");
    shop.app.advance(Duration::minutes(1));
    for who in [&support, &shop.editor] {
        let reply = who.put(&path, json!({"body": "It is mended in 1.1."})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let shown = &read(&shop, game, "").await["items"][0];
    let answer = json!({"body": "It is mended in 1.1.", "created_at": "2026-11-22T12:01:00Z"});
    assert_eq!((&shown["answer"], &shown["updated_at"]), (&answer, &json!("2026-11-22T12:00:00Z")));
    for _ in 0..2 {
        assert_eq!(shop.editor.delete(&path).await.status, 200);
    }
    assert_eq!(read(&shop, game, "").await["items"][0]["answer"], Value::Null);
}

#[tokio::test]
async fn nobody_reports_their_own_or_everything() {
    let shop = Shop::with(|config| config.community.reports_per_account = Rate::new(1, 60)).await;
    let game = shop.sell("A Game", 100).await;
    let (bob, first) = reviewer(&shop, "bob", game, 1).await;
    let (_, second) = reviewer(&shop, "cid", game, 1).await;
    assert_eq!(report(&bob, first).await.code(), "own_review");
    assert_eq!(report(&shop.ada, first).await.status, 202);
    let reply = report(&shop.ada, second).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    shop.app.advance(Duration::seconds(61));
    assert_eq!(report(&shop.ada, second).await.status, 202);
}

#[tokio::test]
async fn the_lists_of_support_are_read_page_by_page() {
    let shop = Shop::new().await;
    let (support, game) = (shop.app.support().await, shop.sell("A Game", 100).await);
    let mut reviews = Vec::new();
    for name in ["bob", "cid", "dot"] {
        reviews.push(reviewer(&shop, name, game, 3).await.1);
    }
    reviews.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = support.get(&format!("/api/v1/admin/reviews?limit=2{cursor}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(crate::checkout::shop::id));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, reviews);
    let reply = support.get("/api/v1/admin/reviews?status=gone").await;
    assert_eq!(reply.faults(), [("status[0]".to_owned(), "invalid_choice".to_owned())]);
}

/// Why a review was reported, if it is known.
async fn reasons(shop: &Shop) -> Vec<Option<String>> {
    let rows = review_report::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| row.reason).collect()
}

#[tokio::test]
async fn why_a_review_was_reported_is_forgotten_some_time_after_it_was_judged() {
    let shop = Shop::new().await;
    let (support, game) = (shop.app.support().await, shop.sell("A Game", 100).await);
    let (_, judged) = reviewer(&shop, "bob", game, 1).await;
    let (_, open) = reviewer(&shop, "cid", game, 1).await;
    for review in [judged, open] {
        report(&shop.ada, review).await;
    }
    judge(&support, judged, json!({"status": "published"})).await;
    shop.app.advance(Duration::days(91));
    background::tick(&shop.app.app, "retention").await.unwrap();
    let kept = reasons(&shop).await;
    assert_eq!(kept.iter().filter(|reason| reason.is_none()).count(), 1, "{kept:?}");
    let erased = mist::community::forget_reports(&shop.app.app, shop.app.clock.now()).await.unwrap();
    assert_eq!(erased, 0, "what waits is kept");
}

#[tokio::test]
async fn what_staff_and_others_wrote_of_somebody_goes_with_their_account() {
    let shop = Shop::new().await;
    let (support, game) = (shop.app.support().await, shop.sell("A Game", 100).await);
    let (bob, review) = reviewer(&shop, "bob", game, 1).await;
    report(&shop.ada, review).await;
    vote(&shop.ada, review, true).await;
    judge(&support, review, json!({"status": "published", "note": "Bob is known for this."})).await;
    let exported = bob.get("/api/v1/me/export").await.json();
    assert_eq!(exported["reviews"][0]["note"], "Bob is known for this.");
    let exported = shop.ada.get("/api/v1/me/export").await.json();
    assert_eq!(exported["review_votes"][0]["review_id"], json!(review));
    assert_eq!(exported["review_reports"][0]["reason"], "It is an advert.");
    for who in [&bob, &shop.ada] {
        let erase = who.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
        assert_eq!(Reply::of(erase).await.status, 204);
    }
    let page = support.get("/api/v1/admin/reviews").await.json();
    assert_eq!((&page["items"][0]["note"], &page["items"][0]["helpful_count"]), (&Value::Null, &json!(1)));
    assert_eq!(reasons(&shop).await, [None]);
    shop.is_sound().await;
}
