//! Receipts: what was sold as it was, as a page and for printing, and numbers without a gap.
use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Duration;
use entity::invoice;
use futures::future::join_all;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::shop::{Shop, buy, id, order, wish};
use crate::support::{Client, Reply, judge::judge};

async fn receipt(client: &Client, order: &Value, accept: &str) -> Reply {
    let path = format!("/api/v1/orders/{}/receipt", id(order));
    Reply::of(client.request(Method::GET, &path).header("accept", accept)).await
}

/// Everything that was numbered: series, year, number.
async fn numbers(shop: &Shop) -> Vec<(String, i32, i64)> {
    let rows = invoice::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let numbers: BTreeSet<_> = rows.into_iter().map(|row| (row.series, row.year, row.number)).collect();
    numbers.into_iter().collect()
}

/// Lets the jobs run that are due some seconds after a payment.
async fn settle(shop: &Shop) {
    shop.app.advance(Duration::seconds(11));
    while shop.app.run_jobs().await > 0 {}
}

#[tokio::test]
async fn a_receipt_is_a_page_or_printed_and_becomes_an_invoice() {
    let mut shop = Shop::with(|config| {
        config.store.seller_name = "Pixel & Söhne GmbH".to_owned();
        config.store.seller_address = "Am Markt 1\n99423 Weimar".to_owned();
        config.store.seller_tax_id = "DE123456789".to_owned();
    })
    .await;
    let game = shop.sell("Moby <Dick> & Co", 1190).await;
    let mut body = wish(&[game]);
    body["country"] = json!("DE");
    let order = shop.ada.post("/api/v1/checkout", body).await.json();
    let unpaid = receipt(&shop.ada, &order, "text/html").await;
    assert_eq!((unpaid.status, unpaid.code().as_str()), (409, "not_paid"));
    super::shop::end(&shop.ada, &order, "succeed").await;

    let page = receipt(&shop.ada, &order, "text/html").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "private, no-store");
    let text = page.text();
    for told in
        ["<h1>Receipt</h1>", "Moby &lt;Dick&gt; &amp; Co", "19 % tax included", "1.90 USD", "11.90 USD"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    settle(&shop).await;
    shop.ada_again().await;
    let text = receipt(&shop.ada, &order, "text/html").await.text();
    for told in ["<h1>Invoice</h1>", "INV-2026-000001", "Am Markt 1", "DE123456789"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let printed = receipt(&shop.ada, &order, "application/pdf").await;
    assert_eq!((printed.status, printed.header("content-type")), (200, "application/pdf"));
    let asked = json!({"judge": "pdf", "document": STANDARD.encode(&printed.body)});
    let judged = judge(&asked)["answer"].clone();
    assert_eq!((&judged["title"], &judged["language"]), (&json!("Invoice"), &json!("en")));
    for told in ["Moby <Dick> & Co", "Pixel & Söhne GmbH", "INV-2026-000001", "11.90 USD"] {
        assert!(judged["text"].as_str().unwrap().contains(told), "{told}: {judged}");
    }
}

#[tokio::test]
async fn a_receipt_is_its_buyers_alone_in_what_they_accept_and_speak() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1190).await;
    let order = buy(&shop.ada, &[game]).await;
    assert_eq!(receipt(&shop.app.account("bob").await, &order, "text/html").await.status, 404);
    assert_eq!(receipt(&shop.app.nobody(), &order, "text/html").await.status, 401);
    assert_eq!(receipt(&shop.ada, &order, "image/png").await.status, 406);
    assert_eq!(receipt(&shop.ada, &order, "*/*").await.header("content-type"), "text/html; charset=utf-8");
    let path = format!("/api/v1/orders/{}/receipt", id(&order));
    let german = shop.ada.request(Method::GET, &path).header("accept-language", "de");
    let page = Reply::of(german.header("accept", "text/html")).await;
    assert!(page.text().contains("<h1>Beleg</h1>"), "{}", page.text());
}

#[tokio::test]
async fn invoices_are_numbered_without_a_gap_and_credit_notes_apart() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1190).await;
    let mut buyers = Vec::new();
    for number in 0..20 {
        buyers.push(shop.app.account(&format!("buyer{number}")).await);
    }
    let games = [game];
    let orders = join_all(buyers.iter().map(|buyer| buy(buyer, &games))).await;
    let free = shop.sell("Free", 0).await;
    order(&shop.ada, &[free]).await;
    let refund = format!("/api/v1/orders/{}/refund", id(&orders[3]));
    assert_eq!(buyers[3].post(&refund, json!({"reason": "no fun"})).await.status, 200);
    // Two copies number at once.
    let other = shop.app.another_copy().await;
    shop.app.advance(Duration::seconds(11));
    let work = async || while shop.app.run_jobs().await > 0 {};
    let others = async || while other.run_jobs().await > 0 {};
    tokio::join!(work(), others());
    settle(&shop).await;
    let mut expected = vec![("CN".to_owned(), 2026, 1)];
    expected.extend((1..=20).map(|number| ("INV".to_owned(), 2026, number)));
    assert_eq!(numbers(&shop).await, expected, "what costs nothing has no invoice");
    shop.is_sound().await;
}
