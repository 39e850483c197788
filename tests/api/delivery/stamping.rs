//! E-books come as copies that say whose they are, and never as they were uploaded.
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Duration;
use entity::stamped_file;
use mist::{
    background,
    config::Config,
    delivery::{collect_garbage, verify_objects},
};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, hex, id};
use crate::support::{Client, PASSWORD, Reply, TestApp, judge::judge};

pub fn on(config: &mut Config) {
    config.delivery.stamp = true;
}

/// A book that an independent program makes.
pub fn made(judged: &str) -> Vec<u8> {
    STANDARD.decode(judge(&json!({"judge": judged}))["answer"].as_str().unwrap()).unwrap()
}

/// What an independent program reads of it.
fn read(judged: &str, bytes: &[u8]) -> Value {
    judge(&json!({"judge": judged, "document": STANDARD.encode(bytes)}))["answer"].clone()
}

/// An e-book of these files that costs nothing.
pub async fn ebook(shop: &Shop, files: &[(&str, &[u8])]) -> Uuid {
    let body = json!({"kind": "ebook", "title": "Novel", "prices": [{"currency": "USD", "amount": 0}]});
    let made = shop.editor.post("/api/v1/admin/products", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let product = id(&made.json());
    let body = json!({"version": "1", "platform": "any"});
    let build = id(&shop.editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await.json());
    for (name, bytes) in files {
        assert_eq!(shop.upload(build, name, bytes.to_vec()).await.status, 201);
    }
    assert_eq!(shop.act(build, "release").await.status, 200);
    let published = shop.editor.act(&format!("/api/v1/admin/products/{product}/publish")).await;
    assert_eq!(published.status, 200, "{}", published.text());
    product
}

/// Somebody buys it; the number of their order.
pub async fn buy(client: &Client, product: Uuid) -> String {
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    let order = client.post("/api/v1/checkout", body).await;
    assert_eq!(order.status, 201, "{}", order.text());
    assert_eq!(order.json()["status"], "paid");
    order.json()["number"].as_str().unwrap().to_owned()
}

async fn ask(client: &Client, product: Uuid, file: &str) -> Reply {
    client.post(&format!("/api/v1/library/{product}/downloads"), json!({"file": file})).await
}

/// The bytes that somebody gets, which are what they are told.
async fn bytes(shop: &Shop, client: &Client, product: Uuid, file: &str) -> Vec<u8> {
    let minted = ask(client, product, file).await;
    assert_eq!(minted.status, 201, "{}", minted.text());
    let minted = minted.json();
    let came = shop.fetch(minted["url"].as_str().unwrap(), &[]).await;
    assert_eq!(came.status, 200);
    let told = &minted["file"];
    assert_eq!((&told["sha256"], &told["size"]), (&json!(hex(&came.body)), &json!(came.body.len())));
    let build = minted["build"]["files"].as_array().unwrap();
    assert!(build.contains(told), "{build:?}");
    came.body.to_vec()
}

async fn copies(shop: &Shop) -> Vec<stamped_file::Model> {
    stamped_file::Entity::find().all(&shop.app.app.db.read).await.unwrap()
}

#[tokio::test]
async fn each_owner_gets_a_copy_that_says_whose_it_is() {
    let (epub, pdf) = (made("epub_made"), made("pdf_made"));
    for app in [TestApp::with(on).await, TestApp::on_s3(on).await] {
        let shop = Shop::of(app).await;
        let files: [(&str, &[u8]); 3] = [("novel.epub", &epub), ("print.PDF", &pdf), ("cover.jpg", b"cover")];
        let product = ebook(&shop, &files).await;
        let (ada, bob) = (shop.app.account("Ada").await, shop.app.account("Bob").await);
        let (number, others) = (buy(&ada, product).await, buy(&bob, product).await);
        let line = format!("Mist · Ada · {number}");

        let copy = bytes(&shop, &ada, product, "novel.epub").await;
        let seen = read("epub_read", &copy);
        assert_eq!((&seen["first"], &seen["stored"]), (&json!("mimetype"), &json!(true)));
        assert_eq!(seen["pages"], json!(["Once.", line]));
        assert_eq!(seen["rights"], json!([line]));
        let printed = bytes(&shop, &ada, product, "print.PDF").await;
        assert_eq!(read("pdf_read", &printed), json!({"pages": [line, line], "owner": line}));
        assert_eq!(bytes(&shop, &ada, product, "cover.jpg").await, b"cover");

        // It is made once, is nobody else's, and stays.
        let kept = shop.files("objects");
        assert!(bytes(&shop, &ada, product, "novel.epub").await == copy);
        assert_eq!(shop.files("objects"), kept);
        let other = bytes(&shop, &bob, product, "novel.epub").await;
        assert_eq!(read("epub_read", &other)["rights"], json!([format!("Mist · Bob · {others}")]));
        assert_eq!(copies(&shop).await.len(), 3);
        let library = ada.get(&format!("/api/v1/library/{product}")).await.json();
        let listed = library["builds"][0]["files"].as_array().unwrap();
        let listed: Vec<&Value> = listed.iter().map(|file| &file["sha256"]).collect();
        assert_eq!(listed, [&json!(hex(b"cover")), &json!(hex(&copy)), &json!(hex(&printed))]);
        shop.app.advance(Duration::days(3650));
        assert_eq!(collect_garbage(&shop.app.app).await.unwrap().rows, 0);
        assert_eq!(verify_objects(&shop.app.app, true).await.unwrap().broken.len(), 0);
    }
}

#[tokio::test]
async fn what_cant_bear_a_name_is_given_to_nobody() {
    let settings = |config: &mut Config| {
        on(config);
        config.delivery.stamp_max_bytes = 5_000;
    };
    let shop = Shop::of(TestApp::with(settings).await).await;
    let epub = made("epub_made");
    let large = [epub.as_slice(), &[0; 5_000]].concat();
    let files: [(&str, &[u8]); 4] = [
        ("broken.pdf", b"%PDF-1.7 and no more"),
        ("broken.epub", b"PK"),
        ("large.epub", &large),
        ("a.txt", b"text"),
    ];
    let product = ebook(&shop, &files).await;
    let ada = shop.app.account("Ada").await;
    buy(&ada, product).await;
    for name in ["broken.pdf", "broken.epub", "large.epub"] {
        let refused = ask(&ada, product, name).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "not_stampable"), "{name}");
    }
    assert_eq!(bytes(&shop, &ada, product, "a.txt").await, b"text");
    assert_eq!(copies(&shop).await, []);
}

