//! Leftovers go when the store opens; a folder that vanishes comes back without a restart.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use objects::{Error, LEFTOVER_AGE, Objects};

use crate::support::{Store, put};

#[test]
fn only_old_leftovers_are_removed() {
    let store = Store::new();
    let (old, new) = (store.root.join("tmp/old"), store.root.join("tmp/new"));
    let minute = Duration::from_secs(60);
    for (path, age) in [(&old, LEFTOVER_AGE + minute), (&new, LEFTOVER_AGE - minute)] {
        #[expect(clippy::disallowed_methods, reason = "file times are the machine's")]
        File::create(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }
    Objects::open(store.root.clone()).unwrap();
    assert_eq!(store.files("tmp"), [new]);
}

#[tokio::test]
async fn what_was_stored_is_there_when_the_store_opens_again() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let again = Objects::open(store.root.clone()).unwrap();
    assert_eq!(again.size(&stored.key).await.unwrap(), 3);
}

#[tokio::test]
async fn an_object_that_a_process_took_away_and_died_is_given_back() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let (path, taken) = (store.path(&stored.key), store.root.join(format!("tmp/{}.removed", stored.key)));
    fs::rename(&path, &taken).unwrap();
    #[expect(clippy::disallowed_methods, reason = "file times are the machine's")]
    let now = SystemTime::now();
    File::open(&taken).unwrap().set_modified(now - LEFTOVER_AGE * 2).unwrap();
    let again = Objects::open(store.root.clone()).unwrap();
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
    assert_eq!(store.files("tmp"), Vec::<&Path>::new());
    // Whoever has it just now may have no row yet.
    assert!(!again.delete_older(&stored.key, now).await.unwrap());
    assert!(again.delete_older(&stored.key, now + LEFTOVER_AGE).await.unwrap());
}

#[tokio::test]
async fn a_probe_leaves_nothing() {
    let store = Store::new();
    store.objects.probe().await.unwrap();
    assert_eq!(store.files(""), Vec::<&Path>::new());
}

#[tokio::test]
async fn a_vanished_root_is_unavailable_until_it_is_back() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let mut begun = store.objects.writer().await.unwrap();
    begun.write("def".into()).await.unwrap();
    let away = store.root.with_file_name("away");
    fs::rename(&store.root, &away).unwrap();

    let objects = &store.objects;
    assert!(matches!(objects.probe().await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.writer().await, Err(Error::Unavailable(_))));
    assert!(matches!(begun.finish().await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.read(&stored.key, 0..3).await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.size(&stored.key).await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.verify(&stored.key, 3, &stored.sha256).await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.verify_size(&stored.key, 3).await, Err(Error::Unavailable(_))));
    assert!(matches!(objects.delete(&stored.key).await, Err(Error::Unavailable(_))));
    assert!(!store.root.exists());

    fs::rename(&away, &store.root).unwrap();
    objects.probe().await.unwrap();
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
    put(objects, b"def").await.unwrap();
}

#[tokio::test]
async fn vanished_subfolders_are_made_again() {
    let store = Store::new();
    let empty = |folder: &str| fs::remove_dir(store.root.join(folder)).unwrap();
    empty("objects");
    empty("tmp");
    store.objects.probe().await.unwrap();
    assert!(store.root.join("objects").is_dir());
    empty("objects");
    empty("tmp");
    store.put(b"abc").await;
}
