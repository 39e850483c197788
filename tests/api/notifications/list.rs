//! What somebody was told, page by page, in their language, and that they have read it.
use reqwest::Method;
use serde_json::{Value, json};

use super::{NOTIFICATIONS, follow, page, shop, text, told};
use crate::{
    checkout::shop::{Shop, buy},
    support::{Client, Reply},
};

const READ: &str = "/api/v1/notifications/read";

/// Ada, who was told of five things.
async fn told_five() -> Shop {
    let shop = shop().await;
    let mut products = Vec::new();
    for number in 0..4 {
        products.push(shop.sell(&format!("Game {number}"), 100).await);
    }
    buy(&shop.ada, &products).await;
    follow(&shop.app).await;
    shop
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| text(item, "id").to_owned()).collect()
}

async fn unread(client: &Client) -> i64 {
    page(client, "").await["unread_count"].as_i64().unwrap()
}

#[tokio::test]
async fn pages_skip_and_repeat_nothing_and_say_how_much_is_unread() {
    let shop = told_five().await;
    let all = told(&shop.ada).await;
    assert_eq!(all.len(), 5);
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = page(&shop.ada, &query).await;
        assert_eq!(page["unread_count"], 5);
        seen.extend(ids(page["items"].as_array().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, ids(&all));
    let cursor = page(&shop.ada, "?limit=2").await["next_cursor"].as_str().unwrap().to_owned();
    let other = shop.editor.get(&format!("{NOTIFICATIONS}?cursor={cursor}")).await;
    assert_eq!((other.status, other.code().as_str()), (400, "invalid_cursor"), "another's place");
}

#[tokio::test]
async fn only_ones_own_are_read_and_marked() {
    let shop = told_five().await;
    let (bob, all) = (shop.app.account("bob").await, ids(&told(&shop.ada).await));
    assert_eq!(bob.post(READ, json!({"ids": all})).await.status, 204, "others' are passed over");
    assert_eq!((unread(&shop.ada).await, told(&bob).await.len()), (5, 0));
    let unknown = "01900000-0000-7000-8000-000000000000";
    assert_eq!(shop.ada.post(READ, json!({"ids": [all[0], unknown]})).await.status, 204);
    assert_eq!(unread(&shop.ada).await, 4);
    let read: Vec<Value> = told(&shop.ada).await.iter().map(|item| item["read_at"].clone()).collect();
    assert_eq!(read[0], "2026-11-22T12:00:00Z");
    assert!(read[1..].iter().all(Value::is_null), "{read:?}");
    let left = page(&shop.ada, "?unread=true").await;
    assert_eq!(ids(left["items"].as_array().unwrap()), all[1..]);
    assert_eq!(shop.ada.post(READ, json!({"all": true})).await.status, 204);
    assert_eq!(
        (unread(&shop.ada).await, page(&shop.ada, "?unread=true").await["items"].clone()),
        (0, json!([]))
    );
}

#[tokio::test]
async fn what_was_read_is_said_in_one_way() {
    let shop = shop().await;
    let id = "01900000-0000-7000-8000-000000000000";
    for body in [json!({}), json!({"ids": [id], "all": true}), json!({"all": false})] {
        let reply = shop.ada.post(READ, body).await;
        assert_eq!((reply.status, reply.faults()), (422, vec![("ids".to_owned(), "one_of".to_owned())]));
    }
    assert_eq!(shop.ada.post(READ, json!({"ids": vec![id; 101]})).await.code(), "too_many");
    assert_eq!(shop.ada.post(READ, json!({"ids": vec![id; 100]})).await.status, 204);
}

#[tokio::test]
async fn it_is_told_in_the_readers_language() {
    let shop = shop().await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    follow(&shop.app).await;
    let ask = async |query: &str, accept: &str| {
        let request = shop.ada.request(Method::GET, &format!("{NOTIFICATIONS}{query}"));
        let reply = Reply::of(request.header("accept-language", accept)).await;
        let titles: Vec<String> = reply.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "title").to_owned())
            .collect();
        assert!(reply.header("vary").contains("Accept-Language, "), "{}", reply.header("vary"));
        (reply.header("content-language").to_owned(), titles.contains(&"Celeste gehört Ihnen".to_owned()))
    };
    assert_eq!(ask("", "de-AT").await, ("de".to_owned(), true));
    assert_eq!(ask("?locale=de", "fr").await, ("de".to_owned(), true));
    assert_eq!(ask("", "fr").await, ("fr".to_owned(), false));
    let chosen = shop.ada.request(Method::PATCH, "/api/v1/me").json(&json!({"locale": "de"}));
    assert_eq!(Reply::of(chosen).await.status, 200);
    shop.app.app.identity.forget(shop.ada.session_id()).await;
    assert_eq!(ask("", "fr").await, ("de".to_owned(), true), "the account's comes before the browser's");
}
