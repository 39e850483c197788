//! Receipts for whoever bought, and invoices whose numbers have no gap.
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{invoice, order};
use mist::background;
use queue::NewJob;
use reqwest::Method;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::shop::{Shop, buy, checkout, end, id, order as placed};
use crate::support::{Client, PASSWORD, Reply, judge::judge};

/// A font of the letters that the built-in one lacks; `cargo xtask test` installs it.
const FONT: &str = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf";

async fn receipt(client: &Client, order: &Value, accept: &str) -> Reply {
    let path = format!("/api/v1/orders/{}/receipt", id(order));
    Reply::of(client.request(Method::GET, &path).header("accept", accept)).await
}

async fn page(client: &Client, order: &Value) -> String {
    let reply = receipt(client, order, "text/html").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text()
}

/// What an independent reader finds in the receipt for printing.
async fn printed(client: &Client, order: &Value) -> Value {
    let reply = receipt(client, order, "application/pdf").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/pdf"), "{}", reply.text());
    let said =
        judge(&json!({"judge": "printed", "document": STANDARD.encode(&reply.body)}))["answer"].clone();
    assert_eq!(said["embedded"], true, "{said}");
    said
}

/// Lets the jobs of numbers come due, and runs them.
async fn number(shop: &Shop) {
    shop.app.advance(TimeDelta::seconds(10));
    shop.app.run_jobs().await;
}

async fn documents(shop: &Shop) -> Vec<invoice::Model> {
    let all = invoice::Entity::find()
        .order_by_asc(invoice::Column::Series)
        .order_by_asc(invoice::Column::Year)
        .order_by_asc(invoice::Column::Number);
    all.all(&shop.app.app.db.read).await.unwrap()
}

/// Invoices are numbered from 1 without a gap, in the order of payment.
async fn are_in_order(shop: &Shop, expected: usize) {
    let documents = documents(shop).await;
    let numbers: Vec<i64> = documents.iter().map(|document| document.number).collect();
    assert_eq!(numbers, (1..=i64::try_from(expected).unwrap()).collect::<Vec<_>>());
    let orders = order::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let paid = |document: &invoice::Model| -> DateTime<Utc> {
        orders.iter().find(|order| order.id == document.order_id).unwrap().paid_at.unwrap()
    };
    let paid: Vec<_> = documents.iter().map(paid).collect();
    assert!(paid.is_sorted(), "{paid:?}");
    shop.is_sound().await;
}

fn seller(config: &mut mist::config::Config) {
    config.store.seller_name = "Mist & Söhne".to_owned();
    config.store.seller_address = "Gasse 1\n1010 Wien".to_owned();
    config.store.seller_tax_id = "ATU1".to_owned();
}

#[tokio::test]
async fn the_mail_of_a_receipt_carries_the_numbered_invoice_and_stays_the_same_mail() {
    let shop = Shop::new().await;
    let order = buy(&shop.ada, &[shop.sell("Signs & <Wonders>", 1500).await]).await;
    let receipts = async || {
        let mut letters = shop.app.letters("ada@example.com").await;
        letters.retain(|letter| letter.subject.contains("receipt for order"));
        letters
    };
    let mails = receipts().await;
    assert_eq!(mails.len(), 1, "it doesn't wait for the job that numbers");
    let [(name, bytes)] = mails[0].files.as_slice() else { panic!("{:?}", mails[0]) };
    assert_eq!(name, "INV-2026-000001.pdf");
    let said = judge(&json!({"judge": "printed", "document": STANDARD.encode(bytes)}))["answer"].clone();
    let words = said.to_string();
    assert!(words.contains("INV-2026-000001") && words.contains("Signs & <Wonders>"), "{said}");
    assert!(mails[0].text.contains(order["number"].as_str().unwrap()));

    // By the job's id, so that whoever sends it again sends the same mail.
    let all = queue::Filter { kind: Some("receipt_mail".to_owned()), ..queue::Filter::default() };
    let job = queue::list(&shop.app.app.db.read, &all).await.unwrap().remove(0);
    let message = format!("Message-ID: <{}@localhost>", job.id);
    assert_eq!(shop.app.mails().iter().filter(|mail| mail.contains(&message)).count(), 1);
}

