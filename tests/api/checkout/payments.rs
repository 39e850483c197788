//! How payments end.
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, checkout, end, id, order, read};
use crate::support::{Client, Reply};

async fn ends(client: &Client, order: &Value, outcome: &str) -> String {
    let reply = end(client, order, outcome).await;
    if reply.status == 200 { reply.json()["status"].as_str().unwrap().to_owned() } else { reply.code() }
}

#[tokio::test]
async fn a_decline_leaves_the_order_open_for_another_try() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let declined = end(&shop.ada, &order, "decline").await.json();
    assert_eq!(
        (&declined["status"], &declined["payment"]["status"]),
        (&json!("pending"), &json!("declined"))
    );
    assert_eq!(declined["payment"]["checkout_url"], order["payment"]["checkout_url"]);
    assert_eq!(ends(&shop.ada, &order, "decline").await, "pending");
    assert_eq!(ends(&shop.ada, &order, "succeed").await, "paid");
    assert_eq!(ends(&shop.ada, &order, "succeed").await, "paid", "news that comes twice changes nothing");
    assert_eq!(ends(&shop.ada, &order, "decline").await, "payment_closed");
    assert_eq!(ends(&shop.ada, &order, "cancel").await, "payment_closed");
    assert_eq!(shop.events().await, ["entitlement.granted", "order.paid"]);
    shop.is_sound().await;
}

#[tokio::test]
async fn who_gives_up_cancels_the_order() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    assert_eq!(ends(&shop.ada, &order, "dispute").await, "not_disputable");
    assert_eq!(ends(&shop.ada, &order, "cancel").await, "cancelled");
    for outcome in ["cancel", "decline", "succeed"] {
        assert_eq!(ends(&shop.ada, &order, outcome).await, "payment_closed");
    }
    assert_eq!(checkout(&shop.ada, &[game]).await.status, 201);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_holds_back_what_was_bought() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = buy(&shop.ada, &[game]).await;
    assert_eq!(ends(&shop.ada, &order, "dispute").await, "disputed");
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 404);
    assert_eq!(ends(&shop.ada, &order, "dispute").await, "not_disputable");
    assert_eq!(ends(&shop.ada, &order, "cancel").await, "payment_closed");
    assert_eq!(shop.events().await, ["entitlement.granted", "order.paid", "order.disputed"]);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_a_dispute_holds_back_is_not_sold_to_its_owner_again() {
    let shop = Shop::new().await;
    let (game, other) = (shop.sell("A Game", 1999).await, shop.sell("Other", 100).await);
    let disputed = buy(&shop.ada, &[game]).await;
    assert_eq!(ends(&shop.ada, &disputed, "dispute").await, "disputed");
    let again = checkout(&shop.ada, &[game, other]).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_owned"), "{}", again.text());
    assert_eq!(again.json()["products"], json!([game]));
    let into_cart = Reply::of(shop.ada.request(Method::PUT, &format!("/api/v1/cart/items/{game}"))).await;
    assert_eq!((into_cart.status, into_cart.code().as_str()), (409, "already_owned"));
    assert_eq!(checkout(&shop.app.account("bob").await, &[game]).await.status, 201, "others buy it");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_payment_is_its_buyers_alone_and_there_only_while_the_mock_is() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = order(&shop.ada, &[game]).await;
    let path = format!("/api/v1/payments/mock/{}", order["payment"]["id"].as_str().unwrap());
    let bob = shop.app.account("bob").await;
    for who in [&bob, &shop.editor] {
        assert_eq!(
            who.post(&path, json!({"outcome": "nonsense"})).await.status,
            404,
            "before the body is read"
        );
    }
    assert_eq!(shop.app.nobody().post(&path, json!({"outcome": "succeed"})).await.status, 401);
    let reply = shop.ada.post(&path, json!({"outcome": "nonsense"})).await;
    assert_eq!(reply.faults(), [("outcome".to_owned(), "invalid_choice".to_owned())]);
    let unknown = format!("/api/v1/payments/mock/{}", Uuid::nil());
    assert_eq!(shop.ada.post(&unknown, json!({"outcome": "succeed"})).await.status, 404);

    let without = Shop::with(|config| config.payments.providers.clear()).await;
    assert_eq!(without.ada.post(&unknown, json!({"outcome": "succeed"})).await.status, 404);
}

#[tokio::test]
async fn nobody_pays_for_what_they_came_to_own_meanwhile() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let order = order(&shop.ada, &[game, book]).await;
    let support = shop.app.support().await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let reply = support.post(&grants, json!({"product_id": book, "reason": "Sorry"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(ends(&shop.ada, &order, "succeed").await, "already_owned");
    let after = read(&shop.ada, &order).await;
    assert_eq!((&after["status"], &after["payment"]["status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(ends(&shop.ada, &order, "succeed").await, "payment_closed");
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 404);
    assert_eq!(id(&buy(&shop.ada, &[game]).await["payment"]).get_version_num(), 7);
    shop.is_sound().await;
}

#[tokio::test]
async fn the_ledger_holds_what_was_captured_and_sums_to_zero() {
    use entity::ledger_entry::{Account, Column, Entity};
    use sea_orm::{EntityTrait, QueryOrder};
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    let rows = Entity::find().order_by_asc(Column::Id).all(&shop.app.app.db.read).await.unwrap();
    let booked: Vec<_> = rows.iter().map(|row| (row.account, row.amount, row.currency.as_str())).collect();
    assert_eq!(booked, [(Account::Provider, 1999, "USD"), (Account::Sales, -1999, "USD")]);
}
