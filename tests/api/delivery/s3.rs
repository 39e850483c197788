//! Bytes in S3: links lead there, uploads come through any copy, and a server that is gone is 503 and nothing half-done.
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use entity::{download_grant, object};
use mist::config::Secret;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{
    shop::{Shop, hex, sample},
    tus::{gated, uploads},
};
use crate::support::{Reply, TestApp, files_below, s3::Server};

/// More than two parts of a multipart upload.
const LARGE: usize = 20_000_000;

async fn shop() -> Shop {
    Shop::of(TestApp::on_s3(|_| {}).await).await
}

fn server(shop: &Shop) -> &Server {
    shop.app.s3.as_ref().unwrap()
}

/// Waits for something that comes about by itself.
async fn until(what: impl AsyncFn() -> bool) {
    let came = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while !what().await {
            beat.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), came).await.unwrap();
}

#[tokio::test]
async fn a_link_leads_to_the_bucket_and_counts_as_the_delivery() {
    let shop = shop().await;
    let bytes = sample(LARGE);
    shop.released("1.0", "any", &[("größe.epub", &bytes)]).await;
    assert_eq!((server(&shop).open_uploads(), shop.files("objects")), (0, 1));
    let ada = shop.owner("ada").await;
    assert_eq!(shop.last_downloaded().await, None);

    let minted = shop.ask(&ada, json!({})).await.json();
    assert_eq!(minted["file"]["sha256"], hex(&bytes));
    assert_eq!(minted["expires_at"], "2026-11-22T12:10:00Z");
    let url = minted["url"].as_str().unwrap();
    assert!(url.starts_with(&server(&shop).endpoint()), "{url}");
    assert!(url.contains("X-Amz-Expires=600"), "{url}");
    let whole = shop.fetch(url, &[]).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, "application/epub+zip"));
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename=\"gr__e.epub\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.epub"
    );
    assert!(whole.body == bytes);
    let part = shop.fetch(url, &[("range", "bytes=8388600-8388617")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &bytes[8_388_600..=8_388_617]));
    assert_eq!(part.header("content-range"), format!("bytes 8388600-8388617/{LARGE}"));

    assert_eq!(shop.last_downloaded().await, Some(shop.app.clock.now()));
    let grants = download_grant::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(
        (grants[0].delivered_at, grants[0].delivered_bytes),
        (Some(shop.app.clock.now()), LARGE as i64)
    );
}

#[tokio::test]
async fn a_link_that_is_altered_or_past_its_time_leads_nowhere() {
    let settings = |config: &mut mist::config::Config| config.delivery.link_ttl = 1;
    let shop = Shop::of(TestApp::on_s3(settings).await).await;
    shop.released("1.0", "any", &[("a.zip", b"the bytes"), ("b.zip", b"other bytes")]).await;
    let ada = shop.owner("ada").await;
    let of = async |name: &str| {
        let minted = shop.ask(&ada, json!({"file": name})).await;
        minted.json()["url"].as_str().unwrap().to_owned()
    };
    let (one, other) = (of("a.zip").await, of("b.zip").await);
    let path = |url: &str| url.split_once('?').unwrap().0.to_owned();
    for altered in [
        one.replace(&path(&one), &path(&other)),
        one.replace("X-Amz-Expires=1&", "X-Amz-Expires=600&"),
        one.replace("a.zip", "c.exe"),
        one.replace("application%2Fzip", "text%2Fhtml"),
        one.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        path(&one),
    ] {
        assert_ne!(altered, one);
        let reply = shop.fetch(&altered, &[]).await;
        assert!(reply.status >= 400 && !reply.text().contains("bytes"), "{altered}: {}", reply.text());
    }
    until(async || shop.fetch(&one, &[]).await.status == 403).await;
}

