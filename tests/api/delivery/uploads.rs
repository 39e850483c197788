//! Files come whole or not at all.
use std::time::Duration;

use bytes::Bytes;
use entity::{build_file, object};
use futures::StreamExt;
use reqwest::{Body, Method};
use sea_orm::EntityTrait;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use uuid::Uuid;

use super::shop::{Shop, file_path, hex, repr_digest, sample};
use crate::support::{Reply, TestApp};

/// A connection that has sent the head of an upload.
async fn begin(shop: &Shop, build: Uuid, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(shop.app.url.strip_prefix("http://").unwrap()).await.unwrap();
    let token = shop.editor.session()["access_token"].as_str().unwrap();
    let path = file_path(build, "a");
    let head =
        format!("PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Waits for what happens beside the answer.
async fn soon(what: &str, holds: impl Fn() -> bool) {
    let wait = async {
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        while !holds() {
            beat.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), wait).await.is_ok(), "{what}");
}

/// Whether a writer has a file. What goes to S3 is seen by nobody while it is small.
fn has_begun(shop: &Shop) -> bool {
    shop.app.s3.is_some() || shop.files("tmp") == 1
}

/// A body that is sent as the sender says.
fn gated() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    let chunks = futures::stream::unfold(receiver, |mut receiver| async move {
        let chunk: Bytes = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    });
    (sender, Body::wrap_stream(chunks))
}

/// Every file row has its object, with the size and the digest it says.
async fn assert_sound(shop: &Shop) {
    for row in build_file::Entity::find().all(&shop.app.app.db.read).await.unwrap() {
        let object = object::Entity::find_by_id(row.object_key.clone())
            .one(&shop.app.app.db.read)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((object.size, &object.sha256), (row.size, &row.sha256));
        let key = objects::Key::parse(row.object_key).unwrap();
        let digest = objects::Sha256::from_hex(&row.sha256).unwrap();
        let verdict = shop.app.app.objects.verify(&key, row.size as u64, &digest).await.unwrap();
        assert_eq!(verdict, objects::Verdict::Sound);
    }
    assert_eq!(shop.files("tmp"), 0);
}

#[tokio::test]
async fn names_with_quotes_umlauts_and_emoji_are_kept() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let longest = "ä".repeat(127);
    for name in
        ["a \"quoted\" name.zip", "über 100%?#.zip", "🎮👩‍🚀.bin", "源氏物語.epub", ".hidden", "...", &longest]
    {
        let reply = shop.upload(build, name, name.to_owned()).await;
        assert_eq!((reply.status, reply.json()["name"].as_str()), (201, Some(name)), "{}", reply.text());
    }
    // One name, however it is composed.
    assert_eq!(shop.upload(build, "u\u{308}ber 100%?#.zip", "x").await.json()["name"], "über 100%?#.zip");
    assert_eq!(shop.show(build).await["files"].as_array().unwrap().len(), 7);
    assert_eq!(shop.editor.delete(&file_path(build, "u\u{308}ber 100%?#.zip")).await.status, 204);
    assert_sound(&shop).await;
}

#[tokio::test]
async fn a_name_is_never_a_path() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let long = "ä".repeat(128);
    for name in ["a%2Fb", "..%2F..%2Fetc", "a%5Cb", "a%0Ab", "a%7Fb", "a%E2%80%AEgpj.exe", &long] {
        let path = format!("/api/v1/admin/builds/{build}/files/{name}");
        let reply = Reply::of(shop.editor.request(Method::PUT, &path).body("x")).await;
        assert_eq!(reply.status, 422, "{name}");
        assert_eq!(reply.faults()[0].0, "name", "{name}");
    }
    for name in ["a%00b", "a%FFb"] {
        let path = format!("/api/v1/admin/builds/{build}/files/{name}");
        assert_eq!(Reply::of(shop.editor.request(Method::PUT, &path).body("x")).await.status, 404, "{name}");
    }
    // Clients resolve these themselves; a server must not.
    for name in [".", "..", "%2e%2e"] {
        let mut stream = TcpStream::connect(shop.app.url.strip_prefix("http://").unwrap()).await.unwrap();
        let token = shop.editor.session()["access_token"].as_str().unwrap();
        let head = format!(
            "PUT /api/v1/admin/builds/{build}/files/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: 1\r\n\r\nx"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        assert!(answer(stream).await.starts_with("HTTP/1.1 422"), "{name}");
    }
    assert_eq!((shop.files("objects"), shop.files("tmp")), (0, 0));
}

