//! What comes in parts stays until the rest comes.

use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use objects::{Error, Objects, Opening, Verdict};

use crate::support::{Store, sample};

const NAME: u128 = 7;
const FOUND: Opening<'_> = Opening { make: false, size: 0, state: None };
const MADE: Opening<'_> = Opening { make: true, ..FOUND };

#[tokio::test]
async fn parts_written_by_several_openings_are_one_object() {
    let store = Store::new();
    let bytes = sample(3_000_000);
    let mut first = store.objects.draft(NAME, MADE).await.unwrap();
    first.append(vec![Bytes::copy_from_slice(&bytes[..2_000_000])]).await.unwrap();
    first.sync().await.unwrap();
    drop(first);
    // As after a restart; what was written behind the first million does not count.
    let reopened = Objects::open(store.root.clone()).unwrap();
    assert_eq!(reopened.drafts().await.unwrap(), [NAME]);
    let mut second = reopened.draft(NAME, FOUND).await.unwrap();
    second.rewind(1_000_000).await.unwrap();
    second.append(vec![Bytes::copy_from_slice(&bytes[1_000_000..])]).await.unwrap();
    let sha256 = second.digest().await.unwrap();
    let stored = second.keep(&sha256, 3_000_000).await.unwrap();
    assert_eq!(reopened.verify(&stored.key, 3_000_000, &sha256).await.unwrap(), Verdict::Sound);
    assert_eq!(store.get(&stored.key, 0..3_000_000).await, bytes);
    assert_eq!(store.files("drafts"), Vec::<&Path>::new());
}

#[tokio::test]
async fn one_at_a_time_writes() {
    let store = Store::new();
    let writer = store.objects.draft(NAME, MADE).await.unwrap();
    let other = Objects::open(store.root.clone()).unwrap();
    for objects in [&store.objects, &other] {
        assert!(matches!(objects.draft(NAME, MADE).await, Err(Error::Busy)));
    }
    drop(writer);
    assert!(other.draft(NAME, FOUND).await.is_ok());
}

#[tokio::test]
async fn what_is_not_there_or_too_short_is_not_found() {
    let store = Store::new();
    assert!(matches!(store.objects.draft(NAME, FOUND).await, Err(Error::NotFound)));
    assert!(matches!(store.objects.delete_draft(NAME).await, Err(Error::NotFound)));
    let mut draft = store.objects.draft(NAME, MADE).await.unwrap();
    assert!(matches!(draft.rewind(1).await, Err(Error::NotFound)));
    store.objects.delete_draft(NAME).await.unwrap();
    let sha256 = draft.digest().await.unwrap();
    assert!(matches!(draft.keep(&sha256, 0).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn one_that_was_kept_already_is_kept_again() {
    let store = Store::new();
    let mut draft = store.objects.draft(NAME, MADE).await.unwrap();
    draft.append(vec![Bytes::from_static(b"abc")]).await.unwrap();
    let sha256 = draft.digest().await.unwrap();
    let stored = draft.keep(&sha256, 3).await.unwrap();
    // Who opened it before it was renamed, or comes after that.
    assert_eq!(store.objects.stored(&sha256, 3).await.unwrap(), stored);
    let late = store.objects.draft(NAME, MADE).await.unwrap();
    store.objects.delete_draft(NAME).await.unwrap();
    assert_eq!(late.keep(&sha256, 3).await.unwrap(), stored);
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
}

#[tokio::test]
async fn one_that_was_made_anew_spoils_no_object_of_its_bytes() {
    let store = Store::new();
    let mut draft = store.objects.draft(NAME, MADE).await.unwrap();
    draft.append(vec![Bytes::from_static(b"abc")]).await.unwrap();
    let sha256 = draft.digest().await.unwrap();
    let stored = draft.keep(&sha256, 3).await.unwrap();
    let empty = store.objects.draft(NAME, MADE).await.unwrap();
    assert_eq!(empty.keep(&sha256, 3).await.unwrap(), stored);
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
}

#[tokio::test]
async fn who_asks_for_what_it_has_become_makes_it_new() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let file = std::fs::File::open(store.path(&stored.key)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    store.objects.stored(&stored.sha256, 3).await.unwrap();
    assert!(!store.objects.delete_older(&stored.key, long_ago).await.unwrap());
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
}