#[tokio::test]
async fn what_cost_nothing_has_a_receipt_at_once_and_no_invoice() {
    let shop = Shop::new().await;
    let body = super::shop::wish(&[shop.sell("A Gift", 0).await]);
    assert_eq!(shop.ada.post("/api/v1/checkout", body).await.status, 201);
    let letters = shop.app.letters("ada@example.com").await;
    let receipt = letters.iter().find(|letter| letter.subject.contains("receipt for order")).unwrap();
    assert_eq!(receipt.files, []);
    number(&shop).await;
    are_in_order(&shop, 0).await;
}

#[tokio::test]
async fn a_receipt_tells_who_sold_what_to_whom_and_is_an_invoice_once_it_has_a_number() {
    let shop = Shop::with(seller).await;
    let (one, two) = (shop.sell("<One>", 1999).await, shop.sell("Two", 101).await);
    let coupon = json!({"code": "TEN", "percent": 10});
    assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
    let mut wish = super::shop::wish(&[one, two]);
    wish["coupon"] = json!("TEN");
    wish["country"] = json!("DE");
    let order = shop.ada.post("/api/v1/checkout", wish).await.json();
    let early = receipt(&shop.ada, &order, "*/*").await;
    assert_eq!((early.status, early.code().as_str()), (409, "not_paid"));
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);

    let text = page(&shop.ada, &order).await;
    assert!(text.contains("<h1>Receipt</h1>") && !text.contains("INV-"), "{text}");
    number(&shop).await;
    let reply = receipt(&shop.ada, &order, "*/*").await;
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(reply.header("cache-control"), "private, no-store");
    assert!(reply.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    let text = reply.text();
    for part in [
        "<h1>Invoice</h1>",
        "INV-2026-000001",
        "Mist &amp; Söhne",
        "Gasse 1",
        "1010 Wien",
        "Tax ID: ATU1",
        order["number"].as_str().unwrap(),
        "22 November 2026",
        ">ada<",
        "&lt;One&gt;",
        "19.99 USD",
        "-2.10 USD",
        "18.90 USD",
        "19 % tax included",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let said = printed(&shop.ada, &order).await;
    assert_eq!((&said["title"], &said["language"]), (&json!("Invoice"), &json!("en")));
    let text = said["pages"][0].as_str().unwrap();
    for part in ["Mist & Söhne", "INV-2026-000001", "<One>", "19.99 USD", "-2.10 USD", "18.90 USD"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(said["fonts"], json!(["DejaVuSans"]));
}

#[tokio::test]
async fn a_receipt_is_its_buyers_alone_and_of_a_kind_that_there_is() {
    let shop = Shop::new().await;
    let order = buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let eve = shop.app.account("eve").await;
    assert_eq!(receipt(&eve, &order, "text/html").await.status, 404);
    assert_eq!(receipt(&shop.app.support().await, &order, "text/html").await.status, 404);
    assert_eq!(receipt(&shop.app.nobody(), &order, "text/html").await.status, 401);
    for accept in ["application/json", "image/png", "text/html;q=0, application/pdf;q=0"] {
        let reply = receipt(&shop.ada, &order, accept).await;
        assert_eq!((reply.status, reply.code().as_str()), (406, "not_acceptable"), "{accept}");
    }
}

#[tokio::test]
async fn a_receipt_is_in_the_readers_language() {
    let shop = Shop::new().await;
    let order = buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let path = format!("/api/v1/orders/{}/receipt", id(&order));
    let asked = shop.ada.request(Method::GET, &path).header("accept-language", "de");
    let reply = Reply::of(asked).await;
    assert_eq!(reply.header("content-language"), "de");
    assert!(
        reply.text().contains("<h1>Beleg</h1>") && reply.text().contains("19,99 USD"),
        "{}",
        reply.text()
    );
    let body = json!({"locale": "fr"});
    assert_eq!(Reply::of(shop.ada.request(Method::PATCH, "/api/v1/me").json(&body)).await.status, 200);
    assert!(page(&shop.ada, &order).await.contains("Reçu"));
}

#[tokio::test]
async fn a_tax_that_is_added_stands_above_the_total() {
    let shop = Shop::with(|config| config.taxes.included = false).await;
    let game = shop.sell("Celeste", 1000).await;
    let mut wish = super::shop::wish(&[game]);
    wish["country"] = json!("DE");
    let order = shop.ada.post("/api/v1/checkout", wish).await.json();
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    let text = page(&shop.ada, &order).await;
    let (_, sums) = text.split_once("<tfoot>").unwrap();
    let at = |part: &str| sums.find(part).unwrap_or_else(|| panic!("{part} in {sums}"));
    assert!(at("10.00 USD") < at("Tax of 19 %") && at("1.90 USD") < at("11.90 USD"), "{sums}");
}

#[tokio::test]
async fn what_is_given_back_has_a_credit_note_that_follows_its_invoice() {
    let shop = Shop::new().await;
    let (one, two) = (shop.sell("One", 300).await, shop.sell("Two", 500).await);
    let order = buy(&shop.ada, &[one, two]).await;
    let back = json!({"items": [two], "reason": "no"});
    assert_eq!(shop.ada.post(&format!("/api/v1/orders/{}/refund", id(&order)), back).await.status, 200);
    assert!(page(&shop.ada, &order).await.contains("Given back, 22 November 2026"));
    number(&shop).await;
    let text = page(&shop.ada, &order).await;
    assert!(text.contains("Credit note CN-2026-000001, 22 November 2026"), "{text}");
    assert!(text.contains("-5.00 USD") && text.contains("8.00 USD"), "the invoice stays as it was: {text}");
    let documents = documents(&shop).await;
    assert_eq!(documents.iter().map(|one| one.series.as_str()).collect::<Vec<_>>(), ["CN", "INV"]);
    assert_eq!(documents[0].snapshot["lines"].as_array().unwrap().len(), 1);
    let export = shop.ada.get("/api/v1/me/export").await.json();
    let told = &export["orders"][0]["invoices"];
    assert_eq!(told[0]["number"], "INV-2026-000001");
    assert_eq!(told[1]["number"], "CN-2026-000001");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_credit_note_is_read_and_printed_as_it_was_issued() {
    let shop = Shop::with(seller).await;
    let (one, two) = (shop.sell("One", 300).await, shop.sell("<Two>", 500).await);
    let mut wish = super::shop::wish(&[one, two]);
    wish["country"] = json!("DE");
    let order = shop.ada.post("/api/v1/checkout", wish).await.json();
    let order = end(&shop.ada, &order, "succeed").await.json();
    assert_eq!(order.get("refunds"), None, "nothing was given back yet");
    let back = json!({"items": [two], "reason": "no"});
    let order = shop.ada.post(&format!("/api/v1/orders/{}/refund", id(&order)), back).await.json();
    let refund = order["refunds"][0].clone();
    assert_eq!((&refund["amount"]["amount"], &refund["credit"]["amount"]), (&json!(500), &json!(0)));
    let path = format!("/api/v1/orders/{}/credit-notes/{}", id(&order), id(&refund));
    let read = async |client: &Client, path: &str, accept: &str| {
        Reply::of(client.request(Method::GET, path).header("accept", accept)).await
    };
    let early = read(&shop.ada, &path, "text/html").await;
    assert_eq!((early.status, early.code().as_str()), (409, "not_issued"));
    number(&shop).await;
    let reply = read(&shop.ada, &path, "*/*").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), "private, no-store");
    let text = reply.text();
    for part in [
        "<h1>Credit note</h1>",
        "CN-2026-000001",
        "INV-2026-000001",
        "Mist &amp; Söhne",
        "Tax ID: ATU1",
        order["number"].as_str().unwrap(),
        "&lt;Two&gt;",
        "5.00 USD",
        "19 % tax included",
        "Total given back",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains(">One<") && !text.contains("8.00 USD"), "of what was given back alone: {text}");
    let reply = read(&shop.ada, &path, "application/pdf").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/pdf"), "{}", reply.text());
    assert_eq!(reply.header("content-disposition"), "inline; filename=\"CN-2026-000001.pdf\"");
    let said =
        judge(&json!({"judge": "printed", "document": STANDARD.encode(&reply.body)}))["answer"].clone();
    assert!(said.to_string().contains("CN-2026-000001"), "{said}");
    assert_eq!(read(&shop.ada, &path, "image/png").await.status, 406);

    let other = format!("/api/v1/orders/{}/credit-notes/{}", id(&order), id(&order));
    assert_eq!(read(&shop.ada, &other, "text/html").await.status, 404, "no refund of this order");
    let eve = shop.app.account("eve").await;
    assert_eq!(read(&eve, &path, "text/html").await.status, 404, "another's");
}

#[tokio::test]
async fn what_costs_nothing_takes_no_number() {
    let shop = Shop::new().await;
    let free = placed(&shop.ada, &[shop.sell("Free", 0).await]).await;
    let path = format!("/api/v1/orders/{}/refund", id(&free));
    assert!(page(&shop.ada, &free).await.contains("<h1>Receipt</h1>"));
    assert_eq!(shop.ada.post(&path, json!({"reason": "no"})).await.status, 200);
    number(&shop).await;
    assert_eq!(documents(&shop).await.len(), 0);
}

#[tokio::test]
async fn an_invoice_stays_as_it_was_when_the_seller_moves() {
    let shop = Shop::with(seller).await;
    let order = buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    number(&shop).await;
    let other = buy(&shop.ada, &[shop.sell("Another", 1999).await]).await;
    let moved = shop.app.another_copy_with(|config| config.store.seller_address = "Platz 2".to_owned()).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let session = moved.nobody().post("/api/v1/auth/login", body).await.json();
    let ada = Client::signed_in(&moved.url, &session);
    assert!(page(&ada, &order).await.contains("Gasse 1"));
    assert!(page(&ada, &other).await.contains("Platz 2"), "what has no number yet follows the settings");
}

#[tokio::test]
async fn payments_at_once_are_numbered_without_a_gap_in_their_order() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let mut orders = Vec::new();
    for number in 0..20 {
        let buyer = shop.app.account(&format!("buyer{number}")).await;
        let order = checkout(&buyer, &[game]).await.json();
        orders.push((buyer, order));
    }
    let paid = orders.iter().enumerate().map(async |(number, (buyer, order))| {
        shop.app.advance(TimeDelta::milliseconds(i64::try_from(number).unwrap()));
        end(buyer, order, "succeed").await.status
    });
    let statuses = futures::future::join_all(paid).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    shop.app.advance(TimeDelta::seconds(10));
    // Several copies run the jobs at once, and one of them is killed on its way.
    let copies =
        [shop.app.another_copy().await, shop.app.another_copy().await, shop.app.another_copy().await];
    let killed = tokio::time::timeout(std::time::Duration::from_millis(20), copies[0].run_jobs());
    let (_killed, ..) = tokio::join!(killed, copies[1].run_jobs(), copies[2].run_jobs());
    // What the killed one held is free after its lease.
    shop.app.advance(TimeDelta::hours(1));
    shop.app.run_jobs().await;
    are_in_order(&shop, 20).await;
}

