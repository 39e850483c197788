//! A web server in front sends what Mist has judged and counted.
use entity::download_grant;
use mist::config::{Accelerate, Config, StorageKind};
use objects::Key;
use reqwest::Method;
use sea_orm::EntityTrait;

use super::shop::{Shop, hex, repr_digest, sample};
use crate::support::{Reply, TestApp, nginx::Nginx};

/// A store behind a server of that kind, which keeps its bytes in a folder.
async fn behind(accelerate: Accelerate, proxy: &str) -> Shop {
    let settings = |config: &mut Config| {
        config.storage.kind = StorageKind::Local;
        config.delivery.accelerate = accelerate;
        config.http.trusted_proxies = vec![proxy.parse().unwrap()];
    };
    Shop::of(TestApp::with(settings).await).await
}

/// Delivered, and bytes, of every grant.
async fn grants(shop: &Shop) -> Vec<(bool, i64)> {
    shop.app.app.deliveries.settle().await;
    let rows = download_grant::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| (row.delivered_at.is_some(), row.delivered_bytes)).collect()
}

/// The same link by way of the server.
fn by_way_of(nginx: &Nginx, link: &str) -> String {
    let link = url::Url::parse(link).unwrap();
    format!("{}{}?{}", nginx.url, link.path(), link.query().unwrap())
}

