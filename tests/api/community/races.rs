//! Everybody at once, and every count exact.
use futures::future::join_all;
use serde_json::json;

use super::reviewers::{mine, read, report, reviewer, vote};
use crate::checkout::shop::{Shop, buy, id};

#[tokio::test]
async fn of_twenty_reviews_by_one_account_at_once_one_is_there() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    buy(&shop.ada, &[game]).await;
    let path = mine(game);
    let replies = join_all((0..20).map(|n| shop.ada.put(&path, json!({"rating": n % 5 + 1})))).await;
    let created = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!((created, replies.iter().filter(|reply| reply.status == 200).count()), (1, 19));
    let page = read(&shop, game, "").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["summary"]["count"]), (1, &json!(1)));
    assert_eq!(page["summary"]["histogram"][page["items"][0]["rating"].to_string()], 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn fifty_reviewers_at_once_make_an_exact_summary() {
    let shop = Shop::new().await;
    let (game, support) = (shop.sell("A Game", 0).await, shop.app.support().await);
    let names: Vec<String> = (0..50).map(|number| format!("reviewer-{number}")).collect();
    let reviewers = join_all(names.iter().map(|name| async {
        let client = shop.app.account(name).await;
        let path = format!("/api/v1/admin/accounts/{}/grants", client.account_id());
        let gift = support.post(&path, json!({"product_id": game, "reason": "A copy"})).await;
        assert_eq!(gift.status, 201, "{}", gift.text());
        client
    }))
    .await;
    let path = mine(game);
    let put = |place: usize, stars: usize| reviewers[place].put(&path, json!({"rating": stars % 5 + 1}));
    let replies = join_all((0..50).map(|place| put(place, place))).await;
    assert!(replies.iter().all(|reply| reply.status == 201));
    let each = json!({"1": 10, "2": 10, "3": 10, "4": 10, "5": 10});
    assert_eq!(
        read(&shop, game, "").await["summary"],
        json!({"average": 3.0, "count": 50, "histogram": each})
    );
    // Some change their mind while others take it back and support hides some.
    let hide = |place: usize| {
        let path = format!("/api/v1/admin/reviews/{}", id(&replies[place].json()));
        let support = &support;
        async move { support.patch(&path, "*", json!({"status": "hidden"})).await }
    };
    let (changed, deleted, hidden) = futures::join!(
        join_all((0..20).map(|place| put(place, 4))),
        join_all((20..30).map(|place| reviewers[place].delete(&path))),
        join_all((30..40).map(hide)),
    );
    assert!(changed.iter().chain(&hidden).all(|reply| reply.status == 200));
    assert!(deleted.iter().all(|reply| reply.status == 204));
    let left = json!({"1": 2, "2": 2, "3": 2, "4": 2, "5": 22});
    let summary = &read(&shop, game, "").await["summary"];
    assert_eq!((&summary["count"], &summary["histogram"]), (&json!(30), &left));
    shop.is_sound().await;
}

#[tokio::test]
async fn votes_that_come_and_go_at_once_are_counted_exactly() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let (_, review) = reviewer(&shop, "bob", game, 4).await;
    let names: Vec<String> = (0..12).map(|number| format!("voter-{number}")).collect();
    let voters = join_all(names.iter().map(|name| shop.app.account(name))).await;
    let path = format!("/api/v1/reviews/{review}/vote");
    let rounds = join_all(voters.iter().enumerate().map(|(place, voter)| {
        let path = &path;
        async move {
            let (yes, no, twice) = futures::join!(
                vote(voter, review, true),
                vote(voter, review, false),
                vote(voter, review, true)
            );
            let back = voter.delete(path).await;
            // Every other comes round to it again.
            let last =
                if place % 2 == 0 { vote(voter, review, true).await } else { voter.delete(path).await };
            [yes.status, no.status, twice.status, back.status, last.status]
        }
    }))
    .await;
    assert!(rounds.iter().flatten().all(|status| *status == 204), "{rounds:?}");
    assert_eq!(read(&shop, game, "").await["items"][0]["helpful_count"], 6);
    shop.is_sound().await;
}

#[tokio::test]
async fn reports_at_once_are_counted_once_per_account() {
    let shop = Shop::new().await;
    let (game, support) = (shop.sell("A Game", 100).await, shop.app.support().await);
    let (_, review) = reviewer(&shop, "bob", game, 4).await;
    let cid = shop.app.account("cid").await;
    let clients = [&shop.ada, &cid, &shop.ada, &cid, &shop.ada, &cid];
    let replies = join_all(clients.map(|client| report(client, review))).await;
    assert!(replies.iter().all(|reply| reply.status == 202));
    let page = support.get("/api/v1/admin/reviews?status=reported").await.json();
    assert_eq!(page["items"][0]["open_reports"], 2);
    assert_eq!(page["items"][0]["reports"].as_array().unwrap().len(), 2);
}
