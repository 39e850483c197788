//! In which language products are shown.
use reqwest::Method;

use super::shelf::{Item, item, stock};
use crate::{
    checkout::shop::{Shop, buy},
    support::{Client, Reply, TestApp},
};

async fn shown(client: &Client, path: &str, accept: &str) -> (Vec<String>, String) {
    let request = client.request(Method::GET, path);
    let request = if accept.is_empty() { request } else { request.header("accept-language", accept) };
    let reply = Reply::of(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let vary = reply.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase());
    let vary = vary.collect::<Vec<_>>().join(", ");
    for name in ["accept-language", "accept-encoding", "authorization"] {
        assert_eq!(vary.matches(name).count(), 1, "{vary}");
    }
    let json = reply.json();
    let items = json["items"].as_array().cloned().unwrap_or_else(|| vec![json.clone()]);
    let titles = items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    (titles, reply.header("content-language").to_owned())
}

#[tokio::test]
async fn the_address_beats_the_account_which_beats_the_browser_which_beats_the_store() {
    let app = TestApp::new().await;
    let translations = &[("de", "Schach"), ("fr", "Échecs"), ("ja", "チェス"), ("en-GB", "Chess, old boy")];
    stock(&app, [Item { title: "Chess", translations, ..item("chess") }]).await;
    let body = serde_json::json!({
        "email": "ada@example.com", "password": crate::support::PASSWORD, "display_name": "Ada", "locale": "fr",
    });
    let session = app.nobody().post("/api/v1/auth/register", body).await.json();
    let (nobody, ada) = (app.nobody(), Client::signed_in(&app.url, &session));
    for path in ["/api/v1/products?", "/api/v1/products/chess?"] {
        let asked = format!("{path}locale=ja");
        let title = async |client: &Client, path: &str, accept: &str| {
            let (titles, language) = shown(client, path, accept).await;
            (titles[0].clone(), language)
        };
        let is = |title: &str, language: &str| (title.to_owned(), language.to_owned());
        assert_eq!(title(&ada, &asked, "de").await, is("チェス", "ja"));
        assert_eq!(title(&ada, path, "de").await, is("Échecs", "fr"));
        assert_eq!(title(&nobody, path, "de-AT, fr;q=0.5").await, is("Schach", "de"));
        assert_eq!(title(&nobody, path, "nl, fr;q=0.5").await, is("Échecs", "fr"));
        assert_eq!(title(&nobody, path, "").await, is("Chess", "en"));
        assert_eq!(title(&nobody, path, "en, de;q=0.9").await, is("Chess", "en"));
        assert_eq!(title(&nobody, path, "en-US, de;q=0.9").await, is("Chess", "en"));
        assert_eq!(title(&nobody, path, "en-GB").await, is("Chess, old boy", "en-GB"));
        assert_eq!(title(&nobody, path, "nl").await, is("Chess", "en"));
    }
}

#[tokio::test]
async fn what_is_not_translated_stays_in_the_stores_language() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { title: "Chess", translations: &[("de", "Schach")], ..item("a") },
            Item { title: "Go", ..item("b") },
        ],
    )
    .await;
    let (titles, language) = shown(&app.nobody(), "/api/v1/products?sort=title&locale=de", "").await;
    assert_eq!((titles, language.as_str()), (vec!["Schach".to_owned(), "Go".to_owned()], "de"));
    assert_eq!(app.nobody().get("/api/v1/products?locale=german!").await.code(), "invalid_locale");
}

#[tokio::test]
async fn whose_language_is_the_stores_own_is_shown_it_wherever_products_are() {
    let shop = Shop::new().await;
    let (game, kin) = (shop.sell("Chess", 1999).await, shop.sell("Chess Endgames", 500).await);
    for (product, title) in [(game, "Schach"), (kin, "Schachendspiele")] {
        let path = format!("/api/v1/admin/products/{product}/translations/de");
        assert_eq!(shop.editor.put(&path, serde_json::json!({"title": title})).await.status, 200);
    }
    let relations = format!("/api/v1/admin/products/{kin}/relations");
    let related = shop.editor.put(&relations, serde_json::json!({"adds_to": game})).await;
    assert_eq!(related.status, 200, "{}", related.text());
    let bought = shop.sell("Go", 100).await;
    let path = format!("/api/v1/admin/products/{bought}/translations/de");
    assert_eq!(shop.editor.put(&path, serde_json::json!({"title": "Das Go"})).await.status, 200);
    buy(&shop.ada, &[bought]).await;
    for path in [format!("/api/v1/wishlist/{game}"), format!("/api/v1/cart/items/{game}")] {
        assert!(Reply::of(shop.ada.request(Method::PUT, &path)).await.status < 300, "{path}");
    }
    let item = format!("/api/v1/library/{bought}");
    let at =
        |reply: &Reply, pointer: &str| reply.json().pointer(pointer).unwrap().as_str().unwrap().to_owned();
    for (path, pointer, own, german) in [
        ("/api/v1/wishlist", "/items/0/product/title", "Chess", "Schach"),
        ("/api/v1/library", "/items/0/product/title", "Go", "Das Go"),
        (item.as_str(), "/product/title", "Go", "Das Go"),
        ("/api/v1/cart", "/items/0/product/title", "Chess", "Schach"),
        ("/api/v1/products/chess", "/add_ons/0/title", "Chess Endgames", "Schachendspiele"),
    ] {
        let asked = async |accept: &str| {
            let request = shop.ada.request(Method::GET, path).header("accept-language", accept);
            let reply = Reply::of(request).await;
            assert_eq!(reply.header("cache-control"), "private, no-store", "{path}");
            assert!(reply.header("vary").contains("Accept-Language"), "{path}: {}", reply.header("vary"));
            (at(&reply, pointer), reply.header("content-language").to_owned())
        };
        assert_eq!(asked("en, de;q=0.9").await, (own.to_owned(), "en".to_owned()), "{path}");
        assert_eq!(asked("de, en;q=0.9").await, (german.to_owned(), "de".to_owned()), "{path}");
        if path != "/api/v1/cart" {
            let reply = shop.ada.get(&format!("{path}?locale=de")).await;
            assert_eq!((reply.status, reply.header("content-language")), (200, "de"), "{path}");
            assert_eq!(at(&reply, pointer), german, "{path}");
        }
    }
}
