//! How answers may be kept, and how little is sent to who has them.
use chrono::Duration;
use reqwest::Method;
use serde_json::json;

use super::shelf::{Item, add, item};
use crate::support::{Reply, TestApp};

const READS: [&str; 5] =
    ["/api/v1/products", "/api/v1/products/moby-dick", "/api/v1/categories", "/api/v1/tags", "/api/v1/store"];

#[tokio::test]
async fn who_has_the_answer_is_told_so_plain_or_compressed() {
    let app = TestApp::new().await;
    add(&app, Item { categories: &["novels"], tags: &["sea"], ..item("moby-dick") }).await;
    for path in READS {
        let ask = |method, encoding: &str, tag: &str| {
            let request = app.nobody().request(method, path).header("accept-encoding", encoding);
            Reply::of(if tag.is_empty() { request } else { request.header("if-none-match", tag) })
        };
        let mut tags = Vec::new();
        for encoding in ["identity", "gzip", "br", "zstd"] {
            let full = ask(Method::GET, encoding, "").await;
            let tag = full.header("etag").to_owned();
            assert!(full.status == 200 && tag.starts_with('"') && tag.ends_with('"'), "{path} {tag}");
            let shortened = full.headers.get("content-encoding").map(|value| value.to_str().unwrap());
            assert_eq!(shortened.unwrap_or("identity"), encoding, "{path}");
            assert!(full.header("cache-control").starts_with("public, max-age="), "{path}");
            for asked in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
                let unchanged = ask(Method::GET, encoding, &asked).await;
                assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path} {asked}");
                assert_eq!(unchanged.header("etag"), tag);
                for kept in ["cache-control", "vary", "content-language"] {
                    assert_eq!(unchanged.header(kept), full.header(kept), "{path} {kept}");
                }
            }
            let head = ask(Method::HEAD, encoding, "").await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            assert_eq!(head.header("etag"), tag, "{path}");
            assert_eq!(head.header("content-length"), full.body.len().to_string(), "{path}");
            assert_eq!(ask(Method::HEAD, encoding, &tag).await.status, 304, "{path}");
            assert_eq!(ask(Method::GET, encoding, "\"other\"").await.status, 200, "{path}");
            tags.push(tag);
        }
        let distinct: std::collections::HashSet<&String> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len(), "{path}: the tag is of the bytes as encoded");
    }
    let before = app.nobody().get("/api/v1/products").await;
    add(&app, item("another")).await;
    let after = Reply::of(
        app.nobody().request(Method::GET, "/api/v1/products").header("if-none-match", before.header("etag")),
    )
    .await;
    assert_eq!(after.status, 200);
}

#[tokio::test]
async fn every_public_read_is_kept_and_shown_no_longer_than_its_prices_hold() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let kind = entity::product::Kind::Ebook;
    let id = add(&app, Item { kind, categories: &["novels"], tags: &["sea"], ..item("moby-dick") }).await;
    let at = |seconds: i64| (app.clock.now() + Duration::seconds(seconds)).to_rfc3339();
    let sale = json!({"percent": 10, "starts_at": at(60), "ends_at": at(3600)});
    let planned = editor.post(&format!("/api/v1/admin/products/{id}/sales"), sale).await;
    assert_eq!(planned.status, 201, "{}", planned.text());
    let publication = format!("/api/v1/opds/publications/{id}");
    let priced = [
        "/api/v1/products",
        "/api/v1/products/moby-dick",
        "/api/v1/products/moby-dick/related",
        "/api/v1/feeds/new.atom",
        "/api/v1/feeds/sales.atom",
        "/api/v1/opds",
        &publication,
    ];
    let reviews = format!("/api/v1/products/{id}/reviews");
    let others =
        ["/api/v1/categories", "/api/v1/tags", "/api/v1/store", "/api/v1/search/suggest?q=moby", &reviews];
    let control = async |path: &str| {
        let reply = app.nobody().get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.header("cache-control").to_owned()
    };
    let full = "public, max-age=5, stale-while-revalidate=10";
    // Seconds until the sale begins; what was answered before is kept no longer.
    for (left, expected) in [
        (60, full),
        (20, full),
        (12, "public, max-age=5, stale-while-revalidate=7"),
        (5, "public, max-age=5"),
    ] {
        let begins = crate::support::noon() + Duration::seconds(60);
        app.advance(begins - Duration::seconds(left) - app.clock.now());
        for path in priced {
            assert_eq!(control(path).await, expected, "{path}, {left} s before");
        }
        for path in others {
            assert_eq!(control(path).await, full, "{path}, {left} s before");
        }
    }
    // Who is given one that is kept may keep it as long as is left of it.
    app.advance(Duration::milliseconds(2_500));
    for path in priced {
        let reply = app.nobody().get(path).await;
        let number = |text: &str| -> i64 { text.parse().unwrap_or_default() };
        let kept = number(reply.header("cache-control").trim_start_matches("public, max-age="));
        assert!(kept > 0 && kept - number(reply.header("age")) <= 2, "{path}: {:?}", reply.headers);
    }
}

#[tokio::test]
async fn what_is_personal_is_kept_by_nobody() {
    let app = TestApp::new().await;
    add(&app, item("moby-dick")).await;
    let ada = app.account("ada").await;
    for path in READS {
        assert_eq!(ada.get(path).await.header("cache-control"), "private, no-store", "{path}");
    }
    let mut stranger = app.nobody().request(Method::GET, "/api/v1/products");
    stranger = stranger.header("authorization", "Bearer nonsense");
    assert_eq!(Reply::of(stranger).await.status, 401);
    for path in ["/api/v1/products?limit=0", "/api/v1/products/unheard-of"] {
        assert!(app.nobody().get(path).await.header("cache-control").contains("no-store"), "{path}");
    }
}
