//! Uploads that come in parts, by the letter of tus 1.0.0.
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use mist::background;
use reqwest::{Body, Method, RequestBuilder};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::mpsc};
use uuid::Uuid;

use super::shop::{Shop, hex, sample};
use crate::support::{Reply, TestApp};

const PART: &str = "application/offset+octet-stream";

pub fn uploads(build: Uuid) -> String {
    format!("/api/v1/admin/builds/{build}/uploads")
}

fn tus(shop: &Shop, method: Method, path: &str) -> RequestBuilder {
    shop.editor.request(method, path).header("tus-resumable", "1.0.0")
}

fn beginning(shop: &Shop, build: Uuid, name: &str, length: usize) -> RequestBuilder {
    tus(shop, Method::POST, &uploads(build))
        .header("upload-length", length)
        .header("upload-metadata", format!("filename {}", STANDARD.encode(name)))
}

/// The path of a new upload.
async fn begin(shop: &Shop, build: Uuid, name: &str, length: usize) -> String {
    let reply = Reply::of(beginning(shop, build, name, length)).await;
    assert_eq!((reply.status, reply.header("tus-resumable")), (201, "1.0.0"), "{}", reply.text());
    reply.header("location").to_owned()
}

fn patch(shop: &Shop, upload: &str, offset: usize, bytes: impl Into<Body>) -> RequestBuilder {
    tus(shop, Method::PATCH, upload).header("upload-offset", offset).header("content-type", PART).body(bytes)
}

async fn send(shop: &Shop, upload: &str, offset: usize, bytes: &[u8]) -> Reply {
    Reply::of(patch(shop, upload, offset, bytes.to_vec())).await
}

async fn head(shop: &Shop, upload: &str) -> Reply {
    Reply::of(tus(shop, Method::HEAD, upload)).await
}

async fn offset(shop: &Shop, upload: &str) -> usize {
    let reply = head(shop, upload).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    reply.header("upload-offset").parse().unwrap()
}

/// A part that is sent as the sender says.
pub fn gated() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(1);
    let chunks = futures::stream::unfold(receiver, |mut receiver| async move {
        let chunk: Bytes = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    });
    (sender, Body::wrap_stream(chunks))
}

/// Whether a batch of the one upload is in its file; in S3, where none is before it is large, whether it is somebody's turn.
async fn is_written(shop: &Shop) -> bool {
    if shop.app.s3.is_some() {
        let rows = entity::upload::Entity::find().all(&shop.app.app.db.read).await.unwrap();
        return rows.iter().any(|row| row.writer.is_some());
    }
    let size = |path: std::path::PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
    let files = std::fs::read_dir(shop.app.path("drafts")).unwrap();
    files.map(|file| size(file.unwrap().path())).sum::<u64>() >= 1_000_000
}

/// Waits until somebody writes the one upload.
async fn writing(shop: &Shop) {
    let begun = async {
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        while !is_written(shop).await {
            beat.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), begun).await.unwrap();
}

#[tokio::test]
async fn a_file_comes_in_parts_through_a_restart() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(3_000_000);
    let upload = begin(&shop, build, "größe.zip", bytes.len()).await;
    let first = send(&shop, &upload, 0, &bytes[..1_000_000]).await;
    assert_eq!((first.status, first.header("upload-offset")), (204, "1000000"));
    assert_eq!(first.header("upload-expires"), "Sun, 29 Nov 2026 12:00:00 GMT");
    assert_eq!(shop.show(build).await["files"], json!([]));

    let shop = shop.restart().await;
    let asked = head(&shop, &upload).await;
    assert_eq!((asked.header("upload-offset"), asked.header("upload-length")), ("1000000", "3000000"));
    assert_eq!(asked.header("upload-metadata"), format!("filename {}", STANDARD.encode("größe.zip")));
    assert_eq!(send(&shop, &upload, 1_000_000, &bytes[1_000_000..]).await.status, 204);
    let file = json!({"name": "größe.zip", "size": bytes.len(), "sha256": hex(&bytes)});
    assert_eq!(shop.show(build).await["files"], json!([file]));
    assert_eq!((shop.files("objects"), shop.files("drafts")), (1, 0));
    // Whoever missed the last answer learns that nothing is left to do.
    assert_eq!(offset(&shop, &upload).await, bytes.len());
    assert_eq!(send(&shop, &upload, bytes.len(), b"").await.status, 204);
}

