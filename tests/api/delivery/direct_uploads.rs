//! Uploads straight into the bucket: what came is a file once it was read, and nothing is released before.
use chrono::Duration;
use entity::{
    direct_upload::{self, Status},
    object,
};
use mist::{background, delivery::collect_garbage};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Statement,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, hex, sample};
use crate::support::{Reply, TestApp};

/// More than one part.
const LARGE: usize = 20_000_000;

async fn shop() -> Shop {
    Shop::of(TestApp::on_s3(|_| {}).await).await
}

fn uploads(build: Uuid) -> String {
    format!("/api/v1/admin/builds/{build}/direct-uploads")
}

async fn begin(shop: &Shop, build: Uuid, name: &str, size: usize) -> Value {
    let reply = shop.editor.post(&uploads(build), json!({"filename": name, "size": size})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let upload = reply.json();
    let path = format!("{}/{}", uploads(build), upload["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    upload
}

/// PUTs bytes to the parts, past the store, and gives what the bucket answered.
async fn send(shop: &Shop, upload: &Value, mut bytes: &[u8]) -> Value {
    let mut sent = Vec::new();
    for part in upload["parts"].as_array().unwrap() {
        let length = (part["size"].as_u64().unwrap() as usize).min(bytes.len());
        let (now, rest) = bytes.split_at(length);
        bytes = rest;
        let url = part["url"].as_str().unwrap();
        let reply = Reply::of(shop.app.nobody().request(Method::PUT, url).body(now.to_vec())).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        sent.push(json!({"number": part["number"], "etag": reply.header("etag")}));
    }
    json!({"parts": sent})
}

fn path(build: Uuid, upload: &Value) -> String {
    format!("{}/{}", uploads(build), upload["id"].as_str().unwrap())
}

async fn complete(shop: &Shop, build: Uuid, upload: &Value, parts: Value) -> Reply {
    shop.editor.post(&format!("{}/complete", path(build, upload)), parts).await
}

#[tokio::test]
async fn what_goes_past_the_store_is_read_before_it_is_released() {
    let shop = shop().await;
    let (build, bytes) = (shop.draft("1.0", "any").await, sample(LARGE));
    let upload = begin(&shop, build, "game.zip", LARGE).await;
    assert_eq!((&upload["status"], &upload["size"]), (&json!("open"), &json!(LARGE)));
    assert_eq!(upload["expires_at"], "2026-11-23T11:00:00Z");
    assert_eq!(upload["parts"].as_array().unwrap().len(), 2);
    let endpoint = shop.app.s3.as_ref().unwrap().endpoint();
    assert!(upload["parts"][0]["url"].as_str().unwrap().starts_with(&endpoint));
    let sent = send(&shop, &upload, &bytes).await;
    assert_eq!(shop.act(build, "release").await.code(), "build_empty", "an open upload is nothing yet");

    let told = complete(&shop, build, &upload, sent.clone()).await;
    assert_eq!((told.status, told.json()["status"].clone()), (200, json!("verifying")), "{}", told.text());
    assert_eq!(told.json()["parts"], json!([]));
    assert_eq!(shop.upload(build, "readme.txt", "read me").await.status, 201);
    let early = shop.act(build, "release").await;
    assert_eq!((early.status, early.code().as_str()), (409, "not_verified"));
    // Nothing that is awaited is taken for an orphan, however long the reading takes.
    shop.app.advance(Duration::days(3650));
    let shop = shop.signed_in_again().await;
    collect_garbage(&shop.app.app).await.unwrap();

    shop.app.run_jobs().await;
    let read = shop.editor.get(&path(build, &upload)).await.json();
    assert_eq!((&read["status"], &read["refusal"]), (&json!("verified"), &json!(null)));
    let files = shop.show(build).await["files"].clone();
    assert_eq!(files[0], json!({"name": "game.zip", "size": LARGE, "sha256": hex(&bytes)}));
    // Said again, it changes nothing.
    let again = complete(&shop, build, &upload, sent).await;
    assert_eq!((again.status, again.json()["status"].clone()), (200, json!("verified")));
    assert_eq!(shop.app.run_jobs().await, 0);
    assert_eq!(shop.act(build, "release").await.status, 200);
    let ada = shop.owner("ada").await;
    let minted = shop.ask(&ada, json!({"file": "game.zip"})).await.json();
    assert!(shop.fetch(minted["url"].as_str().unwrap(), &[]).await.body == bytes);
    // Who ends it now takes nothing away.
    assert_eq!(shop.editor.delete(&path(build, &upload)).await.status, 204);
    assert_eq!(shop.fetch(minted["url"].as_str().unwrap(), &[]).await.status, 200);
}

#[tokio::test]
async fn equal_bytes_are_one_object_whichever_way_they_come() {
    let shop = shop().await;
    let (build, bytes) = (shop.draft("1.0", "any").await, sample(1000));
    assert_eq!(shop.upload(build, "a", bytes.clone()).await.status, 201);
    let upload = begin(&shop, build, "b", bytes.len()).await;
    let sent = send(&shop, &upload, &bytes).await;
    complete(&shop, build, &upload, sent).await;
    assert_eq!(shop.files("objects"), 2);
    shop.app.run_jobs().await;
    assert_eq!(shop.files("objects"), 1);
    let files = shop.show(build).await["files"].clone();
    assert_eq!((&files[1]["name"], &files[1]["sha256"]), (&json!("b"), &files[0]["sha256"]));
}

#[tokio::test]
async fn what_is_not_as_it_was_announced_becomes_no_file() {
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    let short = begin(&shop, build, "short", 1000).await;
    let sent = send(&shop, &short, &sample(999)).await;
    assert_eq!(complete(&shop, build, &short, sent).await.status, 200);
    shop.app.run_jobs().await;
    let told = shop.editor.get(&path(build, &short)).await.json();
    assert_eq!((&told["status"], &told["refusal"]), (&json!("refused"), &json!("wrong_size")));
    assert_eq!((shop.show(build).await["files"].clone(), shop.files("objects")), (json!([]), 0));

    let upload = begin(&shop, build, "a", LARGE).await;
    let sent = send(&shop, &upload, &sample(LARGE)).await;
    let one = json!({"parts": [sent["parts"][0]]});
    let twice = json!({"parts": [sent["parts"][0], sent["parts"][0]]});
    for parts in [one, twice] {
        let refused = complete(&shop, build, &upload, parts).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_parts"));
    }
    // Released meanwhile: then it is too late, and nothing of it stays.
    assert_eq!(shop.upload(build, "b", "bytes").await.status, 201);
    assert_eq!(shop.act(build, "release").await.status, 200);
    let late = complete(&shop, build, &upload, sent).await;
    assert_eq!((late.status, late.code().as_str()), (409, "build_released"));
    assert_eq!(shop.editor.delete(&path(build, &upload)).await.status, 204);
    assert_eq!((shop.files("objects"), shop.app.s3.as_ref().unwrap().open_uploads()), (1, 0));
    assert_eq!(shop.editor.get(&path(build, &upload)).await.status, 404);
}

#[tokio::test]
async fn what_comes_to_no_end_is_removed_with_its_parts() {
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    let (ended, forgotten) = (begin(&shop, build, "a", 1000).await, begin(&shop, build, "b", 1000).await);
    let sent = send(&shop, &ended, &sample(1000)).await;
    complete(&shop, build, &ended, sent).await;
    // Ended while it waits to be read: the job finds nothing to do.
    assert_eq!(shop.editor.delete(&path(build, &ended)).await.status, 204);
    shop.app.run_jobs().await;
    assert_eq!((shop.files("objects"), shop.show(build).await["files"].clone()), (0, json!([])));

    send(&shop, &forgotten, &sample(1000)).await;
    assert_eq!(shop.editor.get(&path(build, &forgotten)).await.json()["parts"].as_array().unwrap().len(), 1);
    shop.app.advance(Duration::hours(24));
    let shop = shop.signed_in_again().await;
    let late = shop.editor.get(&path(build, &forgotten)).await;
    assert_eq!((late.status, late.code().as_str()), (410, "upload_expired"));
    assert!(background::tick(&shop.app.app, "retention").await.unwrap());
    assert_eq!(shop.editor.get(&path(build, &forgotten)).await.status, 404);
    assert_eq!(shop.app.s3.as_ref().unwrap().open_uploads(), 0);
}

#[tokio::test]
async fn a_store_that_takes_files_itself_says_so() {
    let folder = |config: &mut mist::config::Config| config.storage.kind = mist::config::StorageKind::Local;
    let private = |config: &mut mist::config::Config| config.storage.s3.direct_links = false;
    for app in [TestApp::with(folder).await, TestApp::on_s3(private).await] {
        let shop = Shop::of(app).await;
        let build = shop.draft("1.0", "any").await;
        let refused = shop.editor.post(&uploads(build), json!({"filename": "a", "size": 10})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "no_direct_uploads"));
    }
    let shop = Shop::of(TestApp::on_s3(|config| config.delivery.max_file_bytes = 1000).await).await;
    let build = shop.draft("1.0", "any").await;
    let large = shop.editor.post(&uploads(build), json!({"filename": "a", "size": 1001})).await;
    assert_eq!(large.status, 413);
    assert_eq!(shop.editor.post(&uploads(build), json!({"filename": "a", "size": 0})).await.status, 422);
    assert_eq!(shop.app.s3.as_ref().unwrap().open_uploads(), 0);
}

/// Everything that was enqueued of a kind was lost.
async fn lose(shop: &Shop) {
    let lost = queue::park(
        shop.app.app.db.writer(),
        &["delivery.verify_direct_upload"],
        shop.app.clock.now(),
        "lost",
    );
    assert_eq!(lost.await.unwrap(), 1);
    assert_eq!(shop.app.run_jobs().await, 0);
}

#[tokio::test]
async fn what_came_is_read_though_its_job_was_lost() {
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "there", "bytes").await.status, 201);
    shop.app.run_jobs().await;
    for (name, size, release) in [("a", 1000, false), ("b", 2000, true)] {
        let upload = begin(&shop, build, name, size).await;
        let sent = send(&shop, &upload, &sample(size)).await;
        assert_eq!(complete(&shop, build, &upload, sent.clone()).await.status, 200);
        lose(&shop).await;
        let again = if release {
            shop.act(build, "release").await
        } else {
            complete(&shop, build, &upload, sent).await
        };
        assert_eq!(again.status, if release { 409 } else { 200 });
        assert_eq!(shop.act(build, "release").await.code(), "not_verified");
        assert_eq!(shop.app.run_jobs().await, 1);
        assert_eq!(shop.editor.get(&path(build, &upload)).await.json()["status"], "verified");
    }
    assert_eq!(shop.act(build, "release").await.status, 200);
}

