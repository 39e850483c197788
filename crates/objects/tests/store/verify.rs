//! A broken object is told from a sound one.

use std::fs;

use objects::Verdict;

use crate::support::{Store, absent_key};

#[tokio::test]
async fn each_way_to_be_broken_has_its_verdict() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let absent = absent_key();
    let verify = async |key, size| store.objects.verify(key, size, &stored.sha256).await.unwrap();
    let verify_size = async |key, size| store.objects.verify_size(key, size).await.unwrap();

    assert_eq!(verify(&stored.key, 3).await, Verdict::Sound);
    assert_eq!(verify(&stored.key, 4).await, Verdict::WrongSize);
    assert_eq!(verify(&absent, 3).await, Verdict::Missing);
    assert_eq!(verify_size(&stored.key, 3).await, Verdict::Sound);
    assert_eq!(verify_size(&stored.key, 4).await, Verdict::WrongSize);
    assert_eq!(verify_size(&absent, 3).await, Verdict::Missing);

    fs::write(store.path(&stored.key), b"abd").unwrap();
    assert_eq!(verify(&stored.key, 3).await, Verdict::WrongDigest);
    assert_eq!(verify_size(&stored.key, 3).await, Verdict::Sound);
}

#[tokio::test]
async fn writing_a_broken_object_again_heals_it() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    fs::write(store.path(&stored.key), b"abd").unwrap();
    store.put(b"abc").await;
    assert_eq!(store.objects.verify(&stored.key, 3, &stored.sha256).await.unwrap(), Verdict::Sound);
}