#[tokio::test]
async fn it_is_a_file_like_any_other() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "a", "put whole").await.status, 201);
    let upload = begin(&shop, build, "a", 5).await;
    assert_eq!(send(&shop, &upload, 0, b"parts").await.status, 204);
    let upload = begin(&shop, build, "b", 5).await;
    assert_eq!(send(&shop, &upload, 0, b"parts").await.status, 204);
    let files = shop.show(build).await["files"].clone();
    assert_eq!(
        (files[0]["sha256"].clone(), files[1]["sha256"].clone()),
        (json!(hex(b"parts")), json!(hex(b"parts")))
    );
    assert_eq!(shop.files("objects"), 2, "equal bytes are kept once");
    // Empty, or sent with the first message.
    begin(&shop, build, "empty", 0).await;
    let whole = beginning(&shop, build, "c", 5).header("content-type", PART).body("whole");
    let whole = Reply::of(whole).await;
    assert_eq!((whole.status, whole.header("upload-offset")), (201, "5"));
    assert_eq!(shop.show(build).await["files"].as_array().unwrap().len(), 4);
    let late = begin(&shop, build, "late", 2).await;
    send(&shop, &late, 0, b"1").await;
    assert_eq!(shop.act(build, "release").await.status, 200);
    assert_eq!(send(&shop, &late, 1, b"2").await.code(), "build_released");
    assert_eq!(Reply::of(beginning(&shop, build, "later", 1)).await.code(), "build_released");
}

#[tokio::test]
async fn what_is_spoken_is_told_and_nothing_else_is_taken() {
    let shop = Shop::of(TestApp::with(|config| config.delivery.max_file_bytes = 1000).await).await;
    let build = shop.draft("1.0", "any").await;
    let told = Reply::of(shop.editor.request(Method::OPTIONS, &uploads(build))).await;
    assert_eq!(
        (told.status, told.header("tus-version"), told.header("tus-max-size")),
        (204, "1.0.0", "1000")
    );
    assert_eq!(told.header("tus-extension"), "creation,creation-with-upload,termination,checksum,expiration");
    assert_eq!(told.header("tus-checksum-algorithm"), "sha1,sha256");

    let upload = begin(&shop, build, "a", 10).await;
    for version in ["", "0.2.2", "1.0.0, 0.2.2"] {
        let old = shop.editor.request(Method::PATCH, &upload).header("tus-resumable", version);
        let old = Reply::of(old.header("upload-offset", 0).header("content-type", PART).body("x")).await;
        assert_eq!(
            (old.status, old.code().as_str(), old.header("tus-version")),
            (412, "unsupported_tus_version", "1.0.0")
        );
    }
    let typed = tus(&shop, Method::PATCH, &upload).header("upload-offset", 0).body("x");
    assert_eq!(Reply::of(typed).await.status, 415);
    let nowhere = tus(&shop, Method::PATCH, &upload).header("content-type", PART).body("x");
    assert_eq!(Reply::of(nowhere).await.code(), "malformed_upload");
    for wrong in [1, 10, 11] {
        let reply = send(&shop, &upload, wrong, b"x").await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "offset_mismatch"));
    }
    assert_eq!(send(&shop, &upload, 0, b"eleven byte").await.status, 413);
    let (sender, body) = gated();
    let unmeasured = tokio::spawn(Reply::of(patch(&shop, &upload, 0, body)));
    sender.send(Bytes::from_static(b"eleven byte")).await.unwrap();
    drop(sender);
    assert_eq!(unmeasured.await.unwrap().status, 413);
    assert_eq!(offset(&shop, &upload).await, 0);
    assert_eq!(Reply::of(beginning(&shop, build, "large", 1001)).await.status, 413);
    for (name, code) in [("", "required"), ("a/b", "invalid_file_name")] {
        let reply = Reply::of(beginning(&shop, build, name, 1)).await;
        assert_eq!(reply.faults(), [("filename".to_owned(), code.to_owned())]);
    }
    for length in ["", "-1", "+1", "x", "99999999999999999999"] {
        let reply = tus(&shop, Method::POST, &uploads(build)).header("upload-length", length);
        assert_eq!(Reply::of(reply).await.code(), "malformed_upload", "{length}");
    }
    // Of another build it is none.
    let other = shop.draft("2.0", "any").await;
    let elsewhere = upload.replace(&build.to_string(), &other.to_string());
    assert_eq!(send(&shop, &elsewhere, 0, b"x").await.status, 404);
}

