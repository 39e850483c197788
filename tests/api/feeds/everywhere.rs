//! What holds of every public feed: how it may be kept, and that nobody bends its links.
use reqwest::Method;

use crate::{
    storefront::shelf::{Item, add, item},
    support::{Reply, TestApp},
};

const FEEDS: [(&str, &str); 4] = [
    ("/api/v1/feeds/new.atom", "application/atom+xml; charset=utf-8"),
    ("/api/v1/feeds/sales.atom", "application/atom+xml; charset=utf-8"),
    ("/api/v1/feeds/sitemap.xml", "application/xml; charset=utf-8"),
    ("/api/v1/opds", "application/opds+json"),
];

#[tokio::test]
async fn a_feed_is_kept_like_every_public_read_whatever_its_reader_accepts() {
    let app = TestApp::new().await;
    add(&app, Item { kind: entity::product::Kind::Ebook, ..item("moby-dick") }).await;
    for (path, kind) in FEEDS {
        let ask = async |name: &str, value: &str| {
            let request =
                app.nobody().request(Method::GET, path).header("accept", "application/xml, text/html");
            Reply::of(request.header(name, value)).await
        };
        let plain = ask("accept-encoding", "identity").await;
        assert_eq!((plain.status, plain.header("content-type")), (200, kind), "{path}");
        assert!(plain.header("cache-control").starts_with("public, max-age=5"), "{path}");
        assert_eq!(plain.header("content-language"), "en", "{path}");
        let short = ask("accept-encoding", "gzip").await;
        assert_eq!(short.header("content-encoding"), "gzip", "{path}");
        assert_ne!(short.header("etag"), plain.header("etag"), "{path}");
        let known = ask("if-none-match", plain.header("etag")).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
        let head = Reply::of(app.nobody().request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.header("etag")), (200, plain.header("etag")), "{path}");
        let bent = ask("host", "evil.example").await;
        assert!(!bent.text().contains("evil.example"), "{path}");
        assert!(bent.text().contains(&app.app.public_url("/api/v1/")), "{path}");
        assert_eq!(app.nobody().get(&format!("{path}?nonsense=1")).await.status, 422, "{path}");
    }
    add(&app, item("another")).await;
    assert!(app.nobody().get(FEEDS[0].0).await.text().contains("another"), "news is seen at once");
}

#[tokio::test]
async fn a_feed_of_who_is_signed_in_is_kept_by_nobody() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    for (path, _) in FEEDS {
        assert_eq!(ada.get(path).await.header("cache-control"), "private, no-store", "{path}");
        let request = app.nobody().request(Method::GET, path).header("authorization", "Bearer nonsense");
        assert_eq!(Reply::of(request).await.status, 401, "{path}");
    }
}
