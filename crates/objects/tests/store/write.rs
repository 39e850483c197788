//! Objects come whole or not at all.

use std::path::Path;

use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::support::{Store, sample};

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test]
async fn an_object_is_named_by_its_digest() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    assert_eq!((stored.key.as_str(), stored.size, stored.sha256.to_hex().as_str()), (ABC, 3, ABC));
    assert_eq!(store.files("objects"), [store.root.join("objects/ba/78").join(ABC)]);
    assert_eq!(store.files("tmp"), Vec::<&Path>::new());
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let store = Store::new();
    let stored = store.put(b"").await;
    assert_eq!(store.objects.size(&stored.key).await.unwrap(), 0);
    assert!(store.get(&stored.key, 0..0).await.is_empty());
}

#[tokio::test]
async fn written_counts_what_was_taken() {
    let store = Store::new();
    let mut writer = store.objects.writer().await.unwrap();
    for length in [0, 1, 3_000_000] {
        writer.write(sample(length).into()).await.unwrap();
    }
    assert_eq!(writer.written(), 3_000_001);
    assert_eq!(writer.finish().await.unwrap().size, 3_000_001);
}

#[tokio::test]
async fn many_tiny_chunks_are_one_object() {
    let store = Store::new();
    let bytes = sample(5000);
    let mut writer = store.objects.writer().await.unwrap();
    for byte in &bytes {
        writer.write(Bytes::copy_from_slice(&[*byte])).await.unwrap();
    }
    let stored = writer.finish().await.unwrap();
    assert_eq!(store.get(&stored.key, 0..stored.size).await, bytes);
}

#[tokio::test]
async fn the_same_bytes_at_once_are_one_object() {
    let store = Store::new();
    let bytes = sample(3_000_000);
    let (one, other) = tokio::join!(store.put(&bytes), store.put(&bytes));
    assert_eq!(one, other);
    assert_eq!(store.files("objects"), [store.path(&one.key)]);
    assert_eq!(store.files("tmp"), Vec::<&Path>::new());
    assert_eq!(store.get(&one.key, 0..one.size).await, bytes);
}

#[tokio::test]
async fn an_aborted_object_leaves_nothing() {
    let store = Store::new();
    let mut writer = store.objects.writer().await.unwrap();
    writer.write(sample(3_000_000).into()).await.unwrap();
    assert_eq!(store.files("tmp").len(), 1);
    writer.abort().await;
    assert_eq!(store.files(""), Vec::<&Path>::new());
}

#[tokio::test]
async fn a_sealed_object_tells_its_digest_before_it_is_kept() {
    let store = Store::new();
    let seal = async || {
        let mut writer = store.objects.writer().await.unwrap();
        writer.write(Bytes::from_static(b"abc")).await.unwrap();
        writer.seal().await.unwrap()
    };
    let sealed = seal().await;
    assert_eq!(sealed.sha256().to_hex(), ABC);
    assert_eq!(store.files("objects"), Vec::<&Path>::new());
    sealed.discard().await;
    assert_eq!(store.files(""), Vec::<&Path>::new());
    let stored = seal().await.keep().await.unwrap();
    assert_eq!(store.get(&stored.key, 0..3).await, b"abc");
    assert_eq!(store.files("tmp"), Vec::<&Path>::new());
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    let store = Store::new();
    for length in [0, 1, 3_000_000] {
        // Dropping the runtime waits for the threads that remove the file.
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let mut writer = store.objects.writer().await.unwrap();
            writer.write(sample(length).into()).await.unwrap();
            assert_eq!(store.files("tmp").len(), 1);
        });
        drop(runtime);
        assert_eq!(store.files(""), Vec::<&Path>::new(), "{length}");
    }
}

#[test]
fn a_writer_dropped_outside_a_runtime_leaves_nothing() {
    let store = Store::new();
    let runtime = Runtime::new().unwrap();
    let writer = runtime.block_on(store.objects.writer()).unwrap();
    drop(runtime);
    drop(writer);
    assert_eq!(store.files(""), Vec::<&Path>::new());
}