#[tokio::test]
async fn a_job_that_is_run_again_or_comes_late_gives_no_second_number() {
    let shop = Shop::new().await;
    let game = shop.sell("Celeste", 1999).await;
    let first = buy(&shop.ada, &[game]).await;
    shop.app.advance(TimeDelta::seconds(1));
    let eve = shop.app.account("eve").await;
    let second = buy(&eve, &[game]).await;
    // The later order's job comes first: it numbers the earlier one too.
    let number = async |order: &Value| {
        let (clock, payload) = (&shop.app.clock, json!({"order_id": id(order)}));
        let enqueue = async |tx: &DatabaseTransaction| {
            let job = NewJob::new(clock.new_id(), "invoice", &payload);
            Ok(queue::enqueue(tx, job, clock.now()).await?)
        };
        shop.app.app.db.write(enqueue).await.unwrap();
        shop.app.run_jobs().await;
    };
    number(&second).await;
    are_in_order(&shop, 2).await;
    number(&first).await;
    number(&second).await;
    are_in_order(&shop, 2).await;
    let years = documents(&shop).await;
    assert!(years.iter().all(|document| document.year == 2026));
}

#[tokio::test]
async fn each_year_begins_with_one() {
    let mut shop = Shop::new().await;
    for game in [shop.sell("One", 100).await, shop.sell("Two", 100).await] {
        buy(&shop.ada, &[game]).await;
        number(&shop).await;
        shop.app.advance(TimeDelta::days(60));
        shop.ada_again().await;
    }
    let numbers: Vec<_> = documents(&shop).await.iter().map(|one| (one.year, one.number)).collect();
    assert_eq!(numbers, [(2026, 1), (2027, 1)]);
}

