//! The catalog of e-books, as an e-reader walks it.
use reqwest::Method;
use serde_json::{Value, json};

use super::bookshop::{Bookshop, link, sound, titles};
use crate::{
    storefront::shelf::{Item, add, item, price},
    support::{Client, TestApp},
};
use entity::product::Kind;

const OPDS: &str = "/api/v1/opds";

async fn read(client: &Client, address: &str) -> Value {
    // Addresses lead to where the store is reached from outside; the test reaches it by its path.
    let path = address.find("/api/").map_or(address, |at| &address[at..]);
    let reply = client.get(path).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/opds+json"), "{address}");
    sound("feed", &reply)
}

fn book(slug: &'static str) -> Item {
    Item { kind: Kind::Ebook, ..item(slug) }
}

#[tokio::test]
async fn the_catalog_holds_the_ebooks_that_are_sold_in_the_market() {
    let app = TestApp::new().await;
    let moby = Item { tags: &["sea"], categories: &["novels"], languages: &["en"], ..book("moby-dick") };
    let id = add(&app, moby).await;
    price(&app, id, "JPY", "", 900).await;
    add(&app, Item { prices: &[("EUR", "", 100)], ..book("not-sold-here") }).await;
    add(&app, Item { prices: &[("USD", "", 0)], ..book("gratis") }).await;
    add(&app, item("a-game")).await;
    let nobody = app.nobody();
    let feed = read(&nobody, OPDS).await;
    assert_eq!(feed["metadata"], json!({"title": "Mist", "numberOfItems": 2, "itemsPerPage": 24}));
    let mut sold = titles(&feed);
    sold.sort();
    assert_eq!(sold, ["gratis", "moby-dick"]);
    for link in feed["navigation"].as_array().unwrap() {
        if link["rel"] != "http://opds-spec.org/shelf" {
            read(&nobody, link["href"].as_str().unwrap()).await;
        }
    }
    let free = read(&nobody, &format!("{OPDS}?free=true")).await;
    assert_eq!((titles(&free), free.get("navigation")), (vec!["gratis".into()], None));

    let yen = read(&nobody, &format!("{OPDS}?currency=JPY")).await;
    assert_eq!(titles(&yen), ["moby-dick"]);
    let buy = yen["publications"][0]["links"][1].clone();
    assert_eq!(buy["rel"], "http://opds-spec.org/acquisition/buy");
    assert_eq!(buy["properties"]["price"], json!({"value": 900.0, "currency": "JPY"}));
    let itself = link(&yen["publications"][0], "self").unwrap();
    assert!(itself.ends_with("?currency=JPY"), "{itself}");
    let one = nobody.get(&itself[itself.find("/api/").unwrap()..]).await;
    assert_eq!(one.header("content-type"), "application/opds-publication+json");
    assert_eq!(sound("publication", &one), yen["publications"][0]);
    let subjects = &one.json()["metadata"]["subject"];
    assert_eq!(*subjects, json!([{"name": "novels", "code": "novels"}, {"name": "sea", "code": "sea"}]));
}

#[tokio::test]
async fn an_ereader_finds_by_words_by_facets_and_page_by_page() {
    let app = TestApp::new().await;
    for (slug, language) in [("moby-dick", "en"), ("middlemarch", "en"), ("walden", "de"), ("emma", "de")] {
        let languages: &'static [&'static str] = if language == "en" { &["en"] } else { &["de"] };
        add(&app, Item { languages, ..book(slug) }).await;
    }
    let nobody = app.nobody();
    let first = read(&nobody, &format!("{OPDS}?sort=title&limit=3&country=DE")).await;
    assert_eq!(titles(&first), ["emma", "middlemarch", "moby-dick"]);
    let second = read(&nobody, &link(&first, "next").unwrap()).await;
    assert_eq!((titles(&second), link(&second, "next")), (vec!["walden".to_owned()], None));

    let template = link(&first, "search").unwrap();
    assert!(template.ends_with("/api/v1/opds?country=DE{&query}"), "{template}");
    let found = read(&nobody, &template.replace("{&query}", "&query=mobi+dick")).await;
    assert_eq!(titles(&found), ["moby-dick"]);

    let group = first["facets"].as_array().unwrap().iter().find(|it| it["metadata"]["title"] == "Language");
    let german = group.unwrap()["links"].as_array().unwrap().iter().find(|it| it["title"] == "de").unwrap();
    assert_eq!(german["properties"]["numberOfItems"], 2);
    let narrowed = read(&nobody, german["href"].as_str().unwrap()).await;
    assert_eq!(titles(&narrowed), ["emma", "walden"]);
    let chosen = narrowed["facets"][0]["links"].as_array().unwrap().iter().find(|it| it["rel"] == "self");
    assert_eq!(chosen.unwrap()["title"], "de");

    let many = format!("{OPDS}?query={}", "a+".repeat(20));
    assert_eq!(nobody.get(&many).await.faults(), [("query".to_owned(), "too_many".to_owned())]);
}

#[tokio::test]
async fn what_is_bought_in_the_end_is_said_and_there_is_always_a_cover() {
    let shop = Bookshop::new().await;
    let id = shop.add("ebook", "Moby-Dick", &["moby.epub", "moby.pdf"]).await;
    let game = shop.add("game", "Chess", &["chess.zip"]).await;
    let feed = read(&shop.app.nobody(), OPDS).await;
    let buy = &feed["publications"][0]["links"][1];
    let gets = json!([{"type": "application/epub+zip"}, {"type": "application/pdf"}]);
    assert_eq!(buy["properties"]["indirectAcquisition"], gets);
    assert_eq!(buy["properties"]["price"], json!({"value": 4.99, "currency": "USD"}));
    let cover = feed["publications"][0]["images"][0]["href"].as_str().unwrap();
    let cover = shop.app.nobody().get(&cover[cover.find("/api/").unwrap()..]).await;
    assert_eq!((cover.status, cover.header("content-type")), (200, "image/png"));
    assert!(cover.body.starts_with(b"\x89PNG"));

    let one = |id: &str| format!("{OPDS}/publications/{id}");
    assert_eq!(shop.app.nobody().get(&one(&id)).await.status, 200);
    assert_eq!(shop.app.nobody().get(&one(&game)).await.code(), "not_found", "it is no e-book");
    let abroad = format!("{}?currency=EUR", one(&id));
    assert_eq!(shop.app.nobody().get(&abroad).await.code(), "not_found", "it is not sold there");
    let head = shop.app.nobody().request(Method::HEAD, &one(&id)).send().await.unwrap();
    assert_eq!(head.status().as_u16(), 200);
}