#[tokio::test]
async fn a_part_with_another_digest_is_not_kept() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 6).await;
    let sha1 = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
    for stated in [sha1.to_owned(), format!("sha256 {}", STANDARD.encode(mist::keys::sha256(b"abc")))] {
        let refused = patch(&shop, &upload, 0, "abd").header("upload-checksum", &stated);
        let refused = Reply::of(refused).await;
        assert_eq!((refused.status, refused.code().as_str()), (460, "checksum_mismatch"));
        assert_eq!(offset(&shop, &upload).await, 0);
    }
    for stated in ["md5 kAFQmDzST7DWlj99KOF/cg==", "sha1", "sha1 !"] {
        let refused = patch(&shop, &upload, 0, "abc").header("upload-checksum", stated);
        assert_eq!(Reply::of(refused).await.code(), "malformed_upload", "{stated}");
    }
    assert_eq!(Reply::of(patch(&shop, &upload, 0, "abc").header("upload-checksum", sha1)).await.status, 204);
    assert_eq!(send(&shop, &upload, 3, b"def").await.status, 204);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"abcdef"));
}

#[tokio::test]
async fn what_came_of_a_part_that_breaks_off_is_kept() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(3_000_000);
    let upload = begin(&shop, build, "a", bytes.len()).await;
    let mut stream = TcpStream::connect(shop.app.url.strip_prefix("http://").unwrap()).await.unwrap();
    let token = shop.editor.session()["access_token"].as_str().unwrap();
    let head = format!(
        "PATCH {upload} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Offset: 0\r\nContent-Type: {PART}\r\nContent-Length: 3000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..2_000_000]).await.unwrap();
    drop(stream);
    let came = async {
        let mut beat = tokio::time::interval(Duration::from_millis(5));
        loop {
            match offset(&shop, &upload).await {
                0 => beat.tick().await,
                came => break came,
            };
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(10), came).await.unwrap();
    assert!(came <= 2_000_000);
    assert_eq!(send(&shop, &upload, came, &bytes[came..]).await.status, 204);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
}

#[tokio::test]
async fn one_at_a_time_writes() {
    // Copies of a store have one address, and so take each other's tokens.
    let address = Some("http://store.example".parse().unwrap());
    let shop = Shop::of(TestApp::with(|config| config.http.public_url = address).await).await;
    let build = shop.draft("1.0", "any").await;
    let bytes = sample(3_000_000);
    let upload = begin(&shop, build, "a", bytes.len()).await;
    let (sender, body) = gated();
    let first = tokio::spawn(Reply::of(patch(&shop, &upload, 0, body)));
    sender.send(Bytes::copy_from_slice(&bytes[..2_000_000])).await.unwrap();
    writing(&shop).await;
    let copy = shop.app.another_copy().await;
    for url in [&shop.app.url, &copy.url] {
        let second = shop.editor.on(&shop.app.url).request(Method::PATCH, &format!("{url}{upload}"));
        let second = second.header("tus-resumable", "1.0.0").header("upload-offset", 0);
        let second = Reply::of(second.header("content-type", PART).body("xyz")).await;
        assert_eq!((second.status, second.code().as_str()), (423, "upload_locked"));
    }
    // Nothing counts before it is durable.
    assert_eq!(offset(&shop, &upload).await, 0);
    sender.send(Bytes::copy_from_slice(&bytes[2_000_000..])).await.unwrap();
    drop(sender);
    assert_eq!(first.await.unwrap().status, 204);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(&bytes));
}

