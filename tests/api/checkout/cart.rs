//! What is in a cart, and what it costs.
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, usd};

fn item(product: Uuid) -> String {
    format!("/api/v1/cart/items/{product}")
}

fn products(quote: &Value) -> Vec<String> {
    let items = quote["items"].as_array().unwrap();
    items.iter().map(|item| item["product"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_cart_is_filled_priced_and_emptied() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let empty = shop.ada.get("/api/v1/cart").await;
    assert_eq!((empty.status, &empty.json()["total"]), (200, &usd(0)));
    shop.ada.put(&item(game), json!({})).await;
    shop.app.advance(chrono::Duration::seconds(1));
    shop.ada.put(&item(book), json!({})).await;
    let again = shop.ada.put(&item(game), json!({})).await;
    assert_eq!(again.status, 200, "{}", again.text());
    let cart = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!(cart, again.json());
    assert_eq!(products(&cart), [game.to_string(), book.to_string()]);
    assert_eq!(cart["items"][0]["unit_price"], usd(1999));
    assert_eq!(cart["items"][0]["total"], usd(1999));
    assert_eq!((&cart["subtotal"], &cart["discount"]), (&usd(2500), &usd(0)));
    assert_eq!((&cart["tax"], &cart["total"]), (&usd(0), &usd(2500)));
    assert_eq!(
        (&cart["coupon"], &cart["currency"], &cart["country"]),
        (&Value::Null, &json!("USD"), &json!("US"))
    );
    let rest = shop.ada.delete(&item(game)).await;
    assert_eq!((rest.status, products(&rest.json())), (200, vec![book.to_string()]));
    let gone = shop.ada.delete(&item(Uuid::nil())).await;
    assert_eq!(gone.status, 200, "what is not in there is not in there afterwards");
}

#[tokio::test]
async fn what_is_not_in_the_store_is_not_put_into_a_cart() {
    let shop = Shop::new().await;
    let draft = shop.draft("Soon", json!([{"currency": "USD", "amount": 100}])).await;
    let archived = shop.sell("Once", 100).await;
    shop.edit(archived, "archive").await;
    for product in [draft, Uuid::nil()] {
        let reply = shop.ada.put(&item(product), json!({})).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    }
    let reply = shop.ada.put(&item(archived), json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (409, "not_for_sale"),
        "it was there for everybody to see"
    );
    assert_eq!(reply.json()["products"], json!([archived]));
    let elsewhere = shop.sell_at("Elsewhere", json!([{"currency": "EUR", "amount": 100}])).await;
    let reply = shop.ada.put(&item(elsewhere), json!({})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_for_sale"));
    let reply = shop.ada.put(&format!("{}?currency=EUR", item(elsewhere)), json!({})).await;
    assert_eq!((reply.status, &reply.json()["total"]["currency"]), (200, &json!("EUR")));
}

#[tokio::test]
async fn what_is_owned_is_not_put_into_a_cart() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    let reply = shop.ada.put(&item(game), json!({})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert_eq!(reply.json()["products"], json!([game]));
}

#[tokio::test]
async fn a_cart_is_priced_for_a_currency_and_a_country() {
    let shop = Shop::new().await;
    let prices = json!([
        {"currency": "USD", "amount": 1000}, {"currency": "EUR", "amount": 900},
        {"currency": "EUR", "amount": 800, "country": "PL"}
    ]);
    let game = shop.sell_at("A Game", prices).await;
    shop.ada.put(&item(game), json!({})).await;
    let total = async |query: &str| {
        let cart = shop.ada.get(&format!("/api/v1/cart{query}")).await.json();
        (cart["total"]["amount"].as_i64().unwrap(), cart["country"].as_str().unwrap().to_owned())
    };
    assert_eq!(total("").await, (1000, "US".to_owned()));
    assert_eq!(total("?currency=EUR").await, (900, "US".to_owned()));
    assert_eq!(total("?currency=EUR&country=PL").await, (800, "PL".to_owned()));
    let reply = shop.ada.get("/api/v1/cart?currency=JPY").await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_for_sale"));
    assert_eq!(reply.json()["products"], json!([game]));
    let reply = shop.ada.get("/api/v1/cart?currency=XXX&country=XX&page=1").await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.faults().len(), 3);
}

#[tokio::test]
async fn a_change_succeeds_although_something_else_in_the_cart_left_the_store() {
    let shop = Shop::new().await;
    let (gone, stays) = (shop.sell("Gone", 100).await, shop.sell("Stays", 200).await);
    shop.ada.put(&item(gone), json!({})).await;
    shop.edit(gone, "archive").await;
    let reply = shop.ada.put(&item(stays), json!({})).await;
    assert_eq!((reply.status, products(&reply.json())), (200, vec![stays.to_string()]));
    let reply = shop.ada.get("/api/v1/cart").await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_for_sale"));
    shop.ada.delete(&item(gone)).await;
    assert_eq!(shop.ada.get("/api/v1/cart").await.status, 200);
}
