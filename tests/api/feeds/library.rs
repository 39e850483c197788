//! A buyer's own e-books on an e-reader, which knows a name and a password and nothing else.
use reqwest::Method;
use serde_json::json;

use super::bookshop::{Bookshop, LIBRARY, link, sound, titles};
use crate::support::Reply;

fn path(address: &str) -> &str {
    &address[address.find("/api/").unwrap()..]
}

#[tokio::test]
async fn an_ereader_is_told_how_to_sign_in() {
    let shop = Bookshop::new().await;
    let stranger = shop.app.nobody().get(LIBRARY).await;
    assert_eq!(stranger.status, 401);
    assert_eq!(stranger.header("content-type"), "application/opds-authentication+json");
    let ways: Vec<_> = stranger.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(ways, ["Bearer", "Basic realm=\"OPDS\", charset=\"UTF-8\""]);
    let document = sound("authentication", &stranger);
    let home = document["id"].as_str().unwrap();
    let at_home = shop.app.nobody().get(path(home)).await;
    assert_eq!((at_home.status, at_home.json()), (200, document.clone()), "it lies where its id says");
    assert!(stranger.header("link").starts_with(&format!("<{home}>; rel=")));
    for (name, password) in [("ada", "mist_wrong"), ("ada", "a quiet violet engine"), ("ada", "")] {
        for address in [LIBRARY, "/api/v1/opds"] {
            let reply = shop.read(name, password, address).await;
            assert_eq!((reply.status, reply.json()), (401, document.clone()), "{password} {address}");
        }
    }
    let catalog = shop.app.nobody().get("/api/v1/opds").await.json();
    assert_eq!(link(&catalog, "http://opds-spec.org/auth/document").as_deref(), Some(home));
    assert!(link(&catalog, "http://opds-spec.org/shelf").unwrap().ends_with(LIBRARY));
}

#[tokio::test]
async fn the_library_holds_what_is_owned_and_leads_to_its_bytes() {
    let shop = Bookshop::new().await;
    let mine = shop.add("ebook", "Moby-Dick", &["moby dick.epub", "moby.pdf"]).await;
    let game = shop.add("game", "Chess", &["chess.zip"]).await;
    let other = shop.add("ebook", "Walden", &["walden.epub"]).await;
    let key = shop.key(json!({"name": "e-reader", "scopes": ["library:read"]})).await;
    assert!(titles(&sound("feed", &shop.read("", &key, LIBRARY).await)).is_empty());
    shop.give(&mine).await;
    shop.give(&game).await;
    for reply in [
        shop.read("ada", &key, LIBRARY).await,
        shop.read("anything", &key, LIBRARY).await,
        shop.app.holder(&key).get(LIBRARY).await,
        shop.ada.get(LIBRARY).await,
    ] {
        assert_eq!((reply.status, reply.header("cache-control")), (200, "private, no-store"));
        assert_eq!(titles(&sound("feed", &reply)), ["Moby-Dick"], "no game, and nothing that others own");
    }
    let feed = shop.read("ada", &key, LIBRARY).await.json();
    let book = &feed["publications"][0];
    let one = shop.read("ada", &key, path(&link(book, "self").unwrap())).await;
    assert_eq!(sound("publication", &one), *book);
    let kinds: Vec<_> = book["links"].as_array().unwrap()[1..].iter().map(|link| &link["type"]).collect();
    assert_eq!(kinds, ["application/epub+zip", "application/pdf"]);

    let address = link(book, "http://opds-spec.org/acquisition").unwrap();
    let led = shop.read("ada", &key, path(&address)).await;
    assert_eq!((led.status, led.header("cache-control")), (303, "private, no-store"));
    let bytes = led.header("location").find("/downloads/").map(|at| &led.header("location")[at..]);
    let file = shop.app.nobody().get(bytes.unwrap()).await;
    assert_eq!((file.status, file.text().as_str()), (200, "bytes of moby dick.epub"));
    let again = shop.read("ada", &key, path(&address)).await;
    assert_ne!(again.header("location"), led.header("location"), "each is a link of its own");
    let at = |id: &str| format!("{LIBRARY}/{id}");
    assert_eq!(shop.read("ada", &key, &at(&other)).await.code(), "not_found");
    assert_eq!(shop.read("ada", &key, &format!("{}/download", at(&other))).await.code(), "not_found");
    assert_eq!(shop.read("ada", &key, &format!("{}/download", at(&mine))).await.code(), "choose_file");

    let taken = shop.support.delete(&format!("{}/{mine}", shop.grants())).await;
    assert_eq!(taken.status, 204);
    assert!(titles(&shop.read("ada", &key, LIBRARY).await.json()).is_empty());
    assert_eq!(shop.read("ada", &key, path(&address)).await.code(), "not_found");
    assert_eq!(shop.app.nobody().get(bytes.unwrap()).await.code(), "link_revoked");
}