#[tokio::test]
async fn a_file_is_replaced_and_may_be_empty() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let large = sample(5_000_000);
    for bytes in [large.clone(), Vec::new(), b"small".to_vec()] {
        let reply = shop.upload(build, "a", bytes.clone()).await;
        assert_eq!(reply.status, 201);
        let expected = json!({"name": "a", "size": bytes.len(), "sha256": hex(&bytes)});
        assert_eq!(reply.json(), expected);
        assert_eq!(shop.show(build).await["files"], json!([expected]));
    }
    assert_sound(&shop).await;
}

#[tokio::test]
async fn a_stated_digest_must_be_that_of_the_bytes() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let put = |digest: String, bytes: &'static [u8]| {
        Reply::of(
            shop.editor
                .request(Method::PUT, &file_path(build, "a"))
                .header("repr-digest", digest)
                .body(bytes),
        )
    };
    assert_eq!(put(repr_digest(b"first"), b"first").await.status, 201);
    let objects = shop.files("objects");
    let refused = put(repr_digest(b"first"), b"second").await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "digest_mismatch"));
    // The file of that name is as it was, and nothing of the other is kept.
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"first"));
    assert_eq!((shop.files("objects"), shop.files("tmp")), (objects, 0));
    for digest in ["sha-256", "sha-256=abc", "sha-256=:AAAA:", "sha-256=:!:"] {
        let refused = put(digest.to_owned(), b"second").await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed_digest"), "{digest}");
    }
    assert_eq!(put("md5=:AAAA:, sha-512=:AAAA:".to_owned(), b"second").await.status, 201);
    assert_eq!(put(format!("md5=:AAAA:, {}", repr_digest(b"third")), b"third").await.status, 201);
    assert_sound(&shop).await;
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_however_it_comes() {
    let app = TestApp::with(|config| config.delivery.max_file_bytes = 1000).await;
    let shop = Shop::of(app).await;
    let build = shop.draft("1.0", "any").await;
    let chunks = |count: usize| {
        let chunks =
            futures::stream::iter((0..count).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![0; 100]))));
        Body::wrap_stream(chunks.boxed())
    };
    assert_eq!(shop.upload(build, "a", vec![0; 1000]).await.status, 201);
    assert_eq!(shop.upload(build, "b", chunks(10)).await.status, 201);
    assert_eq!(shop.upload(build, "a", vec![1; 1001]).await.code(), "payload_too_large");
    assert_eq!(shop.upload(build, "b", chunks(11)).await.code(), "payload_too_large");
    // Said before a byte is sent.
    let stream = begin(&shop, build, "Content-Length: 1001\r\nExpect: 100-continue").await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 413"));
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&[0; 1000]));
    assert_sound(&shop).await;
}

#[tokio::test]
async fn a_sender_of_much_reads_the_refusal() {
    let app = TestApp::with(|config| config.delivery.max_file_bytes = 1000).await;
    let shop = Shop::of(app).await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "a", sample(10_000_000)).await.code(), "payload_too_large");
}

#[tokio::test]
async fn compressed_and_partial_uploads_are_refused() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let put = |name: &'static str, value: &'static str| {
        Reply::of(shop.editor.request(Method::PUT, &file_path(build, "a")).header(name, value).body("x"))
    };
    assert_eq!(put("content-encoding", "gzip").await.status, 415);
    assert_eq!(put("content-range", "bytes 0-0/2").await.code(), "partial_put");
    assert_eq!(put("content-type", "text/html; nonsense").await.status, 201);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    shop.upload(build, "a", "first").await;
    let before = shop.files("objects");
    for headers in ["Content-Length: 3000000", "Transfer-Encoding: chunked"] {
        let mut stream = begin(&shop, build, headers).await;
        let begun = if headers.starts_with('C') {
            sample(2_000_000)
        } else {
            [b"1e8480\r\n".to_vec(), sample(2_000_000)].concat()
        };
        stream.write_all(&begun).await.unwrap();
        soon("it began", || has_begun(&shop)).await;
        drop(stream);
        soon("it is gone", || shop.files("tmp") == 0).await;
    }
    assert_eq!(shop.files("objects"), before);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"first"));
}

#[tokio::test]
async fn a_body_that_is_no_http_is_400() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let mut stream = begin(&shop, build, "Transfer-Encoding: chunked").await;
    stream.write_all(b"5\r\nhello\r\nnonsense\r\n").await.unwrap();
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("incomplete_body"), "{answer}");
    assert_eq!((shop.files("objects"), shop.files("tmp")), (0, 0));
}

