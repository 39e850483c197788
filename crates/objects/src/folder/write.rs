//! Taking bytes in: digested as they come, durable before they have a name.
//!
//! Chunks gather into a batch while the batch before is digested and written on a blocking thread, so that a writer holds
//! at most two batches and a slow sender holds no thread.

use std::io::{self, IoSlice, Write};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::Folder;
use crate::sha256::Digesting;
use crate::temporary::Temporary;
use crate::{Error, Key, Sha256, Stored, blocking};

/// A batch is handed to the disk at this many bytes: 1 MiB.
const BATCH_BYTES: usize = 1024 * 1024;
/// Or at this many chunks, as many as the kernel takes in one call, so that tiny chunks hold little memory.
const BATCH_CHUNKS: usize = 1024;

/// An object being written. Dropping it, or an error, leaves nothing behind.
pub(crate) struct Writer {
    folder: Arc<Folder>,
    /// Its name, if that is not its digest.
    key: Option<Key>,
    disk: Disk,
    batch: Vec<Bytes>,
    batch_bytes: usize,
    written: u64,
}

/// Where the file of a writer is.
enum Disk {
    Idle(Partial),
    Busy(JoinHandle<Result<Partial, Error>>),
    Failed,
}

/// What is on disk so far, with its digest.
struct Partial {
    temporary: Temporary,
    digest: Digesting,
}

impl Writer {
    pub(crate) async fn new(folder: Arc<Folder>, key: Option<Key>) -> Result<Self, Error> {
        let made = Arc::clone(&folder);
        let temporary = blocking::run(move || Ok(made.temporary()?)).await?;
        let disk = Disk::Idle(Partial { temporary, digest: Digesting::new() });
        Ok(Self { folder, key, disk, batch: Vec::new(), batch_bytes: 0, written: 0 })
    }

    /// Takes the next bytes, waiting while the disk is behind. An error may be that of earlier bytes, and ends the writer.
    ///
    /// Cancelled while it waits, it has taken nothing.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        if matches!(self.disk, Disk::Failed) {
            return Err(ended());
        }
        if self.batch_is_full() {
            self.settle().await?;
            self.launch();
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.written += bytes.len() as u64;
        self.batch_bytes += bytes.len();
        self.batch.push(bytes);
        if self.batch_is_full() {
            self.launch();
        }
        Ok(())
    }

    /// The bytes taken so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Ends the bytes, so that their digest is known before they are kept.
    pub(crate) async fn seal(mut self) -> Result<Sealed, Error> {
        self.settle().await?;
        let Disk::Idle(partial) = std::mem::replace(&mut self.disk, Disk::Failed) else {
            return Err(ended());
        };
        let (folder, key) = (Arc::clone(&self.folder), self.key.take());
        let (batch, size) = (std::mem::take(&mut self.batch), self.written);
        blocking::run(move || {
            let Partial { temporary, digest } = partial.append(&batch)?;
            Ok(Sealed { folder, key, temporary: Some(temporary), size, sha256: digest.finish() })
        })
        .await
    }

    /// Removes what was written, and returns once it is gone.
    pub(crate) async fn abort(mut self) {
        // A failed write has already removed its file.
        if self.settle().await.is_err() {
            return;
        }
        let disk = std::mem::replace(&mut self.disk, Disk::Failed);
        let removed = blocking::run(move || {
            drop(disk);
            Ok(())
        });
        if let Err(error) = removed.await {
            tracing::warn!(%error, "an aborted object was not removed");
        }
    }

    fn batch_is_full(&self) -> bool {
        self.batch_bytes >= BATCH_BYTES || self.batch.len() >= BATCH_CHUNKS
    }

    /// Waits until the disk has written the batch it was given.
    async fn settle(&mut self) -> Result<(), Error> {
        match &mut self.disk {
            Disk::Idle(_) => Ok(()),
            Disk::Failed => Err(ended()),
            Disk::Busy(task) => {
                let written = task.await.map_err(blocking::lost);
                self.disk = Disk::Failed;
                self.disk = Disk::Idle(written??);
                Ok(())
            }
        }
    }

    /// Gives the batch to the disk unless it is still busy with the one before.
    fn launch(&mut self) {
        match std::mem::replace(&mut self.disk, Disk::Failed) {
            Disk::Idle(partial) => {
                let batch = std::mem::take(&mut self.batch);
                self.batch_bytes = 0;
                self.disk = Disk::Busy(spawn_blocking(move || partial.append(&batch)));
            }
            other => self.disk = other,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.disk, Disk::Failed) {
            Disk::Failed => {}
            disk => blocking::discard(disk),
        }
    }
}

/// All bytes of an object that has no name yet. Dropping it leaves nothing behind.
pub(crate) struct Sealed {
    folder: Arc<Folder>,
    key: Option<Key>,
    temporary: Option<Temporary>,
    size: u64,
    sha256: Sha256,
}

impl Sealed {
    /// The digest of its bytes.
    pub(crate) fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    /// Makes the object durable under its name, or the one its bytes give it.
    pub(crate) async fn keep(mut self) -> Result<Stored, Error> {
        let temporary = self.temporary.take().ok_or_else(ended)?;
        let (folder, size, sha256) = (Arc::clone(&self.folder), self.size, self.sha256);
        let key = self.key.take().unwrap_or_else(|| Key::of(&sha256));
        blocking::run(move || {
            temporary.file.sync_all()?;
            folder.keep(temporary, &key)?;
            Ok(Stored { key, size, sha256 })
        })
        .await
    }

    /// Removes the bytes, and returns once they are gone.
    pub(crate) async fn discard(mut self) {
        let temporary = self.temporary.take();
        let removed = blocking::run(move || {
            drop(temporary);
            Ok(())
        });
        if let Err(error) = removed.await {
            tracing::warn!(%error, "a discarded object was not removed");
        }
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            blocking::discard(temporary);
        }
    }
}

impl Partial {
    fn append(mut self, batch: &[Bytes]) -> Result<Self, Error> {
        for chunk in batch {
            self.digest.update(chunk);
        }
        let mut slices: Vec<_> = batch.iter().map(|chunk| IoSlice::new(chunk)).collect();
        let mut rest = slices.as_mut_slice();
        while !rest.is_empty() {
            match self.temporary.file.write_vectored(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(count) => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self)
    }
}

fn ended() -> Error {
    Error::Unavailable(io::Error::other("this object already failed to be written"))
}
