//! What an operator does with the bytes: looks for them, removes what nobody has, moves them.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use mist::{
    background,
    config::StorageKind,
    delivery::{Collected, collect_garbage, migrate_objects, verify_objects},
};
use objects::Verdict;

use super::shop::{Shop, hex, sample};
use crate::support::{TestApp, s3::Server};

/// A store in a folder, and one in S3.
async fn stores() -> [Shop; 2] {
    [Shop::new().await, Shop::of(TestApp::on_s3(|_| {}).await).await]
}

/// The files of a folder, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Lets more than a day pass since a file was written, whatever the test's clock says.
fn pass_a_day_since(shop: &Shop, file: &Path) {
    let written: DateTime<Utc> =
        std::fs::metadata(file).unwrap().modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
    shop.app.advance(written - shop.app.clock.now() + Duration::hours(25));
}

async fn orphan(shop: &Shop, bytes: &'static [u8]) {
    let mut writer = shop.app.app.objects.writer().await.unwrap();
    writer.write(Bytes::from_static(bytes)).await.unwrap();
    writer.finish().await.unwrap();
}

#[tokio::test]
async fn what_nobody_has_is_removed_once_it_is_old() {
    for shop in stores().await {
        let build = shop.draft("1.0", "any").await;
        for (name, bytes) in [("kept", "kept bytes"), ("taken off", "unwanted bytes")] {
            assert_eq!(shop.upload(build, name, bytes).await.status, 201);
        }
        let taken_off = super::shop::file_path(build, "taken off");
        assert_eq!(shop.editor.delete(&taken_off).await.status, 204);
        orphan(&shop, b"orphaned").await;
        assert_eq!(shop.files("objects"), 3);
        // Who uploads now gets a row later.
        assert_eq!(collect_garbage(&shop.app.app).await.unwrap().orphans, 0);
        assert_eq!(shop.files("objects"), 3);
        let newest = files(&shop.app.path("objects")).into_iter().next().unwrap();
        pass_a_day_since(&shop, &newest);
        let collected = collect_garbage(&shop.app.app).await.unwrap();
        let expected = Collected { rows: 1, orphans: 2, bytes: 22, ..Collected::default() };
        assert_eq!(collected, expected);
        assert_eq!(shop.files("objects"), 1);
        assert_eq!(verify_objects(&shop.app.app, true).await.unwrap().broken.len(), 0);
    }
}

#[tokio::test]
async fn the_server_removes_what_nobody_has_once_a_day_on_one_copy() {
    let shop = Shop::new().await;
    orphan(&shop, b"orphaned").await;
    pass_a_day_since(&shop, &files(&shop.app.path("objects"))[0]);
    let copy = shop.app.another_copy().await;
    assert!(background::tick(&shop.app.app, "objects").await.unwrap());
    assert_eq!(shop.files("objects"), 0);
    assert!(!background::tick(&copy.app, "objects").await.unwrap(), "the other copy had this turn");
    shop.app.advance(Duration::hours(24));
    assert!(background::tick(&copy.app, "objects").await.unwrap());
    let never = shop.app.another_copy_with(|config| config.delivery.gc_hours = 0).await;
    assert!(background::tick(&never.app, "objects").await.is_err());
}

#[tokio::test]
async fn what_is_missing_or_changed_is_found() {
    for shop in stores().await {
        shop.released("1.0", "any", &[("a", b"first"), ("b", b"second"), ("c", b"third")]).await;
        let sound = verify_objects(&shop.app.app, true).await.unwrap();
        assert_eq!((sound.looked_at, sound.broken.len()), (3, 0));
        let of = |bytes: &[u8]| {
            let found = files(&shop.app.path("objects"));
            found.into_iter().find(|file| std::fs::read(file).unwrap() == bytes).unwrap()
        };
        std::fs::remove_file(of(b"first")).unwrap();
        std::fs::write(of(b"third"), b"THIRD").unwrap();
        let mut verdicts: Vec<(String, Verdict)> = Vec::new();
        for digests in [false, true] {
            let broken = verify_objects(&shop.app.app, digests).await.unwrap().broken;
            verdicts.extend(broken.into_iter().map(|it| (it.object.sha256.to_hex(), it.verdict)));
        }
        verdicts.sort_by_key(|(sha256, _)| *sha256 == hex(b"third"));
        let (first, third) = (hex(b"first"), hex(b"third"));
        assert_eq!(
            verdicts,
            [(first.clone(), Verdict::Missing), (first, Verdict::Missing), (third, Verdict::WrongDigest)]
        );
        let (succeeded, said) = shop.app.run(&["check"]).await;
        assert!(!succeeded && said.contains("a file has its object"), "{said}");
    }
}

#[tokio::test]
async fn a_store_moves_to_s3_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(Server::start(folder.path()));
    let app = TestApp::with(|config| {
        server.describe(config);
        config.storage.kind = StorageKind::Local;
        config.storage.s3.direct_links = false;
    })
    .await;
    let shop = Shop::of(app).await;
    let (large, small) = (sample(9_000_000), sample(1000));
    shop.released("1.0", "any", &[("a", &large), ("b", &small)]).await;

    let (succeeded, said) = shop.app.run(&["objects", "migrate", "--to", "s3"]).await;
    assert!(succeeded && said.contains("2 objects of 9001000 bytes were copied"), "{said}");
    let again = migrate_objects(&shop.app.app, StorageKind::S3).await.unwrap();
    assert_eq!((again.copied, again.there), (0, 2));
    shop.released("2.0", "any", &[("c", b"meanwhile")]).await;
    assert_eq!(migrate_objects(&shop.app.app, StorageKind::S3).await.unwrap().copied, 1);

    let moved = shop.app.another_copy_with(|config| config.storage.kind = StorageKind::S3).await;
    assert_eq!(verify_objects(&moved.app, true).await.unwrap().broken.len(), 0);
    // What came to S3 has a random name, under which it comes back.
    let mut writer = moved.app.objects.writer().await.unwrap();
    writer.write(Bytes::from_static(b"only in S3")).await.unwrap();
    let stored = writer.finish().await.unwrap();
    let build = shop.draft("3.0", "any").await;
    let name = mist::values::FileName::parse("d").unwrap();
    mist::delivery::put_file(&moved.app, build, &name, &stored).await.unwrap();
    let back = migrate_objects(&moved.app, StorageKind::Local).await.unwrap();
    assert_eq!((back.copied, back.there, back.broken.len()), (1, 3, 0));
    assert_eq!(verify_objects(&shop.app.app, true).await.unwrap().broken.len(), 0);
    // And under which it is made again of equal bytes, should it be lost.
    let lost = shop.app.app.objects.file(&stored.key).unwrap();
    std::fs::remove_file(&lost).unwrap();
    assert_eq!(shop.upload(build, "e", "only in S3").await.status, 201);
    assert_eq!(std::fs::read(&lost).unwrap(), b"only in S3");
    assert_eq!(verify_objects(&shop.app.app, true).await.unwrap().broken.len(), 0);
}