#[tokio::test]
async fn equal_bytes_are_one_object_however_they_come() {
    let shop = shop().await;
    let (build, bytes) = (shop.draft("1.0", "any").await, sample(9_000_000));
    let sent = ["a", "b", "c", "d"].map(|name| shop.upload(build, name, bytes.clone()));
    for reply in futures::future::join_all(sent).await {
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    assert_eq!((shop.files("objects"), server(&shop).open_uploads()), (1, 0));
    let rows = object::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!((rows.len(), rows[0].sha256.clone()), (1, hex(&bytes)));
    assert_ne!(rows[0].key, rows[0].sha256, "a name in S3 is random");
}

#[tokio::test]
async fn bytes_that_are_gone_or_cut_short_are_made_again_of_equal_ones() {
    let shop = shop().await;
    let bytes = sample(9_000_000);
    shop.released("1.0", "any", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let earlier = shop.link(&ada).await;
    let object = files_below(&shop.app.path("objects")).remove(0);
    for (version, left) in [("2.0", None), ("3.0", Some(&bytes[..7]))] {
        std::fs::remove_file(&object).unwrap();
        if let Some(left) = left {
            std::fs::write(&object, left).unwrap();
        }
        shop.app.advance(chrono::Duration::seconds(1));
        shop.released(version, "any", &[("a.zip", &bytes)]).await;
        for url in [&shop.link(&ada).await, &earlier] {
            let whole = shop.fetch(url, &[]).await;
            assert!((whole.status, whole.body.as_slice()) == (200, bytes.as_slice()), "{version}");
        }
        assert_eq!((shop.files("objects"), server(&shop).open_uploads()), (1, 0));
    }
}

#[tokio::test]
async fn files_that_are_put_at_once_wait_for_room_and_come_whole() {
    const AT_ONCE: usize = 12;
    const HALF: usize = 4_000_000;
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    let mut sent = Vec::new();
    for number in 0..AT_ONCE {
        let mut bytes = sample(2 * HALF);
        bytes[0] = number as u8;
        let (sender, body) = gated();
        let put = shop.editor.request(Method::PUT, &super::shop::file_path(build, &number.to_string()));
        let put = if number % 2 == 0 { put.header("content-length", bytes.len()) } else { put };
        let sending = tokio::spawn(Reply::of(put.body(body)));
        sender.send(Bytes::copy_from_slice(&bytes[..HALF])).await.unwrap();
        sent.push((bytes, sender, sending));
    }
    // Those that came last are the first to go on.
    let ended = sent.into_iter().rev().map(async |(bytes, sender, sending)| {
        sender.send(Bytes::copy_from_slice(&bytes[HALF..])).await.unwrap();
        drop(sender);
        let put = sending.await.unwrap();
        assert_eq!((put.status, put.json()["sha256"].as_str()), (201, Some(hex(&bytes).as_str())));
    });
    futures::future::join_all(ended).await;
    assert_eq!((shop.files("objects"), server(&shop).open_uploads()), (AT_ONCE, 0));
}

#[tokio::test]
async fn what_is_refused_or_breaks_off_leaves_nothing_open() {
    let shop = Shop::of(TestApp::on_s3(|config| config.delivery.max_file_bytes = 18_000_000).await).await;
    let build = shop.draft("1.0", "any").await;
    let path = super::shop::file_path(build, "a");
    let wrong = shop.editor.request(Method::PUT, &path).body(sample(17_000_000));
    let wrong = Reply::of(wrong.header("repr-digest", super::shop::repr_digest(b"other"))).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (422, "digest_mismatch"));
    assert_eq!((shop.files("objects"), server(&shop).open_uploads()), (0, 0));
    // One whose length is not said beforehand.
    let chunks = futures::stream::iter(
        sample(LARGE).chunks(100_000).map(|it| Ok::<_, std::io::Error>(it.to_vec())).collect::<Vec<_>>(),
    );
    let large = shop.upload(build, "a", reqwest::Body::wrap_stream(chunks)).await;
    assert_eq!(large.status, 413);
    assert_eq!((shop.files("objects"), server(&shop).open_uploads()), (0, 0));
    // One whose sender goes away when parts of it are there.
    let (sender, body) = gated();
    let sending = tokio::spawn(Reply::of(shop.editor.request(Method::PUT, &path).body(body)));
    sender.send(Bytes::from(sample(17_000_000))).await.unwrap();
    until(async || server(&shop).open_uploads() > 0).await;
    sending.abort();
    drop(sender);
    until(async || server(&shop).open_uploads() == 0).await;
    assert_eq!(shop.files("objects"), 0);
}

#[tokio::test]
async fn an_upload_goes_on_at_any_copy() {
    // Copies of a store have one address, and so take each other's tokens.
    let address = Some("http://store.example".parse().unwrap());
    let shop = Shop::of(TestApp::on_s3(|config| config.http.public_url = address).await).await;
    let copy = shop.app.another_copy().await;
    let (build, bytes) = (shop.draft("1.0", "any").await, sample(LARGE));
    let tus =
        |method: Method, url: String| shop.editor.request(method, &url).header("tus-resumable", "1.0.0");
    let begun = tus(Method::POST, format!("{}{}", copy.url, uploads(build)))
        .header("upload-length", bytes.len())
        .header("upload-metadata", format!("filename {}", STANDARD.encode("a.zip")));
    let upload = Reply::of(begun).await.header("location").to_owned();
    // Small parts gather in one piece, large ones in several; copies take turns.
    let ends = [1, 100_000, 100_001, 3_000_000, 12_000_000, 12_000_001, LARGE];
    let mut offset = 0;
    for (number, end) in ends.into_iter().enumerate() {
        let url = if number % 2 == 0 { &shop.app.url } else { &copy.url };
        let part = tus(Method::PATCH, format!("{url}{upload}"))
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes[offset..end].to_vec());
        let reply = Reply::of(part).await;
        assert_eq!(
            (reply.status, reply.header("upload-offset")),
            (204, end.to_string().as_str()),
            "{}",
            reply.text()
        );
        if end == 12_000_000 {
            // What was taken in by a later piece goes when the next writer comes.
            assert!(shop.files("drafts") <= 3, "{} pieces", shop.files("drafts"));
        }
        offset = end;
    }
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
    assert_eq!((shop.files("objects"), shop.files("drafts"), server(&shop).open_uploads()), (1, 0, 0));
}

