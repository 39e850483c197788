//! What somebody owns.
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, id};
use crate::support::{Client, Reply};

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let reply = client.get(&format!("/api/v1/library{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let title = |item: &Value| item["product"]["title"].as_str().unwrap().to_owned();
    reply.json()["items"].as_array().unwrap().iter().map(title).collect()
}

#[tokio::test]
async fn a_library_shows_what_is_owned_with_its_released_builds() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let path = format!("/api/v1/admin/products/{game}/builds");
    for version in ["1.0", "2.0"] {
        let build =
            id(&shop.editor.post(&path, json!({"version": version, "platform": "linux"})).await.json());
        let file = format!("/api/v1/admin/builds/{build}/files/game.zip");
        Reply::of(shop.editor.request(reqwest::Method::PUT, &file).body("bytes")).await;
        if version == "1.0" {
            shop.editor.act(&format!("/api/v1/admin/builds/{build}/release")).await;
        }
    }
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 404);
    buy(&shop.ada, &[game]).await;
    let reply = shop.ada.get(&format!("/api/v1/library/{game}")).await;
    let item = reply.json();
    assert_eq!(reply.status, 200, "{item}");
    assert_eq!(reply.header("cache-control"), "private, no-store");
    assert_eq!((&item["product"]["title"], &item["product"]["owned"]), (&json!("A Game"), &json!(true)));
    assert_eq!((&item["granted_at"], &item["source"]), (&json!("2026-11-22T12:00:00Z"), &json!("order")));
    assert_eq!((&item["license_keys"], &item["last_downloaded_at"]), (&json!([]), &Value::Null));
    let builds = item["builds"].as_array().unwrap();
    assert_eq!(builds.len(), 1, "drafts are not offered");
    assert_eq!((&builds[0]["version"], &builds[0]["platform"]), (&json!("1.0"), &json!("linux")));
    assert_eq!(
        (&builds[0]["files"][0]["name"], &builds[0]["files"][0]["size"]),
        (&json!("game.zip"), &json!(5))
    );
    let list = shop.ada.get("/api/v1/library").await.json();
    assert_eq!(list, json!({"items": [item], "next_cursor": null}));
    shop.edit(game, "archive").await;
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 200, "owners keep it");
    let bob = shop.app.account("bob").await;
    assert_eq!(bob.get(&format!("/api/v1/library/{game}")).await.status, 404);
}

#[tokio::test]
async fn a_library_is_searched_sorted_and_paged() {
    let shop = Shop::new().await;
    for title in ["Banana", "apple", "Cherry Café", "Date"] {
        let product = shop.sell(title, 0).await;
        shop.app.advance(chrono::Duration::seconds(1));
        super::shop::order(&shop.ada, &[product]).await;
    }
    shop.sell("Elderberry", 0).await;
    assert_eq!(titles(&shop.ada, "").await, ["Date", "Cherry Café", "apple", "Banana"]);
    assert_eq!(titles(&shop.ada, "?sort=granted_at").await, ["Banana", "apple", "Cherry Café", "Date"]);
    assert_eq!(titles(&shop.ada, "?sort=title").await, ["apple", "Banana", "Cherry Café", "Date"]);
    assert_eq!(titles(&shop.ada, "?sort=-title&limit=1").await, ["Date"]);
    assert_eq!(titles(&shop.ada, "?q=CAFE").await, ["Cherry Café"]);
    assert_eq!(titles(&shop.ada, "?q=%25").await.len(), 4, "no word restricts nothing");
    assert_eq!(titles(&shop.ada, "?kind=ebook").await, Vec::<String>::new());
    assert_eq!(titles(&shop.ada, "?kind=ebook&kind=game").await.len(), 4);
    for sort in ["-granted_at", "granted_at", "title", "-title"] {
        let all = titles(&shop.ada, &format!("?sort={sort}")).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = shop.ada.get(&format!("/api/v1/library?sort={sort}&limit=1{cursor}")).await.json();
            seen.push(page["items"][0]["product"]["title"].as_str().unwrap().to_owned());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, all);
    }
    let reply = shop.ada.get("/api/v1/library?sort=price&kind=film&limit=0&x=1").await;
    assert_eq!((reply.status, reply.faults().len()), (422, 4));
    let page = shop.ada.get("/api/v1/library?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let reply = shop.ada.get(&format!("/api/v1/library?limit=1&sort=title&cursor={cursor}")).await;
    assert_eq!(reply.code(), "invalid_cursor");
}

#[tokio::test]
async fn a_product_is_in_a_library_once_by_its_earliest_right() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    shop.app.advance(chrono::Duration::seconds(60));
    // Support may give what staff wants kept whatever becomes of the order.
    let support = shop.app.support().await;
    let order = shop.ada.get("/api/v1/orders").await.json()["items"][0].clone();
    super::shop::end(&shop.ada, &order, "dispute").await;
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let reply = support.post(&grants, json!({"product_id": game, "reason": "Kept"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let items = shop.ada.get("/api/v1/library").await.json();
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
    assert_eq!(items["items"][0]["source"], "grant");
    shop.is_sound().await;
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{}", Uuid::nil())).await.status, 404);
}