#[tokio::test]
async fn a_gap_is_found_by_the_check() {
    let shop = Shop::new().await;
    buy(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    number(&shop).await;
    let gone = invoice::Entity::delete_many().exec(shop.app.app.db.writer()).await.unwrap();
    assert_eq!(gone.rows_affected, 1);
    let found = background::violations(&shop.app.app).await.unwrap();
    assert_eq!(found[0].invariant, "invoices are numbered without a gap");
    assert_eq!(found[0].subject, "series INV of 2026");
}

#[tokio::test]
async fn names_of_every_script_are_printed_with_fonts_that_have_them() {
    let shop = Shop::with(|config| config.store.receipt_fonts = vec![FONT.into()]).await;
    let titles = ["星のカービィ 東京", "שלום עולם", "مرحبا بالعالم", "Ведьмак", "Ελλάδα"];
    let mut games = Vec::new();
    for title in titles {
        games.push(shop.sell(title, 100).await);
    }
    let order = buy(&shop.ada, &games).await;
    let said = printed(&shop.ada, &order).await;
    let text = said["pages"][0].as_str().unwrap();
    assert_eq!(said["fonts"], json!(["DejaVuSans", "DroidSansFallback"]));
    for title in titles {
        let places =
            title.split(' ').map(|word| text.find(word).unwrap_or_else(|| panic!("{word} in {text}")));
        let places: Vec<_> = places.collect();
        // The reader tells words as they are seen: what runs from right to left begins on the right.
        let (first, rtl) = (title.chars().next().unwrap(), '\u{590}'..'\u{700}');
        assert_eq!(places.is_sorted(), !rtl.contains(&first), "{title} in {text}");
    }
    let body = json!({"locale": "ja"});
    assert_eq!(Reply::of(shop.ada.request(Method::PATCH, "/api/v1/me").json(&body)).await.status, 200);
    let said = printed(&shop.ada, &order).await;
    assert_eq!((&said["title"], &said["language"]), (&json!("領収書"), &json!("ja")));
}

#[tokio::test]
async fn a_language_that_no_font_has_is_printed_in_english() {
    let shop = Shop::with(|config| config.store.receipt_fonts = vec!["/nowhere".into()]).await;
    let order = buy(&shop.ada, &[shop.sell("東京", 100).await]).await;
    let body = json!({"locale": "ja"});
    assert_eq!(Reply::of(shop.ada.request(Method::PATCH, "/api/v1/me").json(&body)).await.status, 200);
    let said = printed(&shop.ada, &order).await;
    assert_eq!((&said["title"], &said["language"]), (&json!("Receipt"), &json!("en")));
    assert!(page(&shop.ada, &order).await.contains("領収書"), "a browser has fonts of its own");
}

#[tokio::test]
async fn a_long_receipt_goes_on_over_the_page() {
    let shop = Shop::new().await;
    let mut games = Vec::new();
    for number in 0..60 {
        games.push(shop.sell(&format!("Number {number} {}", "and so on ".repeat(8)), 100).await);
    }
    let order = buy(&shop.ada, &games).await;
    let said = printed(&shop.ada, &order).await;
    let pages = said["pages"].as_array().unwrap();
    assert!(pages.len() > 1, "{}", pages.len());
    let all: String = pages.iter().map(|page| page.as_str().unwrap()).collect();
    assert!((0..60).all(|number| all.contains(&format!("Number {number} "))), "{all}");
    assert!(all.contains("60.00 USD") && all.contains(&format!("2 / {}", pages.len())), "{all}");
}
