//! The store itself: every operation on objects.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::folder::Folder;
use crate::{Chunks, Draft, Error, Key, Sha256, Stored, Verdict, Writer, blocking, draft, verify};

/// A store of immutable objects; clones are the same store.
#[derive(Clone)]
pub struct Objects {
    folder: Arc<Folder>,
}

impl Objects {
    /// Opens the store in a folder, makes what is missing of it, and removes temporaries older than
    /// [`LEFTOVER_AGE`](crate::LEFTOVER_AGE). Blocks for a moment: call it at the start.
    pub fn open(root: PathBuf) -> Result<Self, Error> {
        let folder = Folder::open(&root)?;
        Ok(Self { folder: Arc::new(folder) })
    }

    /// Begins an object. `Full` and `Unavailable` are possible here and at each step of the writer.
    pub async fn writer(&self) -> Result<Writer, Error> {
        Writer::new(Arc::clone(&self.folder)).await
    }

    /// Opens an object that comes in parts, by a name of the caller's, for this one writer: `Busy` while there is
    /// another, in this process or elsewhere. Only the first part may `make` it; else `NotFound`.
    pub async fn draft(&self, name: u128, make: bool) -> Result<Draft, Error> {
        let folder = Arc::clone(&self.folder);
        blocking::run(move || Draft::open(folder, name, make)).await
    }

    /// Removes what came of a draft. Who still writes it writes into nothing. `NotFound` when it was not there.
    pub async fn delete_draft(&self, name: u128) -> Result<(), Error> {
        self.run(move |folder| folder.delete_draft(name)).await
    }

    /// The names of all drafts.
    pub async fn drafts(&self) -> Result<Vec<u128>, Error> {
        self.run(|folder| Ok(folder.drafts()?)).await
    }

    /// The object of that digest and size, or `NotFound`.
    pub async fn stored(&self, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
        let sha256 = *sha256;
        self.run(move |folder| draft::stored(folder, &sha256, size)).await
    }

    /// Streams a range of an object's bytes; an empty range is an empty stream.
    ///
    /// `NotFound` when there is no such object; `Unavailable`, before the first byte, when it ends before the range does.
    pub async fn read(&self, key: &Key, range: Range<u64>) -> Result<Chunks, Error> {
        let key = key.clone();
        self.run(move |folder| Chunks::open(folder, &key, range)).await
    }

    /// The size of an object in bytes, or `NotFound`.
    pub async fn size(&self, key: &Key) -> Result<u64, Error> {
        let key = key.clone();
        self.run(move |folder| folder.size(&key)).await
    }

    /// Reads an object whole and compares its size and digest.
    pub async fn verify(&self, key: &Key, size: u64, sha256: &Sha256) -> Result<Verdict, Error> {
        let (key, sha256) = (key.clone(), *sha256);
        self.run(move |folder| verify::digest(folder, &key, size, &sha256)).await
    }

    /// Compares an object's size alone: cheap, and blind to changed bytes.
    pub async fn verify_size(&self, key: &Key, size: u64) -> Result<Verdict, Error> {
        let key = key.clone();
        self.run(move |folder| verify::size(folder, &key, size)).await
    }

    /// Removes an object, durably. Streams that are reading it go on to their end. `NotFound` when it was not there.
    pub async fn delete(&self, key: &Key) -> Result<(), Error> {
        let key = key.clone();
        self.run(move |folder| folder.delete(&key)).await
    }

    /// Proves that the store can be written, by making and removing a small file.
    ///
    /// Missing subfolders are made again; a missing root is `Unavailable` until it is back.
    pub async fn probe(&self) -> Result<(), Error> {
        self.run(|folder| Ok(folder.probe()?)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let folder = Arc::clone(&self.folder);
        blocking::run(move || work(&folder)).await
    }
}
