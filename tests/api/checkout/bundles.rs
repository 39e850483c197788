//! Bundles: one price for several products, less what the buyer has, and each product owned and given back as bought.
use chrono::Duration;
use mist::background;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, checkout, end, id, order, usd};
use crate::support::Reply;

/// A published bundle of products.
pub async fn bundle(shop: &Shop, title: &str, cents: i64, contents: &[Uuid]) -> Uuid {
    let bundle = shop.draft(title, json!([{"currency": "USD", "amount": cents}])).await;
    let path = format!("/api/v1/admin/products/{bundle}/relations");
    let reply = shop.editor.put(&path, json!({"contains": contents})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    shop.edit(bundle, "publish").await;
    bundle
}

fn amounts(of: &Value, name: &str) -> Vec<i64> {
    of["items"].as_array().unwrap().iter().map(|item| item[name]["amount"].as_i64().unwrap()).collect()
}

async fn owned(shop: &Shop, product: Uuid) -> Value {
    shop.ada.get(&format!("/api/v1/products/{product}")).await.json()["owned"].clone()
}

#[tokio::test]
async fn a_bundle_is_bought_at_its_price_and_each_of_its_products_is_owned() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2999, &[base, season]).await;
    for lies_beside in [season, complete] {
        let path = format!("/api/v1/cart/items/{lies_beside}");
        assert_eq!(Reply::of(shop.ada.request(Method::PUT, &path)).await.status, 200);
    }
    let quote = shop.ada.get("/api/v1/cart").await.json();
    assert_eq!(
        (&quote["subtotal"], &quote["total"]),
        (&usd(4000), &usd(2999)),
        "what lies beside it is in it"
    );
    assert_eq!(amounts(&quote, "discount"), [751, 250], "a quarter, to the unit");
    assert_eq!(quote["items"][0]["bundle_id"], json!(complete));

    let body = json!({"accept_immediate_delivery": true, "expected_total": usd(2999)});
    let order = shop.ada.post("/api/v1/checkout", body).await.json();
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    for product in [base, season, complete] {
        assert_eq!(owned(&shop, product).await, true);
    }
    assert_eq!(shop.ada.get("/api/v1/cart").await.json()["items"], json!([]));
    let again = checkout(&shop.ada, &[complete]).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_owned"));
    assert_eq!(again.json()["products"], json!([complete]));
    shop.is_sound().await;
}

#[tokio::test]
async fn what_is_owned_is_taken_off_a_bundle() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    buy(&shop.ada, &[season]).await;
    assert_eq!(owned(&shop, complete).await, false);
    let rest = order(&shop.ada, &[complete]).await;
    assert_eq!(
        (&rest["subtotal"], &rest["total"]),
        (&usd(3000), &usd(1500)),
        "three quarters of it are left"
    );
    assert_eq!(rest["items"][0]["product_id"], json!(base));
    assert_eq!(end(&shop.ada, &rest, "succeed").await.status, 200);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_coupon_comes_off_what_the_bundle_left() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    let coupon = json!({"code": "HALF", "percent": 50, "products": [complete]});
    assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
    let body =
        json!({"items": [{"product_id": complete}], "coupon": "HALF", "accept_immediate_delivery": true});
    let order = shop.ada.post("/api/v1/checkout", body).await.json();
    assert_eq!((&order["discount"], &order["total"]), (&usd(3000), &usd(1000)));
    assert_eq!(amounts(&order, "total"), [750, 250]);
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_bundle_is_sold_only_while_all_of_it_is() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    shop.edit(season, "archive").await;
    let reply = checkout(&shop.ada, &[complete]).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_for_sale"));
    assert_eq!(reply.json()["products"], json!([complete]));
}

