//! What somebody would like to own.
use chrono::Duration;
use mist::{background, community};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    checkout::{
        bundles::bundle,
        shop::{Shop, buy},
    },
    support::{Client, PASSWORD, Reply},
};

const WISHLIST: &str = "/api/v1/wishlist";

/// Most products of a wishlist.
const MOST: usize = 500;

fn item(product: Uuid) -> String {
    format!("{WISHLIST}/{product}")
}

async fn wish(client: &Client, product: Uuid) -> Reply {
    Reply::of(client.request(reqwest::Method::PUT, &item(product))).await
}

async fn wishes(client: &Client, query: &str) -> Value {
    let reply = client.get(&format!("{WISHLIST}{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn products(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["product"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Everybody who has a row of wishes for a product, whether a list shows it or not.
async fn wishers(shop: &Shop, product: Uuid) -> Vec<Uuid> {
    community::wishers(&shop.app.app.db.read, product, None, 100).await.unwrap()
}

async fn follow_events(shop: &Shop) {
    background::tick(&shop.app.app, "events").await.unwrap();
}

#[tokio::test]
async fn a_wishlist_is_filled_read_newest_first_and_emptied() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    assert_eq!(wishes(&shop.ada, "").await, json!({"items": [], "next_cursor": null}));
    assert_eq!(wish(&shop.ada, game).await.status, 204);
    shop.app.advance(Duration::seconds(1));
    assert_eq!(wish(&shop.ada, book).await.status, 204);
    assert_eq!(wish(&shop.ada, game).await.status, 204, "a wish can be repeated");
    let list = wishes(&shop.ada, "").await;
    assert_eq!(products(&list), [book.to_string(), game.to_string()]);
    let oldest = &list["items"][1];
    assert_eq!(oldest["added_at"], "2026-11-22T12:00:00Z", "and stays as old as it is");
    assert_eq!(
        (&oldest["product"]["title"], &oldest["product"]["price"]["amount"]),
        (&json!("A Game"), &json!(1999))
    );
    assert_eq!(
        (&oldest["product"]["owned"], &oldest["product"]["wishlisted"]),
        (&json!(false), &json!(true))
    );
    let bob = shop.app.account("bob").await;
    assert_eq!(
        products(&wishes(&bob, "").await),
        [] as [String; 0],
        "another's wishes are nobody's business"
    );
    for _ in 0..2 {
        assert_eq!(shop.ada.delete(&item(game)).await.status, 204, "taking off can be repeated");
    }
    assert_eq!(products(&wishes(&shop.ada, "").await), [book.to_string()]);
}

#[tokio::test]
async fn pages_of_a_wishlist_skip_and_repeat_nothing() {
    let shop = Shop::new().await;
    let mut wished = Vec::new();
    // All at one moment, so that the id decides.
    for number in 0..5 {
        let product = shop.sell(&format!("Game {number}"), 100).await;
        wish(&shop.ada, product).await;
        wished.push(product.to_string());
    }
    wished.sort();
    wished.reverse();
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = wishes(&shop.ada, &query).await;
        seen.extend(products(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, wished);
    let bob = shop.app.account("bob").await;
    let cursor = wishes(&shop.ada, "?limit=2").await["next_cursor"].as_str().unwrap().to_owned();
    let reply = bob.get(&format!("{WISHLIST}?limit=2&cursor={cursor}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn what_is_not_in_the_store_is_not_wished_for() {
    let shop = Shop::new().await;
    let draft = shop.draft("Soon", json!([{"currency": "USD", "amount": 100}])).await;
    let archived = shop.sell("Once", 100).await;
    wish(&shop.ada, archived).await;
    shop.edit(archived, "archive").await;
    assert_eq!(products(&wishes(&shop.ada, "").await), [] as [String; 0], "nobody can buy it");
    for product in [draft, archived, Uuid::nil()] {
        let reply = wish(&shop.ada, product).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    }
    for product in [draft, Uuid::nil()] {
        assert_eq!(shop.ada.delete(&item(product)).await.status, 404);
    }
    assert_eq!(shop.ada.delete(&item(archived)).await.status, 204, "an old wish can be given up");
    assert_eq!(wishers(&shop, archived).await, [] as [Uuid; 0]);
}

#[tokio::test]
async fn a_purchase_takes_the_product_off() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    wish(&shop.ada, game).await;
    wish(&shop.ada, book).await;
    buy(&shop.ada, &[game]).await;
    assert_eq!(products(&wishes(&shop.ada, "").await), [book.to_string()], "at once");
    let shown = shop.ada.get(&format!("/api/v1/products/{game}")).await.json();
    assert_eq!((&shown["owned"], &shown["wishlisted"]), (&json!(true), &json!(false)));
    follow_events(&shop).await;
    assert_eq!(wishers(&shop, game).await, [] as [Uuid; 0], "and for good");
    let reply = wish(&shop.ada, game).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert_eq!(wishers(&shop, book).await, [shop.ada.account_id()]);
}

#[tokio::test]
async fn a_wish_made_after_a_gift_was_taken_back_stays() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let support = shop.app.support().await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    assert_eq!(support.post(&grants, json!({"product_id": game, "reason": "A prize"})).await.status, 201);
    assert_eq!(support.delete(&format!("{grants}/{game}")).await.status, 204);
    shop.app.advance(Duration::seconds(1));
    assert_eq!(wish(&shop.ada, game).await.status, 204);
    // Only now the gift is read.
    follow_events(&shop).await;
    assert_eq!(products(&wishes(&shop.ada, "").await), [game.to_string()]);
}

#[tokio::test]
async fn the_storefront_tells_who_is_signed_in_what_they_wish_for() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    wish(&shop.ada, game).await;
    let bob = shop.app.account("bob").await;
    for (who, told) in [(&shop.ada, json!(true)), (&bob, json!(false))] {
        assert_eq!(who.get("/api/v1/products").await.json()["items"][0]["wishlisted"], told);
        assert_eq!(who.get(&format!("/api/v1/products/{game}")).await.json()["wishlisted"], told);
    }
    let stranger = shop.app.nobody().get("/api/v1/products").await.json();
    assert_eq!(stranger["items"][0].get("wishlisted"), None);
}

#[tokio::test]
async fn of_many_wishes_at_once_no_more_come_through_than_a_list_holds() {
    let shop = Shop::new().await;
    let prices = json!([{"currency": "USD", "amount": 100}]);
    let lines: String = (0..MOST + 3)
        .map(|number| {
            let line = json!({"external_id": number.to_string(), "kind": "game", "title": format!("Game {number}"),
                "prices": prices, "status": "published", "release_date": "2020-01-01"});
            format!("{line}\n")
        })
        .collect();
    let import = shop.editor.request(reqwest::Method::POST, "/api/v1/admin/import");
    let reply = Reply::of(import.header("content-type", "application/x-ndjson").body(lines)).await;
    assert_eq!(reply.json()["created"], MOST + 3, "{}", reply.text());
    let (mut ids, mut query) = (Vec::new(), "?limit=100".to_owned());
    loop {
        let page = shop.ada.get(&format!("/api/v1/products{query}")).await.json();
        ids.extend(page["items"].as_array().unwrap().iter().map(crate::checkout::shop::id));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=100&cursor={next}");
    }
    let (first, last) = ids.split_at(MOST - 2);
    for product in first {
        assert_eq!(wish(&shop.ada, *product).await.status, 204);
    }
    let replies = futures::future::join_all(last.iter().map(|product| wish(&shop.ada, *product))).await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 204, 409, 409, 409]);
    let refused = replies.iter().find(|reply| reply.status == 409).unwrap();
    assert_eq!(refused.code(), "wishlist_full");
}