#[tokio::test]
async fn of_parts_that_race_each_byte_is_taken_once() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    for name in ["a", "b", "c", "d", "e"] {
        let upload = begin(&shop, build, name, 4).await;
        let replies = futures::future::join_all((0..8).map(|_| send(&shop, &upload, 0, b"full"))).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 204).count(), 1);
        for reply in replies.iter().filter(|reply| reply.status != 204) {
            let known = ["upload_locked", "offset_mismatch"].contains(&reply.code().as_str());
            assert!(known, "{}", reply.text());
        }
    }
    for file in shop.show(build).await["files"].as_array().unwrap() {
        assert_eq!(file["sha256"], hex(b"full"));
    }
}

/// Whoever comes for a part between the naming of the bytes and the row that names them finds no draft, and makes one.
#[tokio::test]
async fn an_upload_that_was_cut_off_at_its_end_is_whole_whatever_lies_in_its_place() {
    let local = |config: &mut mist::config::Config| config.storage.kind = mist::config::StorageKind::Local;
    let shop = Shop::of(TestApp::with(local).await).await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 4).await;
    assert_eq!(send(&shop, &upload, 0, b"full").await.status, 204);
    // As if it had been cut off before its row said that it is a file.
    assert_eq!(shop.editor.delete(&super::shop::file_path(build, "a")).await.status, 204);
    let db = &shop.app.app.db;
    let row = entity::upload::Entity::find().one(&db.read).await.unwrap().unwrap();
    let name = row.id.as_u128();
    let mut row = row.into_active_model();
    row.completed_at = Set(None);
    row.update(db.writer()).await.unwrap();
    let opening = objects::Opening { make: true, size: 4, state: None };
    drop(shop.app.app.objects.draft(name, opening).await.unwrap());

    assert_eq!(offset(&shop, &upload).await, 4);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"full"));
    let verified = mist::delivery::verify_objects(&shop.app.app, true).await.unwrap();
    assert_eq!((verified.looked_at, verified.broken.len()), (1, 0));
}

#[tokio::test]
async fn whoever_asks_while_the_file_is_being_made_is_told_how_far_it_is() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 4).await;
    // All bytes came, and another copy makes the file.
    let (db, now) = (&shop.app.app.db, shop.app.clock.now());
    let row = entity::upload::Entity::find().one(&db.read).await.unwrap().unwrap();
    let opening = objects::Opening { make: true, size: 4, state: None };
    let mut draft = shop.app.app.objects.draft(row.id.as_u128(), opening).await.unwrap();
    draft.append(vec![Bytes::from_static(b"full")]).await.unwrap();
    let mut row = row.into_active_model();
    (row.received, row.state) = (Set(4), Set(draft.sync().await.unwrap()));
    row.writer = Set(Some(shop.app.clock.new_id()));
    row.writer_until = Set(Some(now + chrono::Duration::seconds(9)));
    row.update(db.writer()).await.unwrap();
    for method in [Method::HEAD, Method::GET] {
        let told = Reply::of(tus(&shop, method, &upload)).await;
        assert_eq!((told.status, told.header("upload-offset")), (200, "4"));
    }
    assert_eq!(shop.show(build).await["files"], json!([]));
    // It died.
    drop(draft);
    shop.app.advance(chrono::Duration::seconds(10));
    assert_eq!(offset(&shop, &upload).await, 4);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"full"));
}

#[tokio::test]
async fn whose_turn_another_took_over_learns_that_the_upload_is_elsewhere() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 3_000_000).await;
    let (sender, body) = gated();
    let sending = tokio::spawn(Reply::of(patch(&shop, &upload, 0, body)));
    sender.send(Bytes::from(sample(2_000_000))).await.unwrap();
    writing(&shop).await;
    let db = &shop.app.app.db;
    let mut row = entity::upload::Entity::find().one(&db.read).await.unwrap().unwrap().into_active_model();
    row.received = Set(5);
    row.update(db.writer()).await.unwrap();
    drop(sender);
    let reply = sending.await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (409, "offset_mismatch"));
    assert_eq!(offset(&shop, &upload).await, 5);
}