#[tokio::test]
async fn many_uploads_at_once_gather_no_more_than_there_is_room_for() {
    const AT_ONCE: usize = 12;
    const HALF: usize = 3_500_000;
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    let tus = |method: Method, url: &str| shop.editor.request(method, url).header("tus-resumable", "1.0.0");
    let mut sent = Vec::new();
    for number in 0..AT_ONCE {
        let mut bytes = sample(2 * HALF);
        bytes[0] = number as u8;
        let begun = tus(Method::POST, &uploads(build))
            .header("upload-length", bytes.len())
            .header("upload-metadata", format!("filename {}", STANDARD.encode(format!("{number}.zip"))));
        let upload = Reply::of(begun).await.header("location").to_owned();
        let (sender, body) = gated();
        let part = tus(Method::PATCH, &upload)
            .header("upload-offset", 0)
            .header("content-type", "application/offset+octet-stream");
        let sending = tokio::spawn(Reply::of(part.body(body)));
        sender.send(Bytes::copy_from_slice(&bytes[..HALF])).await.unwrap();
        sent.push((bytes, sender, sending));
    }
    // Together they gather more than there is room for: some of it lies in pieces before anybody is done.
    until(async || shop.files("drafts") >= 3).await;
    for (number, (bytes, sender, sending)) in sent.into_iter().enumerate() {
        sender.send(Bytes::copy_from_slice(&bytes[HALF..])).await.unwrap();
        drop(sender);
        assert_eq!(sending.await.unwrap().status, 204);
        let files = shop.show(build).await["files"].clone();
        let name = format!("{number}.zip");
        let file = files.as_array().unwrap().iter().find(|file| file["name"] == name.as_str()).unwrap();
        assert_eq!(file["sha256"], hex(&bytes), "{name}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_503_and_nothing_is_half_done() {
    let shop = Shop::of(TestApp::on_s3(|config| config.storage.s3.direct_links = false).await).await;
    let bytes = sample(LARGE);
    shop.released("1.0", "any", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let build = shop.draft("2.0", "any").await;
    assert_eq!(shop.app.nobody().get("/readyz").await.status, 200);
    let link = shop.link(&ada).await;

    server(&shop).stop();
    for (name, size) in [("small", 1000), ("large", LARGE)] {
        let refused = shop.upload(build, name, sample(size)).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"), "{}", refused.text());
        assert!(!refused.header("retry-after").is_empty());
    }
    assert_eq!(shop.fetch(&link, &[]).await.status, 503);
    until(async || shop.app.nobody().get("/readyz").await.status == 503).await;
    assert_eq!(shop.show(build).await["files"], json!([]));

    server(&shop).resume();
    until(async || shop.app.nobody().get("/readyz").await.status == 200).await;
    let whole = shop.fetch(&link, &[]).await;
    assert!((whole.status, whole.body.as_slice()) == (200, bytes.as_slice()));
    assert_eq!(shop.upload(build, "small", sample(1000)).await.status, 201);
    assert_eq!(server(&shop).open_uploads(), 0);
}

#[tokio::test]
async fn links_may_lead_to_cloudfront() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/objects/tests/cloudfront/rsa-pkcs8.pem");
    let app = TestApp::on_s3(|config| {
        config.cdn.cloudfront.domain = Some("d111111abcdef8.cloudfront.net".to_owned());
        config.cdn.cloudfront.key_pair_id = Some("K2JCJMDEHXQW5F".to_owned());
        config.cdn.cloudfront.private_key = Some(Secret::new(std::fs::read_to_string(key).unwrap()));
        config.cdn.cloudfront.bind_address = true;
    })
    .await;
    let shop = Shop::of(app).await;
    shop.released("1.0", "any", &[("a.zip", b"the bytes")]).await;
    let ada = shop.owner("ada").await;
    let minted = shop.ask(&ada, json!({})).await.json();
    let url = url::Url::parse(minted["url"].as_str().unwrap()).unwrap();
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!((url.scheme(), url.host_str()), ("https", Some("d111111abcdef8.cloudfront.net")));
    assert_eq!(
        names,
        [
            "response-content-disposition",
            "response-content-type",
            "x-grant",
            "Policy",
            "Signature",
            "Key-Pair-Id",
            "Hash-Algorithm"
        ]
    );
    assert_eq!(minted["expires_at"], "2026-11-22T12:10:00Z");
    assert_eq!(shop.last_downloaded().await, Some(shop.app.clock.now()));
}