#[tokio::test]
async fn wishes_are_taken_along_and_erased_with_their_account() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    wish(&shop.ada, game).await;
    let export = shop.ada.get("/api/v1/me/export").await.json();
    assert_eq!(export["wishlist"], json!([{"product_id": game, "added_at": "2026-11-22T12:00:00Z"}]));
    let erase = shop.ada.request(reqwest::Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erase).await.status, 204);
    assert_eq!(wishers(&shop, game).await, [] as [Uuid; 0]);
}

#[tokio::test]
async fn who_wishes_for_a_product_is_read_page_by_page() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let bob = shop.app.account("bob").await;
    wish(&shop.ada, game).await;
    wish(&bob, game).await;
    let read = &shop.app.app.db.read;
    let first = community::wishers(read, game, None, 1).await.unwrap();
    let second = community::wishers(read, game, first.last().copied(), 1).await.unwrap();
    let mut both = [shop.ada.account_id(), bob.account_id()];
    both.sort_unstable();
    assert_eq!([first, second].concat(), both);
}

#[tokio::test]
async fn a_bundle_is_wished_for_until_all_of_it_is_owned() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    let bob = shop.app.account("bob").await;
    wish(&shop.ada, complete).await;
    wish(&bob, complete).await;
    buy(&shop.ada, &[season]).await;
    follow_events(&shop).await;
    assert_eq!(products(&wishes(&shop.ada, "").await), [complete.to_string()], "half of it is not all");
    buy(&shop.ada, &[complete]).await;
    assert_eq!(products(&wishes(&shop.ada, "").await), [] as [String; 0], "at once");
    let refused = wish(&shop.ada, complete).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "already_owned"));
    follow_events(&shop).await;
    assert_eq!(wishers(&shop, complete).await, [bob.account_id()], "and for good");
    // Who gets each of its products by itself owns it too.
    buy(&bob, &[base]).await;
    buy(&bob, &[season]).await;
    follow_events(&shop).await;
    assert_eq!(wishers(&shop, complete).await, [] as [Uuid; 0]);
}
