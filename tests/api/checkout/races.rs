//! Many at once: `cargo xtask race` does the same for hundreds of rounds.
use std::collections::HashSet;

use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use super::shop::{Shop, checkout, end, id, wish};
use crate::support::Reply;

/// Rounds of a race in every run of the tests.
const ROUNDS: usize = 3;

#[tokio::test]
async fn fifty_checkouts_with_one_key_make_one_order() {
    let shop = Shop::new().await;
    for round in 0..ROUNDS {
        let product = shop.sell(&format!("Game {round}"), 1999).await;
        let key = format!("round-{round}");
        let replies = join_all((0..50).map(|_| {
            let request = shop.ada.request(Method::POST, "/api/v1/checkout").header("idempotency-key", &key);
            Reply::of(request.json(&wish(&[product])))
        }))
        .await;
        let mut orders = HashSet::new();
        for reply in replies {
            match reply.status {
                201 => drop(orders.insert(id(&reply.json()))),
                _ => assert_eq!((reply.status, reply.code().as_str()), (409, "idempotency_in_progress")),
            }
        }
        assert_eq!(orders.len(), 1);
    }
    let placed = shop.ada.get("/api/v1/orders?limit=100").await.json();
    assert_eq!(placed["items"].as_array().unwrap().len(), ROUNDS);
    shop.is_sound().await;
}

#[tokio::test]
async fn of_twenty_simultaneous_orders_for_one_product_one_is_paid() {
    let shop = Shop::new().await;
    for round in 0..ROUNDS {
        let product = shop.sell(&format!("Game {round}"), 1999).await;
        let replies = join_all((0..20).map(|_| async { checkout(&shop.ada, &[product]).await })).await;
        let orders: Vec<Value> =
            replies.iter().filter(|reply| reply.status == 201).map(Reply::json).collect();
        for reply in replies.iter().filter(|reply| reply.status != 201) {
            assert_eq!((reply.status, reply.code().as_str()), (409, "order_pending"));
        }
        assert!(!orders.is_empty());
        let paid = join_all(orders.iter().map(|order| end(&shop.ada, order, "succeed"))).await;
        assert_eq!(paid.iter().filter(|reply| reply.status == 200).count(), 1);
    }
    let all = shop.ada.get("/api/v1/orders?limit=100").await.json();
    let paid = all["items"].as_array().unwrap().iter().filter(|order| order["status"] == "paid").count();
    assert_eq!(paid, ROUNDS);
    shop.is_sound().await;
}

#[tokio::test]
async fn of_a_payment_that_succeeds_is_cancelled_and_is_replaced_at_once_one_thing_happens() {
    let shop = Shop::new().await;
    for round in 0..ROUNDS {
        let products = [shop.sell(&format!("Game {round}"), 1999).await];
        let order = super::shop::order(&shop.ada, &products).await;
        let cancel = format!("/api/v1/orders/{}/cancel", id(&order));
        let (paid, again, cancelled, replaced) = tokio::join!(
            end(&shop.ada, &order, "succeed"),
            end(&shop.ada, &order, "succeed"),
            shop.ada.act(&cancel),
            checkout(&shop.ada, &products),
        );
        assert_eq!(paid.status, again.status);
        let was_paid = paid.status == 200;
        assert_eq!(was_paid, cancelled.status == 409 && replaced.status == 409);
    }
    shop.is_sound().await;
}
