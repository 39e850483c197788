//! Any range comes back as it was written, and a broken object is an error.

use std::fs::OpenOptions;
use std::io;
use std::ops::Range;

use futures::{StreamExt, TryStreamExt};
use objects::Error;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime::Runtime;

use crate::support::{Store, absent_key, sample};

const WINDOW: usize = 2 * 1024 * 1024;
/// Over three windows, and not a whole number of them.
const LENGTH: usize = 3 * WINDOW + WINDOW / 2 + 3;

#[test]
fn every_range_is_what_was_written() {
    ranges_are_what_was_written((0..=LENGTH, 0..=LENGTH).prop_map(|(a, b)| a.min(b)..a.max(b)));
}

#[test]
fn ranges_at_the_edges_of_windows_are_what_was_written() {
    let edges = (0..=3_usize, 0..3_usize, 0..3_usize);
    ranges_are_what_was_written(edges.prop_map(|(window, before, after)| {
        let edge = window * WINDOW;
        edge.saturating_sub(before)..edge + after
    }));
}

fn ranges_are_what_was_written(ranges: impl Strategy<Value = Range<usize>>) {
    let (runtime, store, bytes) = (Runtime::new().unwrap(), Store::new(), sample(LENGTH));
    let key = runtime.block_on(store.put(&bytes)).key;
    let verdict = TestRunner::default().run(&ranges, |range| {
        let read = runtime.block_on(store.get(&key, range.start as u64..range.end as u64));
        prop_assert!(read == bytes[range]);
        Ok(())
    });
    verdict.unwrap();
}

#[tokio::test]
async fn an_absent_object_is_not_found() {
    let store = Store::new();
    assert!(matches!(store.objects.read(&absent_key(), 0..1).await, Err(Error::NotFound)));
    assert!(matches!(store.objects.size(&absent_key()).await, Err(Error::NotFound)));
    assert!(matches!(store.objects.delete(&absent_key()).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_range_beyond_the_end_is_refused_before_the_first_byte() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    let Err(Error::Unavailable(error)) = store.objects.read(&stored.key, 0..4).await else {
        panic!("it was read")
    };
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn no_part_is_read_of_an_object_that_is_not_of_its_size() {
    let store = Store::new();
    let stored = store.put(b"abc").await;
    for size in [2, 4] {
        for range in [0..1, 0..0, 0..2] {
            let read = store.objects.read_to(&stored.key, size, range, None).await;
            assert!(matches!(read, Err(Error::Unavailable(_))), "{size}");
        }
        assert!(matches!(store.objects.require(&stored.key, size).await, Err(Error::Unavailable(_))));
    }
    assert!(store.objects.read_to(&stored.key, 3, 0..1, None).await.is_ok());
    store.objects.require(&stored.key, 3).await.unwrap();
    assert!(matches!(store.objects.require(&absent_key(), 3).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_object_cut_short_while_it_is_read_is_an_error() {
    let store = Store::new();
    let stored = store.put(&sample(LENGTH)).await;
    let mut chunks = store.objects.read(&stored.key, 0..stored.size).await.unwrap();
    chunks.next().await.unwrap().unwrap();
    OpenOptions::new().write(true).open(store.path(&stored.key)).unwrap().set_len(WINDOW as u64).unwrap();
    // At most one window was mapped ahead before the cut.
    let mut read: Vec<_> = chunks.collect().await;
    assert_eq!(read.pop().unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert!(read.len() <= 1);
}

#[tokio::test]
async fn a_stream_outlives_the_object_it_reads() {
    let store = Store::new();
    let bytes = sample(LENGTH);
    let stored = store.put(&bytes).await;
    let chunks = store.objects.read(&stored.key, 0..stored.size).await.unwrap();
    store.objects.delete(&stored.key).await.unwrap();
    assert!(matches!(store.objects.size(&stored.key).await, Err(Error::NotFound)));
    assert!(chunks.try_collect::<Vec<_>>().await.unwrap().concat() == bytes);
}

#[tokio::test]
async fn a_stream_can_cross_threads() {
    fn crosses(_: &(impl Send + Unpin + 'static)) {}
    let store = Store::new();
    let stored = store.put(b"abc").await;
    crosses(&store.objects.read(&stored.key, 0..3).await.unwrap());
}

#[tokio::test]
async fn a_connection_is_told_of_which_file_its_windows_are() {
    use std::os::unix::fs::FileExt;

    let (store, bytes, outlet) = (Store::new(), sample(LENGTH), objects::Outlet::default());
    let key = store.put(&bytes).await.key;
    let read = |outlet| store.objects.read_to(&key, LENGTH as u64, 5..LENGTH as u64, Some(outlet));
    let windows: Vec<bytes::Bytes> = read(outlet.clone()).await.unwrap().try_collect().await.unwrap();
    assert!(windows.concat() == bytes[5..], "whoever reads them finds the bytes");
    for window in &windows {
        // A connection sends what it can, and comes for the rest.
        let rest = &window[window.len() / 3..];
        let (file, offset) = outlet.source(rest).unwrap();
        let mut found = vec![0; rest.len()];
        file.read_exact_at(&mut found, offset).unwrap();
        assert!(found == rest);
    }
    assert!(outlet.source(&bytes).is_none(), "not of any window");
    let other = objects::Outlet::default();
    let kept = read(other.clone()).await.unwrap().try_next().await.unwrap().unwrap();
    assert!(outlet.source(&kept).is_none() && other.source(&kept).is_some(), "each knows its own");
}