#[tokio::test]
async fn a_buyer_gives_a_bundle_back_whole_and_staff_as_they_decide() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    let bought = buy(&shop.ada, &[complete]).await;
    let refund = format!("/api/v1/orders/{}/refund", id(&bought));
    let part = shop.ada.post(&refund, json!({"items": [season], "reason": "too short"})).await;
    assert_eq!((part.status, part.json()["reason"].clone()), (409, json!("part_of_bundle")));
    let support = shop.app.support().await;
    let by_staff = format!("/api/v1/admin/orders/{}/refund", id(&bought));
    let part = support.post(&by_staff, json!({"items": [season], "reason": "kindness"})).await;
    assert_eq!((part.status, part.json()["status"].clone()), (200, json!("partially_refunded")));
    let rest = shop.ada.post(&refund, json!({"reason": "too long"})).await;
    assert_eq!((rest.status, rest.json()["status"].clone()), (200, json!("refunded")), "{}", rest.text());
    assert_eq!(owned(&shop, base).await, false);
    shop.app.run_jobs().await;
    shop.is_sound().await;
}

#[tokio::test]
async fn an_order_holds_two_hundred_products_with_those_of_its_bundles() {
    let shop = Shop::new().await;
    let line = |number: usize| {
        let prices = json!([{"currency": "USD", "amount": 100}]);
        let title = format!("Part {number}");
        json!({
            "external_id": title, "kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01",
            "status": "published",
        })
    };
    let lines: Vec<String> = (0..201).map(|number| line(number).to_string()).collect();
    let import = shop.editor.request(Method::POST, "/api/v1/admin/import");
    let import = import.header("content-type", "application/x-ndjson").body(lines.join("\n"));
    assert_eq!(Reply::of(import).await.json()["created"], 201);
    let mut parts: Vec<Uuid> = Vec::new();
    let mut path = "/api/v1/products?sort=created_at&limit=100".to_owned();
    loop {
        let page = shop.app.nobody().get(&path).await.json();
        parts.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/products?sort=created_at&limit=100&cursor={cursor}");
    }
    let mut bundles = Vec::new();
    for (number, contents) in parts.chunks(50).enumerate() {
        bundles.push(bundle(&shop, &format!("Bundle {number}"), 4000, contents).await);
    }
    let reply = checkout(&shop.ada, &bundles).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "order_too_large"));
    bundles.pop();
    let whole = order(&shop.ada, &bundles).await;
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["total"]), (200, &usd(16_000)));
}

#[tokio::test]
async fn a_bundle_that_was_sold_stays_and_staff_gives_its_products_instead_of_it() {
    let shop = Shop::new().await;
    let (base, season) = (shop.sell("Base", 3000).await, shop.sell("Season", 1000).await);
    let complete = bundle(&shop, "Complete", 2000, &[base, season]).await;
    buy(&shop.ada, &[complete]).await;
    let path = format!("/api/v1/admin/products/{complete}");
    let reply = Reply::of(shop.editor.request(Method::DELETE, &path).header("if-match", "*")).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "product_sold"));
    let grants = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    let reply =
        shop.app.support().await.post(&grants, json!({"product_id": complete, "reason": "gift"})).await;
    assert_eq!((reply.status, reply.json()["errors"][0]["code"].clone()), (422, json!("is_bundle")));
}

#[tokio::test]
async fn what_is_bought_together_is_shown_first() {
    let shop = Shop::new().await;
    let (moby, whale, other) =
        (shop.sell("Moby", 100).await, shop.sell("Whale", 200).await, shop.sell("Other", 300).await);
    for name in ["bob", "eve"] {
        let client = shop.app.account(name).await;
        buy(&client, &[moby, whale]).await;
    }
    buy(&shop.ada, &[moby, other]).await;
    background::tick(&shop.app.app, "bought_together").await.unwrap();
    let related = async || shop.app.nobody().get("/api/v1/products/moby/related").await.json();
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    };
    let page = related().await;
    assert_eq!((ids(&page), &page["next_cursor"]), (vec![json!(whale), json!(other)], &json!(null)));
    // A quarter later nobody remembers.
    shop.app.advance(Duration::days(91));
    background::tick(&shop.app.app, "bought_together").await.unwrap();
    assert_eq!(ids(&related().await), Vec::<Value>::new());
}
