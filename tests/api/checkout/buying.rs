//! From a cart to a paid order, and why there is none.
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, checkout, end, id, order, read, usd, wish};

#[tokio::test]
async fn a_cart_becomes_an_order_that_is_paid_once_and_owned() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    for product in [game, book] {
        shop.ada.put(&format!("/api/v1/cart/items/{product}"), json!({})).await;
    }
    let body = json!({"accept_immediate_delivery": true, "expected_total": usd(2500)});
    let reply = shop.ada.post("/api/v1/checkout", body).await;
    let order = reply.json();
    assert_eq!(reply.status, 201, "{order}");
    assert_eq!(reply.header("location"), format!("/api/v1/orders/{}", id(&order)));
    let number = order["number"].as_str().unwrap();
    assert!(number.len() == 12 && number.starts_with("M-"), "{number}");
    assert_eq!(order["status"], "pending");
    assert_eq!(order["items"].as_array().unwrap().len(), 2);
    let line = &order["items"].as_array().unwrap().iter().find(|item| item["title"] == "A Game").unwrap();
    assert_eq!(
        **line,
        json!({"product_id": game, "bundle_id": null, "title": "A Game", "unit_price": usd(1999), "discount": usd(0),
               "tax": usd(0), "tax_rate": "0", "total": usd(1999), "refunded": false})
    );
    assert_eq!((&order["subtotal"], &order["total"]), (&usd(2500), &usd(2500)));
    assert_eq!((&order["country"], &order["coupon"]), (&json!("US"), &Value::Null));
    assert_eq!((&order["paid_at"], &order["refunded_at"]), (&Value::Null, &Value::Null));
    let payment = order["payment"]["id"].as_str().unwrap();
    let url = order["payment"]["checkout_url"].clone();
    let page = shop.app.app.public_url(&format!("/checkout/mock/{payment}?token="));
    assert!(url.as_str().unwrap().starts_with(&page), "{url}");
    assert_eq!(
        order["payment"],
        json!({"id": payment, "provider": "mock", "status": "pending", "checkout_url": url})
    );
    assert_eq!(shop.ada.get("/api/v1/cart").await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 404);

    let paid = end(&shop.ada, &order, "succeed").await;
    assert_eq!((paid.status, paid.json()["status"].clone()), (200, json!("paid")), "{}", paid.text());
    assert_eq!(paid.json()["paid_at"], "2026-11-22T12:00:00Z");
    assert_eq!(
        paid.json()["payment"],
        json!({"id": payment, "provider": "mock", "status": "succeeded", "checkout_url": null})
    );
    assert_eq!(read(&shop.ada, &order).await, paid.json());
    assert_eq!(shop.ada.get("/api/v1/cart").await.json()["items"], json!([]));
    assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, 200);
    assert_eq!(shop.events().await, ["entitlement.granted", "entitlement.granted", "order.paid"]);
    let mails = shop.app.subjects("ada@example.com").await;
    assert_eq!(mails.iter().filter(|subject| subject.starts_with("receipt for order")).count(), 1);
    shop.is_sound().await;
}

#[tokio::test]
async fn what_costs_nothing_is_paid_at_once() {
    let shop = Shop::new().await;
    let gift = shop.sell("A Gift", 0).await;
    let order = order(&shop.ada, &[gift]).await;
    assert_eq!((&order["status"], &order["total"]), (&json!("paid"), &usd(0)));
    assert_eq!(order["payment"]["provider"], "free");
    assert_eq!(order["payment"]["status"], "succeeded");
    assert_eq!(end(&shop.ada, &order, "dispute").await.status, 404);
    shop.is_sound().await;
}

#[tokio::test]
async fn lines_keep_title_and_price_as_they_were() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = buy(&shop.ada, &[game]).await;
    shop.price(game, 5).await;
    let path = format!("/api/v1/admin/products/{game}");
    assert_eq!(shop.editor.patch(&path, "*", json!({"title": "Another"})).await.status, 200);
    assert_eq!(read(&shop.ada, &order).await["items"], order["items"]);
}

#[tokio::test]
async fn one_answer_names_every_fault_of_a_checkout() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let body = json!({"items": [{"product_id": game}, {"product_id": game}], "success_url": "http://evil.example/",
                      "cancel_url": "javascript:alert(1)"});
    let reply = shop.ada.post("/api/v1/checkout", body).await;
    let faults = [
        ("items[1].product_id", "duplicate"),
        ("accept_immediate_delivery", "consent_required"),
        ("success_url", "invalid_url"),
        ("cancel_url", "invalid_url"),
    ];
    assert_eq!(reply.faults(), faults.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let body = json!({"items": [{"product_id": "x", "quantity": 2}], "provider": "cash", "currency": "XXX",
                      "expected_total": {"amount": -1, "currency": "USD"}, "accept_immediate_delivery": 1, "more": 1});
    let reply = shop.ada.post("/api/v1/checkout", body).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("accept_immediate_delivery", "wrong_type"),
        ("currency", "invalid_currency"),
        ("expected_total.amount", "out_of_range"),
        ("items[0].product_id", "invalid_uuid"),
        ("items[0].quantity", "unknown_field"),
        ("more", "unknown_field"),
        ("provider", "invalid_choice"),
    ];
    assert_eq!(faults, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn an_order_needs_consent_and_something_to_buy() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    for consent in [
        json!({"items": [{"product_id": game}]}),
        json!({"items": [{"product_id": game}], "accept_immediate_delivery": false}),
    ] {
        let reply = shop.ada.post("/api/v1/checkout", consent).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "consent_required"));
    }
    for nothing in [json!({"accept_immediate_delivery": true}), wish(&[])] {
        let reply = shop.ada.post("/api/v1/checkout", nothing).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "empty_order"));
    }
    let mut body = wish(&[game]);
    body["coupon"] = json!("HALF");
    let reply = shop.ada.post("/api/v1/checkout", body).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "invalid_coupon"));
    assert_eq!(reply.json()["reason"], "unknown");
    assert_eq!(shop.app.nobody().post("/api/v1/checkout", json!(1)).await.status, 401);
}