#[tokio::test]
async fn what_cant_be_read_for_hours_is_refused_and_keeps_nothing_back() {
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "there", "bytes").await.status, 201);
    let upload = begin(&shop, build, "a", 1000).await;
    let sent = send(&shop, &upload, &sample(1000)).await;
    assert_eq!(complete(&shop, build, &upload, sent).await.status, 200);
    let tried = queue::DEFAULT_MAX_ATTEMPTS - 1;
    let tried = Statement::from_string(
        shop.app.app.db.backend(),
        format!("UPDATE job SET attempts = {tried} WHERE kind = 'delivery.verify_direct_upload'"),
    );
    shop.app.app.db.writer().execute_raw(tried).await.unwrap();
    // A port on which nobody listens.
    let endpoint = "http://127.0.0.1:9".parse().unwrap();
    let copy = shop.app.another_copy_with(|config| config.storage.s3.endpoint = Some(endpoint)).await;
    copy.run_jobs().await;
    let told = shop.editor.get(&path(build, &upload)).await.json();
    assert_eq!((&told["status"], &told["refusal"]), (&json!("refused"), &json!("unreadable")));
    assert_eq!(shop.act(build, "release").await.status, 200);
}

/// On SQLite nobody can be made to wait between two reads, and there is nothing to try.
#[tokio::test]
async fn what_becomes_a_file_while_orphans_are_looked_for_is_none() {
    let shop = shop().await;
    let db = &shop.app.app.db;
    if db.backend() != DbBackend::Postgres {
        return;
    }
    let build = shop.draft("1.0", "any").await;
    let upload = begin(&shop, build, "a", 1000).await;
    let sent = send(&shop, &upload, &sample(1000)).await;
    assert_eq!(complete(&shop, build, &upload, sent).await.status, 200);
    shop.app.advance(Duration::days(3650));
    let (locked, begin) = tokio::sync::oneshot::channel();
    let locked = std::sync::Mutex::new(Some(locked));
    // As the job that reads what came, but that it waits until somebody asks what is awaited.
    let becoming = db.write(async |tx| {
        tx.execute_unprepared("LOCK TABLE direct_upload IN ACCESS EXCLUSIVE MODE").await?;
        if let Some(locked) = locked.lock().unwrap().take() {
            locked.send(()).unwrap();
        }
        let waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'direct_upload'::regclass";
        let waiting = Statement::from_string(DbBackend::Postgres, waiting);
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(5));
        while db.read.query_one_raw(waiting.clone()).await?.is_none() {
            beat.tick().await;
        }
        let row = direct_upload::Entity::find().one(tx).await?.unwrap();
        let object = object::Model {
            key: row.object_key.clone(),
            size: row.size,
            sha256: hex(&sample(1000)),
            created_at: shop.app.clock.now(),
        };
        object.into_active_model().insert(tx).await?;
        let mut row = row.into_active_model();
        row.status = Set(Status::Verified);
        row.update(tx).await?;
        Ok(())
    });
    let collecting = async {
        begin.await.unwrap();
        collect_garbage(&shop.app.app).await
    };
    let (became, collected) = tokio::join!(becoming, collecting);
    became.unwrap();
    assert_eq!(collected.unwrap().orphans, 0);
    assert_eq!(shop.files("objects"), 1);
}