#[tokio::test]
async fn an_ereaders_downloads_count_with_all_others() {
    let shop = Bookshop::new().await;
    let book = shop.add("ebook", "Moby-Dick", &["moby.epub"]).await;
    shop.give(&book).await;
    let most = shop.app.app.config.delivery.links_per_day;
    for _ in 1..most {
        let reply = shop.ada.post(&format!("/api/v1/library/{book}/downloads"), json!({})).await;
        assert_eq!(reply.status, 201);
    }
    let address = format!("{LIBRARY}/{book}/download");
    assert_eq!(shop.ada.get(&address).await.status, 303);
    let refused = shop.ada.get(&address).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_downloads"));
}

#[tokio::test]
async fn the_library_comes_page_by_page() {
    let shop = Bookshop::new().await;
    for title in ["One", "Two", "Three"] {
        let book = shop.add("ebook", title, &["book.epub"]).await;
        shop.app.advance(chrono::Duration::seconds(1));
        shop.give(&book).await;
    }
    let (mut address, mut seen) = (Some(format!("{LIBRARY}?limit=2")), Vec::new());
    while let Some(next) = address {
        let feed = sound("feed", &shop.ada.get(path(&next)).await);
        seen.push(titles(&feed));
        address = link(&feed, "next");
    }
    assert_eq!(seen, [vec!["Three", "Two"], vec!["One"]]);
    assert_eq!(shop.ada.get(&format!("{LIBRARY}?cursor=x")).await.code(), "invalid_cursor");
    assert_eq!(shop.ada.get(&format!("{LIBRARY}?limit=0")).await.status, 422);
}

#[tokio::test]
async fn only_a_key_that_may_read_the_library_opens_it_and_basic_opens_nothing_else() {
    let shop = Bookshop::new().await;
    let (mine, other) =
        (shop.add("ebook", "Mine", &["a.epub"]).await, shop.add("ebook", "Other", &["b.epub"]).await);
    shop.give(&mine).await;
    shop.give(&other).await;
    let scopes = |scopes| json!({"name": "key", "scopes": scopes});
    let without = shop.key(scopes(["orders:read"])).await;
    assert_eq!(shop.read("", &without, LIBRARY).await.code(), "insufficient_scope");
    assert_eq!(shop.read("", &without, "/api/v1/opds").await.status, 200, "the catalog is everybody's");
    let limited = shop.key(json!({"name": "key", "scopes": ["library:read"], "products": [mine]})).await;
    assert_eq!(shop.read("", &limited, LIBRARY).await.code(), "insufficient_scope");
    assert_eq!(shop.read("", &limited, &format!("{LIBRARY}/{mine}")).await.status, 200);
    assert_eq!(shop.read("", &limited, &format!("{LIBRARY}/{mine}/download")).await.status, 303);
    assert_eq!(
        shop.read("", &limited, &format!("{LIBRARY}/{other}/download")).await.code(),
        "insufficient_scope"
    );

    let key = shop.key(scopes(["library:read"])).await;
    for elsewhere in ["/api/v1/library", "/api/v1/me", "/api/v1/products", "/api/v1/feeds/new.atom"] {
        assert_eq!(shop.read("ada", &key, elsewhere).await.code(), "unauthorized", "{elsewhere}");
    }
    let posted = shop.app.nobody().request(Method::POST, &format!("{LIBRARY}/{mine}/download"));
    assert_eq!(Reply::of(posted).await.status, 405);
    assert_eq!(shop.read("ada", &key, LIBRARY).await.status, 200);
    let account = format!("/api/v1/admin/accounts/{}", shop.ada.account_id());
    let suspended = shop.support.patch(&account, "*", json!({"status": "suspended"})).await;
    assert_eq!(suspended.status, 200, "{}", suspended.text());
    for address in [LIBRARY.to_owned(), format!("{LIBRARY}/{mine}/download")] {
        assert_eq!(shop.read("ada", &key, &address).await.status, 401, "{address}");
    }
}