#[tokio::test]
async fn what_is_not_sold_is_not_bought() {
    let shop = Shop::new().await;
    let draft = shop.draft("Soon", json!([{"currency": "USD", "amount": 100}])).await;
    let archived = shop.sell("Once", 100).await;
    shop.edit(archived, "archive").await;
    let elsewhere = shop.sell_at("Elsewhere", json!([{"currency": "EUR", "amount": 100}])).await;
    let undelivered = shop.sell("Imported", 100).await;
    undeliver(&shop, undelivered).await;
    for product in [draft, archived, elsewhere, undelivered, Uuid::nil()] {
        let reply = checkout(&shop.ada, &[product]).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "not_for_sale"), "{}", reply.text());
        assert_eq!(reply.json()["products"], json!([product]));
    }
    let mut body = wish(&[elsewhere]);
    body["currency"] = json!("EUR");
    assert_eq!(shop.ada.post("/api/v1/checkout", body).await.status, 201);
}

/// As an import leaves it that brings neither builds nor a day.
async fn undeliver(shop: &Shop, product: Uuid) {
    use sea_orm::{ActiveModelTrait, Set};
    let row =
        entity::product::ActiveModel { id: Set(product), release_date: Set(None), ..Default::default() };
    row.update(shop.app.app.db.writer()).await.unwrap();
}

#[tokio::test]
async fn what_is_owned_is_not_bought_again() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    buy(&shop.ada, &[game]).await;
    let reply = checkout(&shop.ada, &[game, book]).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "already_owned"));
    assert_eq!(reply.json()["products"], json!([game]));
    let bob = shop.app.account("bob").await;
    assert_eq!(checkout(&bob, &[game]).await.status, 201, "others may");
}

#[tokio::test]
async fn a_total_that_is_not_the_expected_one_is_answered_by_the_new_quote() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    shop.price(game, 2499).await;
    let mut body = wish(&[game]);
    for expected in [usd(1999), json!({"amount": 2499, "currency": "EUR"})] {
        body["expected_total"] = expected;
        let reply = shop.ada.post("/api/v1/checkout", body.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "price_changed"));
        let quote = &reply.json()["quote"];
        assert_eq!((&quote["total"], &quote["items"][0]["product"]["title"]), (&usd(2499), &json!("A Game")));
    }
    body["expected_total"] = usd(2499);
    assert_eq!(shop.ada.post("/api/v1/checkout", body).await.status, 201);
}

#[tokio::test]
async fn buyers_return_by_https_or_to_the_store_itself() {
    let shop = Shop::with(|config| {
        config.http.frontend_url = Some("http://front.example:3000".parse().unwrap());
    })
    .await;
    let game = shop.sell("A Game", 1999).await;
    let own = shop.app.app.public_url("/thanks?order=1");
    let mut body = wish(&[game]);
    for (url, status) in [
        ("https://shop.example/thanks", 201),
        (own.as_str(), 201),
        ("http://front.example:3000/thanks", 201),
        ("http://front.example/thanks", 422),
        ("https://user:secret@shop.example/", 422),
        ("/thanks", 422),
        ("data:text/html,x", 422),
    ] {
        body["success_url"] = json!(url);
        assert_eq!(shop.ada.post("/api/v1/checkout", body.clone()).await.status, status, "{url}");
    }
}

#[tokio::test]
async fn a_newer_order_for_the_same_product_replaces_the_open_one() {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let other = order(&shop.ada, &[book]).await;
    let first = order(&shop.ada, &[game]).await;
    let second = order(&shop.ada, &[game]).await;
    let replaced = read(&shop.ada, &first).await;
    assert_eq!(
        (&replaced["status"], &replaced["payment"]["status"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    assert_eq!(replaced["payment"]["checkout_url"], Value::Null);
    assert_eq!(read(&shop.ada, &other).await["status"], "pending", "it shares nothing");
    let late = end(&shop.ada, &first, "succeed").await;
    assert_eq!((late.status, late.code().as_str()), (409, "payment_closed"));
    assert_eq!(end(&shop.ada, &second, "succeed").await.json()["status"], "paid");
    // A refused checkout leaves the open order alone.
    let reply = checkout(&shop.ada, &[book, game]).await;
    assert_eq!(reply.code(), "already_owned");
    assert_eq!(read(&shop.ada, &other).await["status"], "pending");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_store_without_a_provider_sells_only_what_is_free() {
    let shop = Shop::with(|config| config.payments.providers.clear()).await;
    let (game, gift) = (shop.sell("A Game", 1999).await, shop.sell("A Gift", 0).await);
    let reply = checkout(&shop.ada, &[game]).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "no_provider"));
    assert_eq!(checkout(&shop.ada, &[gift]).await.status, 201);
    let mut body = wish(&[game]);
    body["provider"] = json!("mock");
    assert_eq!(shop.ada.post("/api/v1/checkout", body).await.code(), "unknown_provider");
}