#[tokio::test]
async fn every_method_comes_by_post_where_nothing_else_comes_through() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 6).await;
    let meaning = |method: &str| tus(&shop, Method::POST, &upload).header("x-http-method-override", method);
    let part = |offset: usize, bytes: &'static str| {
        Reply::of(meaning("PATCH").header("upload-offset", offset).header("content-type", PART).body(bytes))
    };
    assert_eq!(part(0, "abc").await.status, 204);
    assert_eq!(part(0, "abc").await.code(), "offset_mismatch");
    let told = Reply::of(meaning("HEAD")).await;
    assert_eq!(
        (told.status, told.header("upload-offset"), told.header("tus-resumable")),
        (200, "3", "1.0.0")
    );
    for refused in [meaning("POST"), meaning("PUT"), tus(&shop, Method::POST, &upload)] {
        let refused = Reply::of(refused).await;
        assert_eq!((refused.status, refused.code().as_str()), (405, "method_not_allowed"));
        assert!(refused.header("allow").contains("PATCH"));
    }
    let nobody = shop.app.nobody().request(Method::POST, &upload).header("x-http-method-override", "DELETE");
    assert_eq!(Reply::of(nobody.header("tus-resumable", "1.0.0")).await.status, 401);
    let read_only = shop.owner("ada").await.request(Method::POST, &upload);
    assert_eq!(Reply::of(read_only.header("x-http-method-override", "DELETE")).await.status, 403);
    assert_eq!(part(3, "def").await.status, 204);
    assert_eq!(shop.show(build).await["files"][0]["sha256"], hex(b"abcdef"));
    assert_eq!(Reply::of(meaning("DELETE")).await.status, 204);
    assert_eq!(head(&shop, &upload).await.status, 404);
}

#[tokio::test]
async fn an_upload_that_is_ended_frees_its_bytes() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 3_000_000).await;
    let (sender, body) = gated();
    let sending = tokio::spawn(Reply::of(patch(&shop, &upload, 0, body)));
    sender.send(Bytes::from(sample(2_000_000))).await.unwrap();
    writing(&shop).await;
    assert_eq!(Reply::of(tus(&shop, Method::DELETE, &upload)).await.status, 204);
    assert_eq!(shop.files("drafts"), 0);
    sender.send(Bytes::from(sample(1_000_000))).await.unwrap();
    drop(sender);
    assert_eq!(sending.await.unwrap().status, 404);
    assert_eq!(head(&shop, &upload).await.status, 404);
    assert_eq!(Reply::of(tus(&shop, Method::DELETE, &upload)).await.status, 404);
    assert_eq!(shop.show(build).await["files"], json!([]));
}

#[tokio::test]
async fn what_is_past_its_time_goes_with_its_bytes() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 6).await;
    shop.app.advance(chrono::Duration::days(6));
    let shop = shop.signed_in_again().await;
    assert_eq!(send(&shop, &upload, 0, b"abc").await.status, 204, "each part gives it another week");
    shop.app.advance(chrono::Duration::days(6));
    background::tick(&shop.app.app, "retention").await.unwrap();
    assert_eq!(shop.files("drafts"), 1);
    shop.app.advance(chrono::Duration::days(1));
    let shop = shop.signed_in_again().await;
    assert_eq!(head(&shop, &upload).await.status, 410);
    assert_eq!(send(&shop, &upload, 3, b"def").await.code(), "upload_expired");
    background::tick(&shop.app.app, "retention").await.unwrap();
    assert_eq!((shop.files("drafts"), head(&shop, &upload).await.status), (0, 404));
}

#[tokio::test]
async fn the_bytes_go_with_the_build_too() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 6).await;
    send(&shop, &upload, 0, b"abc").await;
    assert_eq!(shop.editor.delete(&format!("/api/v1/admin/builds/{build}")).await.status, 204);
    assert_eq!(head(&shop, &upload).await.status, 404);
    background::tick(&shop.app.app, "retention").await.unwrap();
    assert_eq!(shop.files("drafts"), 0);
}

#[tokio::test]
async fn a_build_has_a_hundred_open_uploads_at_most() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let first = begin(&shop, build, "0", 1).await;
    for number in 1..100 {
        begin(&shop, build, &number.to_string(), 1).await;
    }
    let refused = Reply::of(beginning(&shop, build, "100", 1)).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "too_many_uploads"));
    assert_eq!(send(&shop, &first, 0, b"a").await.status, 204, "what became a file is open no more");
    begin(&shop, build, "100", 1).await;
}
