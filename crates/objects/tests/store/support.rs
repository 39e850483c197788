//! A store in a folder of its own, and what a test asks of it.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::TryStreamExt;
use objects::{Error, Key, Objects, Stored};
use tempfile::TempDir;

pub(crate) struct Store {
    pub(crate) objects: Objects,
    /// Above the root, so that a test may take the root away.
    _above: TempDir,
    pub(crate) root: PathBuf,
}

impl Store {
    pub(crate) fn new() -> Self {
        let above = TempDir::new().unwrap();
        let root = above.path().join("root");
        Self { objects: Objects::open(root.clone()).unwrap(), _above: above, root }
    }

    pub(crate) async fn put(&self, bytes: &[u8]) -> Stored {
        put(&self.objects, bytes).await.unwrap()
    }

    pub(crate) async fn get(&self, key: &Key, range: Range<u64>) -> Vec<u8> {
        let chunks: Vec<Bytes> = self.objects.read(key, range).await.unwrap().try_collect().await.unwrap();
        chunks.concat()
    }

    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        let key = key.as_str();
        self.root.join("objects").join(&key[..2]).join(&key[2..4]).join(key)
    }

    /// The files, not folders, under a subfolder of the root.
    pub(crate) fn files(&self, under: &str) -> Vec<PathBuf> {
        files(&self.root.join(under))
    }
}

pub(crate) async fn put(objects: &Objects, bytes: &[u8]) -> Result<Stored, Error> {
    let mut writer = objects.writer().await?;
    for chunk in bytes.chunks(10_007) {
        writer.write(Bytes::copy_from_slice(chunk)).await?;
    }
    writer.finish().await
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Bytes that differ from window to window.
pub(crate) fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

pub(crate) fn absent_key() -> Key {
    Key::parse("0".repeat(64)).unwrap()
}