#[tokio::test]
async fn a_body_that_pauses_too_long_is_408() {
    let app = TestApp::with(|config| config.http.body_idle_timeout = 1).await;
    let shop = Shop::of(app).await;
    let build = shop.draft("1.0", "any").await;
    let mut stream = begin(&shop, build, "Content-Length: 10").await;
    stream.write_all(b"half").await.unwrap();
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    assert_eq!((shop.files("objects"), shop.files("tmp")), (0, 0));
}

#[tokio::test]
async fn a_released_build_refuses_before_it_reads() {
    let shop = Shop::new().await;
    let build = shop.released("1.0", "any", &[("a", b"bytes")]).await;
    let stream = begin(&shop, build, "Content-Length: 5000000000\r\nExpect: 100-continue").await;
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("build_released"), "{answer}");
    let stream = begin(&shop, Uuid::nil(), "Content-Length: 5000000000\r\nExpect: 100-continue").await;
    assert!(self::answer(stream).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_full_product_refuses_before_it_reads() {
    let shop = Shop::of(TestApp::with(|config| config.delivery.product_bytes = 1000).await).await;
    let build = shop.draft("1.0", "any").await;
    let stream = begin(&shop, build, "Content-Length: 1001\r\nExpect: 100-continue").await;
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("product_full"), "{answer}");
}

#[tokio::test]
async fn a_release_overtakes_an_upload_and_nothing_is_added() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    shop.upload(build, "a", "first").await;
    let (sender, body) = gated();
    let upload = tokio::spawn(Reply::of(shop.editor.request(Method::PUT, &file_path(build, "b")).body(body)));
    sender.send(Bytes::from_static(b"half ")).await.unwrap();
    soon("it began", || has_begun(&shop)).await;
    // An upload that is under way holds no transaction open.
    let released = shop.act(build, "release").await;
    assert_eq!(released.status, 200);
    sender.send(Bytes::from_static(b"whole")).await.unwrap();
    drop(sender);
    assert_eq!(upload.await.unwrap().code(), "build_released");
    assert_eq!(shop.show(build).await, released.json());
    assert_sound(&shop).await;
}

#[tokio::test]
async fn uploads_and_releases_that_race_agree() {
    let shop = Shop::new().await;
    for round in 0..10 {
        let build = shop.draft(&round.to_string(), "any").await;
        shop.upload(build, "a", "first").await;
        let names = ["b", "c", "d"];
        let bytes = format!("{round}");
        let uploads = futures::future::join_all(names.map(|name| shop.upload(build, name, bytes.clone())));
        let (uploads, released) = tokio::join!(uploads, shop.act(build, "release"));
        assert_eq!(released.status, 200);
        let mut files = vec!["a"];
        for (name, reply) in names.into_iter().zip(uploads) {
            match reply.status {
                201 => files.push(name),
                _ => assert_eq!(reply.code(), "build_released"),
            }
        }
        let build = shop.show(build).await;
        let shown: Vec<_> =
            build["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
        assert_eq!(shown, files);
        assert_eq!(build["files"], released.json()["files"]);
    }
    assert_sound(&shop).await;
}

#[tokio::test]
async fn of_two_uploads_of_a_name_the_later_stays_whole() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let (one, other) = (sample(3_000_000), sample(3_000_001));
    let (first, second) =
        tokio::join!(shop.upload(build, "a", one.clone()), shop.upload(build, "a", other.clone()));
    assert_eq!((first.status, second.status), (201, 201));
    let kept = shop.show(build).await["files"].clone();
    assert!(kept == json!([first.json()]) || kept == json!([second.json()]), "{kept}");
    assert_sound(&shop).await;
}

#[tokio::test]
async fn a_missing_folder_is_unavailable_until_it_is_back() {
    let shop = Shop::new().await;
    if shop.app.s3.is_some() {
        return;
    }
    let build = shop.draft("1.0", "any").await;
    let here = shop.app.app.config.data_dir.clone();
    let away = here.with_file_name("away");
    std::fs::rename(&here, &away).unwrap();
    let refused = shop.upload(build, "a", "bytes").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"));
    assert!(!refused.header("retry-after").is_empty());
    std::fs::rename(&away, &here).unwrap();
    assert_eq!(shop.upload(build, "a", "bytes").await.status, 201);
    assert_sound(&shop).await;
}
