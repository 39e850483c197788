//! Orders as their buyers and support see them.
use serde_json::json;
use uuid::Uuid;

use super::shop::{Shop, buy, id, order, read};

#[tokio::test]
async fn orders_come_newest_first_and_page_by_page() {
    let shop = Shop::new().await;
    let mut placed = Vec::new();
    for number in 0..5 {
        let product = shop.sell(&format!("Game {number}"), 100).await;
        placed.push(id(&order(&shop.ada, &[product]).await));
    }
    placed.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/orders?limit=2".to_owned();
    loop {
        let reply = shop.ada.get(&path).await;
        let page = reply.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        assert!(reply.header("link").contains("rel=\"next\""));
        path = format!("/api/v1/orders?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, placed);
    let bob = shop.app.account("bob").await;
    let reply = bob.get(&path).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"), "another's list");
    assert_eq!(bob.get("/api/v1/orders").await.json()["items"], json!([]));
}

#[tokio::test]
async fn anothers_order_is_not_there() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let order = order(&shop.ada, &[game]).await;
    let bob = shop.app.account("bob").await;
    let path = format!("/api/v1/orders/{}", id(&order));
    for who in [&bob, &shop.editor, &shop.app.admin().await] {
        assert_eq!(who.get(&path).await.status, 404);
        assert_eq!(who.act(&format!("{path}/cancel")).await.status, 404);
    }
    assert_eq!(read(&shop.ada, &order).await["status"], "pending");
}

#[tokio::test]
async fn only_an_open_order_is_cancelled() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 100).await, shop.sell("A Book", 200).await);
    let (open, paid) = (order(&shop.ada, &[game]).await, buy(&shop.ada, &[book]).await);
    let cancel = async |order| shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(order))).await;
    let reply = cancel(&open).await;
    assert_eq!((reply.status, reply.json()["status"].clone()), (200, json!("cancelled")));
    assert_eq!(reply.json()["payment"]["status"], "cancelled");
    for order in [&open, &paid] {
        let reply = cancel(order).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "not_cancellable"));
    }
    shop.is_sound().await;
}

#[tokio::test]
async fn support_finds_everybodys_orders() {
    let shop = Shop::new().await;
    let bob = shop.app.account("bob").await;
    let (game, book) = (shop.sell("A Game", 100).await, shop.sell("A Book", 200).await);
    let first = buy(&shop.ada, &[game]).await;
    shop.app.advance(chrono::Duration::seconds(10));
    let second = order(&bob, &[game]).await;
    shop.app.advance(chrono::Duration::seconds(10));
    let third = order(&shop.ada, &[book]).await;
    let support = shop.app.support().await;
    let found = async |query: &str| {
        let reply = support.get(&format!("/api/v1/admin/orders?{query}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    let [one, two, three] = [&first, &second, &third].map(id);
    assert_eq!(found("").await, [three, two, one]);
    assert_eq!(found("status=paid").await, [one]);
    assert_eq!(found("status=paid,pending&limit=2").await, [three, two]);
    assert_eq!(found("status=refunded").await, Vec::<Uuid>::new());
    assert_eq!(found(&format!("q={}", shop.ada.account_id())).await, [three, one]);
    assert_eq!(found(&format!("q={two}")).await, [two]);
    let number = second["number"].as_str().unwrap().to_lowercase();
    assert_eq!(found(&format!("q={}", &number[..8])).await, [two]);
    assert_eq!(found(&format!("q={number}")).await, [two]);
    assert_eq!(found("q=Ada%40EXAMPLE.com").await, [three, one]);
    assert_eq!(found("q=nobody%40example.com").await, Vec::<Uuid>::new());
    assert_eq!(found("q=m-").await, [three, two, one]);
    assert_eq!(found("q=n").await, Vec::<Uuid>::new());
    assert_eq!(found("q=%25").await, Vec::<Uuid>::new(), "a wildcard is a letter like others");
    assert_eq!(found("from=2026-11-22T12:00:10Z&to=2026-11-22T12:00:20Z").await, [two]);
    let reply = support.get("/api/v1/admin/orders?status=sold&from=soon&page=1").await;
    assert_eq!((reply.status, reply.faults().len()), (422, 3));
    let reply = support.get(&format!("/api/v1/admin/orders/{two}")).await.json();
    assert_eq!((&reply["id"], &reply["account_id"]), (&json!(two), &json!(bob.account_id())));
    assert_eq!(support.get(&format!("/api/v1/admin/orders/{}", Uuid::nil())).await.status, 404);
    for who in [&shop.ada, &shop.editor] {
        assert_eq!(who.get("/api/v1/admin/orders").await.status, 403);
        assert_eq!(who.get(&format!("/api/v1/admin/orders/{two}")).await.status, 403);
    }
}
