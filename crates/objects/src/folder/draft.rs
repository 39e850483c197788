//! A draft in a folder: a file that is renamed in the end.

use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::Bytes;

use super::{Folder, renew};
use crate::{Error, Key, Sha256, Stored, blocking, verify};

/// An object that comes in parts, held by its one writer. Dropping it keeps what was written.
pub(crate) struct Draft {
    folder: Arc<Folder>,
    name: u128,
    /// Locked: the system lets go of it when the process ends, however that ends.
    file: Arc<File>,
}

impl Draft {
    pub(crate) fn open(folder: Arc<Folder>, name: u128, make: bool) -> Result<Self, Error> {
        let file = folder.open_draft(name, make)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { folder, name, file: Arc::new(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Goes to the end of the first `length` bytes and forgets what lies behind; `NotFound` when there are fewer.
    pub(crate) async fn rewind(&self, length: u64) -> Result<(), Error> {
        self.run(move |mut file, _, _| {
            if file.metadata()?.len() < length {
                return Err(Error::NotFound);
            }
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
            Ok(())
        })
        .await
    }

    /// Writes the next bytes. An error leaves some of them: rewind before you go on.
    pub(crate) async fn append(&self, batch: Vec<Bytes>) -> Result<(), Error> {
        self.run(move |mut file, _, _| {
            for bytes in &batch {
                file.write_all(bytes)?;
            }
            Ok(())
        })
        .await
    }

    /// Makes what was written durable.
    pub(crate) async fn sync(&self) -> Result<(), Error> {
        self.run(|file, folder, _| {
            file.sync_all()?;
            Ok(folder.sync_drafts()?)
        })
        .await
    }

    /// The digest of all that was written.
    pub(crate) async fn digest(&self) -> Result<Sha256, Error> {
        self.run(|mut file, _, _| {
            file.seek(SeekFrom::Start(0))?;
            Ok(verify::digest_of(&mut file)?)
        })
        .await
    }

    /// Makes it an object under the name that its digest gives it; `NotFound` when it is gone. That it has become one
    /// already is no error.
    pub(crate) async fn keep(self, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
        let sha256 = *sha256;
        self.run(move |file, folder, name| {
            if file.metadata()?.len() != size {
                // Made anew by whoever came when the bytes had their name already: nothing of them is in it.
                return stored(folder, &sha256, size);
            }
            file.sync_all()?;
            // It may have waited for days; as an object it is new.
            renew(file)?;
            match folder.keep_draft(name, &Key::of(&sha256)) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                kept => kept?,
            }
            stored(folder, &sha256, size)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&File, &Folder, u128) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (file, folder, name) = (Arc::clone(&self.file), Arc::clone(&self.folder), self.name);
        blocking::run(move || work(&file, &folder, name)).await
    }
}

/// The object of that digest and size, or `NotFound`. It is as new as if it were written now, lest it is taken for one
/// that nobody wants.
pub(crate) fn stored(folder: &Folder, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
    let key = Key::of(sha256);
    renew(&folder.open_object(&key)?)?;
    if folder.size(&key)? == size { Ok(Stored { key, size, sha256: *sha256 }) } else { Err(Error::NotFound) }
}
