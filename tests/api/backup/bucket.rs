//! Backups in a bucket, on a server of S3 that others made.
use std::{
    num::{NonZeroU8, NonZeroU16},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::Duration;
use mist::background;

use super::{elsewhere, folder, used_with};
use crate::{
    checkout::shop::{Shop, buy},
    support::{another_database, files_below, other_database, program_of, s3::Server, said},
};

/// The number behind a word of what the program said.
fn number(said: &str, word: &str) -> u64 {
    let rest = said.split_once(word).unwrap_or_else(|| panic!("no {word} in {said}")).1;
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

/// The backups that are whole below a folder, by name.
fn whole(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = files_below(root)
        .into_iter()
        .filter(|file| file.file_name().is_some_and(|name| name == "backup.json"))
        .map(|file| file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_store_that_is_backed_up_while_people_buy_is_restored_elsewhere_as_it_was() {
    let bucket = tempfile::tempdir().unwrap();
    let server = Server::start(bucket.path());
    let (shop, _) = used_with(|config| server.describe(config)).await;
    let done = AtomicBool::new(false);
    let backing = async {
        let outcome = shop.app.run(&["backup", "s3://mist/kept/one"]).await;
        done.store(true, Ordering::Relaxed);
        outcome
    };
    let buying = async {
        let mut bought = 0;
        while !done.load(Ordering::Relaxed) {
            let product = shop.sell(&format!("Game {bought}"), 100).await;
            buy(&shop.ada, &[product]).await;
            bought += 1;
        }
        bought
    };
    let ((made, backed_up), bought) = tokio::join!(backing, buying);
    assert!(made && bought > 0, "{backed_up}");
    assert!(backed_up.contains("With 1 objects of 19 bytes"), "{backed_up}");
    assert!(backed_up.contains("Recovery point: 20") && backed_up.contains("It took "), "{backed_up}");
    let kept = server.bucket().join("kept/one");
    assert!(kept.join("tables/orders.ndjson").is_file() && kept.join("master.key").is_file());
    let on_its_way = std::fs::read_dir(&shop.app.app.config.data_dir).unwrap();
    let left = on_its_way.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.starts_with("backup")).count(), 0, "nothing stays behind");

    let targets = [another_database(&shop.app).await, other_database(&shop.app).await];
    for (database, target) in targets.into_iter().zip(["restored-1", "restored-2"]) {
        let mut config = elsewhere(&shop.app, &folder(&shop, target), database);
        config.database.pgbouncer = false;
        let run =
            async |arguments: &[&str]| said(program_of(&config).args(arguments).output().await.unwrap());
        let (done, restored) = run(&["restore", "s3://mist/kept/one"]).await;
        assert!(done && restored.contains("All invariants hold."), "{restored}");
        assert!(
            restored.contains("Recovery point: 20") && restored.contains("Recovery time: "),
            "{restored}"
        );
        assert_eq!(number(&restored, "Restored "), number(&backed_up, "Backed up "));
        let (done, checked) = run(&["check"]).await;
        assert!(done && checked.contains("All invariants hold"), "{checked}");
        let (done, verified) = run(&["objects", "verify", "--digests"]).await;
        assert!(done && verified.contains("1 objects were looked at"), "{verified}");
        assert!(!config.data_dir.join("restoring").exists());
    }
}

#[tokio::test]
async fn a_server_backs_up_into_a_bucket_and_keeps_the_last_ones() {
    let bucket = tempfile::tempdir().unwrap();
    let server = Server::start(bucket.path());
    let shop = Shop::with(|config| {
        server.describe(config);
        config.backup.folder = Some("s3://mist/daily".parse().unwrap());
        config.backup.every_hours = NonZeroU16::new(24).unwrap();
        config.backup.keep = NonZeroU8::new(2).unwrap();
    })
    .await;
    let root = server.bucket().join("daily");
    background::tick(&shop.app.app, "backup").await.unwrap();
    assert_eq!(whole(&root), ["mist-20261122T120000Z"]);
    shop.app.advance(Duration::hours(23));
    background::tick(&shop.app.app, "backup").await.unwrap();
    assert_eq!(whole(&root).len(), 1, "a day has not passed");
    // One that a killed process left is no backup.
    let broken = root.join("mist-20261123T110000Z/tables");
    std::fs::create_dir_all(&broken).unwrap();
    std::fs::write(broken.join("orders.ndjson"), "{}").unwrap();
    for day in 1..=3 {
        shop.app.advance(Duration::hours(24));
        background::tick(&shop.app.app, "backup").await.unwrap();
        assert!(whole(&root).len() <= 2, "{day}: {:?}", whole(&root));
    }
    assert_eq!(whole(&root), ["mist-20261125T110000Z", "mist-20261126T110000Z"]);
    let names: Vec<_> = files_below(&root).into_iter().collect();
    assert!(
        names.iter().all(|file| !file.to_str().unwrap().contains("mist-20261122")),
        "what is no longer kept is gone: {names:?}"
    );
    assert!(!broken.join("orders.ndjson").exists(), "what is half there is gone");
}

#[tokio::test]
async fn what_is_not_as_it_was_written_is_neither_kept_nor_restored() {
    let bucket = tempfile::tempdir().unwrap();
    let server = Server::start(bucket.path());
    let (shop, _) = used_with(|config| server.describe(config)).await;
    let config = elsewhere(&shop.app, &folder(&shop, "restored"), another_database(&shop.app).await);
    let restore =
        async |place: &str| said(program_of(&config).args(["restore", place]).output().await.unwrap());
    let (done, told) = restore("s3://mist/nothing").await;
    assert!(!done && told.contains("s3://mist/nothing: this is no whole backup"), "{told}");
    let (done, told) = shop.app.run(&["backup", "s3://mist/kept"]).await;
    assert!(done, "{told}");
    let (done, told) = shop.app.run(&["backup", "s3://mist/kept"]).await;
    assert!(!done && told.contains("s3://mist/kept: it is not empty"), "{told}");
    let orders = server.bucket().join("kept/tables/orders.ndjson");
    let text = std::fs::read_to_string(&orders).unwrap();
    std::fs::write(&orders, text.replace("1999", "1")).unwrap();
    let (done, told) = restore("s3://mist/kept").await;
    assert!(!done && told.contains("orders.ndjson: it is not what was written"), "{told}");
    std::fs::write(&orders, text).unwrap();
    let object = files_below(&server.bucket().join("kept/objects")).into_iter().next().unwrap();
    std::fs::write(&object, b"the bytes of a GAME").unwrap();
    let (done, told) = restore("s3://mist/kept").await;
    assert!(!done && told.contains("its bytes are not those that were stored"), "{told}");

    if shop.app.s3.is_none() {
        let object = files_below(&folder(&shop, "objects")).into_iter().next().unwrap();
        std::fs::remove_file(&object).unwrap();
        std::fs::write(&object, b"the bytes of a GAME").unwrap();
        let (done, told) = shop.app.run(&["backup", "s3://mist/again"]).await;
        assert!(!done && told.contains("its bytes are not those that were stored"), "{told}");
        assert_eq!(files_below(&server.bucket().join("again")), Vec::<std::path::PathBuf>::new());
    }
}