#[tokio::test]
async fn what_is_no_e_book_and_what_is_not_asked_for_comes_as_it_is() {
    let epub = made("epub_made");
    let shop = Shop::of(TestApp::with(on).await).await;
    shop.released("1.0", "any", &[("manual.epub", &epub)]).await;
    let ada = shop.owner("ada").await;
    assert!(bytes(&shop, &ada, shop.product, "manual.epub").await == epub);
    let shop = Shop::new().await;
    let product = ebook(&shop, &[("novel.epub", &epub)]).await;
    let ada = shop.app.account("ada").await;
    buy(&ada, product).await;
    assert!(bytes(&shop, &ada, product, "novel.epub").await == epub);
}

#[tokio::test]
async fn a_copy_of_before_is_shown_to_nobody_who_is_given_the_file_itself() {
    let epub = made("epub_made");
    // Copies of a store have one address, and so take each other's tokens.
    let settings = |config: &mut Config| {
        on(config);
        config.http.public_url = Some("http://store.example".parse().unwrap());
    };
    let shop = Shop::of(TestApp::with(settings).await).await;
    let product = ebook(&shop, &[("novel.epub", &epub)]).await;
    let ada = shop.app.account("ada").await;
    buy(&ada, product).await;
    let copy = ask(&ada, product, "novel.epub").await.json()["file"].clone();
    let shown = async |ada: &Client| {
        let library = ada.get(&format!("/api/v1/library/{product}")).await.json();
        let update = ada.get(&format!("/api/v1/products/{product}/updates")).await.json();
        assert_eq!(library["builds"][0]["files"], update["build"]["files"]);
        update["build"]["files"][0].clone()
    };
    assert_eq!(shown(&ada).await, copy);
    let without = shop.app.another_copy_with(|config| config.delivery.stamp = false).await;
    let ada = ada.on(&without.url);
    let file = ask(&ada, product, "novel.epub").await.json()["file"].clone();
    assert_eq!(file["sha256"], hex(&epub));
    assert_eq!(shown(&ada).await, file);
}

#[tokio::test]
async fn a_copy_that_many_ask_for_at_once_is_made_once() {
    let shop = Shop::of(TestApp::with(on).await).await;
    let product = ebook(&shop, &[("novel.epub", &made("epub_made"))]).await;
    let ada = shop.app.account("Ada").await;
    buy(&ada, product).await;
    let replies = futures::future::join_all((0..6).map(|_| ask(&ada, product, "novel.epub"))).await;
    assert!(replies.iter().any(|reply| reply.status == 201));
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!((reply.status, reply.code().as_str()), (503, "being_stamped"));
        assert_eq!(reply.header("retry-after"), "2");
    }
    assert_eq!(copies(&shop).await.len(), 1);
}

#[tokio::test]
async fn a_copy_that_nobody_asks_for_goes_and_comes_back_the_same() {
    let shop = Shop::of(TestApp::with(on).await).await;
    let product = ebook(&shop, &[("novel.epub", &made("epub_made"))]).await;
    let ada = shop.app.account("ada").await;
    buy(&ada, product).await;
    let copy = bytes(&shop, &ada, product, "novel.epub").await;
    shop.app.advance(Duration::days(29));
    let ada = shop.back("ada").await;
    assert!(bytes(&shop, &ada, product, "novel.epub").await == copy);
    shop.app.advance(Duration::days(2));
    assert!(background::tick(&shop.app.app, "retention").await.unwrap());
    assert_eq!(copies(&shop).await.len(), 1, "it was asked for two days ago");
    shop.app.advance(Duration::days(31));
    assert!(background::tick(&shop.app.app, "retention").await.unwrap());
    assert_eq!(copies(&shop).await, []);
    let ada = shop.back("ada").await;
    assert!(bytes(&shop, &ada, product, "novel.epub").await == copy);
}

#[tokio::test]
async fn copies_go_with_the_account_whose_name_they_bear() {
    let shop = Shop::of(TestApp::with(on).await).await;
    let product = ebook(&shop, &[("novel.epub", &made("epub_made"))]).await;
    let ada = shop.app.account("ada").await;
    buy(&ada, product).await;
    bytes(&shop, &ada, product, "novel.epub").await;
    let kept = shop.files("objects");
    let erase = ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erase).await.status, 204);
    assert_eq!(copies(&shop).await, []);
    shop.app.advance(Duration::days(3650));
    collect_garbage(&shop.app.app).await.unwrap();
    assert_eq!(shop.files("objects"), kept - 1);
}
