//! Taking bytes in, wherever they are kept.

use bytes::Bytes;

use crate::{Error, Key, Sha256, folder, s3};

/// An object that is whole and durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub key: Key,
    /// In bytes.
    pub size: u64,
    pub sha256: Sha256,
}

/// An object being written. Dropping it, or an error, leaves nothing behind.
pub struct Writer(Writing);

enum Writing {
    Folder(folder::write::Writer),
    S3(s3::write::Writer),
}

impl From<folder::write::Writer> for Writer {
    fn from(writer: folder::write::Writer) -> Self {
        Self(Writing::Folder(writer))
    }
}

impl From<s3::write::Writer> for Writer {
    fn from(writer: s3::write::Writer) -> Self {
        Self(Writing::S3(writer))
    }
}

impl Writer {
    /// Takes the next bytes, waiting while the store is behind. An error may be that of earlier bytes, and ends the writer.
    ///
    /// Cancelled while it waits, it may have taken some of them, and can only be dropped.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        match &mut self.0 {
            Writing::Folder(writer) => writer.write(bytes).await,
            Writing::S3(writer) => writer.write(bytes).await,
        }
    }

    /// The bytes taken so far.
    pub fn written(&self) -> u64 {
        match &self.0 {
            Writing::Folder(writer) => writer.written(),
            Writing::S3(writer) => writer.written(),
        }
    }

    /// Makes the object durable and says its name.
    pub async fn finish(self) -> Result<Stored, Error> {
        self.seal().await?.keep().await
    }

    /// Ends the bytes, so that their digest is known before they are kept.
    pub async fn seal(self) -> Result<Sealed, Error> {
        Ok(Sealed(match self.0 {
            Writing::Folder(writer) => Ended::Folder(writer.seal().await?),
            Writing::S3(writer) => Ended::S3(writer.seal().await?),
        }))
    }

    /// Removes what was written, and returns once it is gone.
    pub async fn abort(self) {
        match self.0 {
            Writing::Folder(writer) => writer.abort().await,
            Writing::S3(writer) => writer.abort().await,
        }
    }
}

/// All bytes of an object that is none yet. Dropping it leaves nothing behind.
pub struct Sealed(Ended);

enum Ended {
    Folder(folder::write::Sealed),
    S3(s3::write::Sealed),
}

impl Sealed {
    /// The digest of its bytes.
    pub fn sha256(&self) -> &Sha256 {
        match &self.0 {
            Ended::Folder(sealed) => sealed.sha256(),
            Ended::S3(sealed) => sealed.sha256(),
        }
    }

    /// Makes the object durable and says its name.
    pub async fn keep(self) -> Result<Stored, Error> {
        match self.0 {
            Ended::Folder(sealed) => sealed.keep().await,
            Ended::S3(sealed) => sealed.keep().await,
        }
    }

    /// Removes the bytes, and returns once they are gone.
    pub async fn discard(self) {
        match self.0 {
            Ended::Folder(sealed) => sealed.discard().await,
            Ended::S3(sealed) => sealed.discard().await,
        }
    }
}