#[tokio::test]
async fn nginx_sends_what_mist_has_judged_with_all_that_is_said_of_it() {
    let shop = behind(Accelerate::Nginx, "127.0.0.1/32").await;
    let nginx = Nginx::before(&shop.app).await;
    let bytes = sample(3_000_000);
    shop.released("1.0", "any", &[("größe.epub", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let link = by_way_of(&nginx, &shop.link(&ada).await);
    let etag = format!("\"{}\"", hex(&bytes));

    let whole = shop.fetch(&link, &[]).await;
    assert!((whole.status, whole.body == bytes) == (200, true), "{}", whole.status);
    assert!(whole.header("server").starts_with("nginx"));
    for (name, value) in [
        ("etag", etag.as_str()),
        ("last-modified", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ("accept-ranges", "bytes"),
        ("content-length", "3000000"),
        ("content-type", "application/epub+zip"),
        ("content-disposition", "attachment; filename=\"gr__e.epub\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.epub"),
        ("repr-digest", &repr_digest(&bytes)),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-store"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-accel-redirect", ""),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    assert!(!whole.header("x-request-id").is_empty());

    // A download goes on by the tag or the date of the first answer, and starts anew for any other.
    let date = whole.header("last-modified");
    for (condition, status) in
        [(etag.as_str(), 206), (date, 206), ("\"other\"", 200), ("Sun, 22 Nov 2026 11:59:59 GMT", 200)]
    {
        let rest = shop.fetch(&link, &[("range", "bytes=2999990-"), ("if-range", condition)]).await;
        assert_eq!(rest.status, status, "{condition}");
        if status == 206 {
            assert_eq!(rest.header("content-range"), "bytes 2999990-2999999/3000000");
            assert_eq!(rest.body, bytes[2_999_990..]);
        }
    }
    let parts = shop.fetch(&link, &[("range", "bytes=0-0,-1")]).await;
    assert!(parts.status == 206 && parts.header("content-type").starts_with("multipart/byteranges"));
    for (name, value, status) in [
        ("if-none-match", etag.as_str(), 304),
        ("if-match", &etag, 200),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", "Sun, 22 Nov 2026 12:00:00 GMT", 200),
        ("if-modified-since", "Sun, 22 Nov 2026 12:00:00 GMT", 304),
        ("range", "bytes=3000000-", 416),
    ] {
        let reply = shop.fetch(&link, &[(name, value)]).await;
        assert_eq!(reply.status, status, "{name}: {value}");
        assert!(status != 200 || reply.body == bytes);
    }
    let head = Reply::of(shop.app.nobody().request(Method::HEAD, &link)).await;
    assert_eq!((head.status, head.header("content-length"), head.header("etag")), (200, "3000000", &*etag));
}

#[tokio::test]
async fn nobody_reaches_the_files_but_by_a_link_that_counts() {
    let shop = behind(Accelerate::Nginx, "127.0.0.1/32").await;
    let nginx = Nginx::before(&shop.app).await;
    let bytes = sample(1000);
    shop.released("1.0", "any", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let minted = shop.link(&ada).await;
    let told = shop.fetch(&minted, &[("range", "bytes=0-99")]).await;
    assert_eq!((told.status, told.body.len()), (200, 0), "it is nginx that sends bytes");
    let place = told.header("x-accel-redirect").to_owned();
    assert_eq!(place, format!("/mist-objects/{}", Key::parse(hex(&bytes)).unwrap().place()));
    assert_eq!(grants(&shop).await, [(false, 100)]);
    assert_eq!(shop.last_downloaded().await, None);
    for path in [place.as_str(), "/mist-objects/", "/mist-objects/../master.key", "/mist-objects"] {
        let refused = shop.fetch(&format!("{}{path}", nginx.url), &[]).await;
        assert_eq!(refused.status, 404, "{path}");
    }

    let link = by_way_of(&nginx, &minted);
    let forged = shop.fetch(&link.replace("signature=", "signature=A"), &[]).await;
    assert_eq!((forged.status, forged.code().as_str()), (403, "invalid_signature"));
    let rest = shop.fetch(&link, &[("range", "bytes=100-")]).await;
    assert_eq!((rest.status, rest.body.as_slice()), (206, &bytes[100..]));
    assert_eq!(grants(&shop).await, [(true, 1000)]);
    assert_eq!(shop.last_downloaded().await, Some(shop.app.clock.now()));

    // What is not there is no delivery.
    let gone = shop.link(&ada).await;
    std::fs::remove_file(shop.app.app.objects.file(&Key::parse(hex(&bytes)).unwrap()).unwrap()).unwrap();
    assert!(shop.fetch(&by_way_of(&nginx, &gone), &[]).await.status >= 404);
    assert_eq!(grants(&shop).await, [(true, 1000), (false, 0)]);
}

#[tokio::test]
async fn who_comes_past_the_server_is_sent_the_bytes() {
    let shop = behind(Accelerate::Nginx, "192.0.2.1/32").await;
    let bytes = sample(1000);
    shop.released("1.0", "any", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let reply = shop.fetch(&shop.link(&ada).await, &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(
        (reply.status, reply.header("x-accel-redirect"), reply.body.as_slice()),
        (200, "", bytes.as_slice())
    );
}

#[tokio::test]
async fn other_servers_are_told_the_file() {
    let shop = behind(Accelerate::Sendfile, "127.0.0.1/32").await;
    let bytes = sample(1000);
    shop.released("1.0", "any", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let told = shop.fetch(&shop.link(&ada).await, &[]).await;
    assert_eq!(
        (told.status, told.body.len(), told.header("etag")),
        (200, 0, &*format!("\"{}\"", hex(&bytes)))
    );
    assert_eq!(std::fs::read(told.header("x-sendfile")).unwrap(), bytes);
    assert_eq!(grants(&shop).await, [(true, 1000)]);
}

#[test]
fn a_server_that_could_send_nothing_is_refused_at_the_start() {
    for (settings, why) in [
        (vec![("DELIVERY__ACCELERATE", "nginx")], "needs http.trusted_proxies"),
        (
            vec![
                ("DELIVERY__ACCELERATE", "sendfile"),
                ("HTTP__TRUSTED_PROXIES", "127.0.0.1"),
                ("STORAGE__KIND", "s3"),
            ],
            "needs storage.kind",
        ),
        (vec![("DELIVERY__ACCELERATE", "apache")], "there are `off`, `nginx` and `sendfile`"),
        (vec![("DELIVERY__ACCELERATE_PREFIX", "files")], "must be a path such as /mist-objects"),
    ] {
        let variables = settings.iter().map(|(name, value)| (format!("MIST_{name}"), (*value).to_owned()));
        let problem = mist::config::load(None, variables, &[]).unwrap_err().to_string();
        assert!(problem.contains(why), "{problem}");
    }
}
