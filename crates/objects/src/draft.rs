//! Taking bytes in by parts, wherever they are kept: what came stays until the rest comes, through restarts too.
//!
//! How many bytes count is the caller's to remember, and what [`Draft::sync`] says of them: it is told of none before they
//! are durable. The digest is taken in one pass at the end, so that parts of any size cost alike.

use bytes::Bytes;

use crate::{Error, Sha256, Stored, folder, s3};

/// How a draft is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening<'a> {
    /// Whether it may be made when it is missing: only its first part may.
    pub make: bool,
    /// Bytes of the whole object.
    pub size: u64,
    /// What the last [`Draft::sync`] that counts said.
    pub state: Option<&'a str>,
}

/// An object that comes in parts, held by its one writer. Dropping it keeps what was written.
pub struct Draft(Held);

enum Held {
    Folder(folder::draft::Draft),
    S3(Box<s3::draft::Draft>),
}

impl From<folder::draft::Draft> for Draft {
    fn from(draft: folder::draft::Draft) -> Self {
        Self(Held::Folder(draft))
    }
}

impl From<s3::draft::Draft> for Draft {
    fn from(draft: s3::draft::Draft) -> Self {
        Self(Held::S3(Box::new(draft)))
    }
}

impl Draft {
    /// Goes to the end of the first `length` bytes and forgets what lies behind; `NotFound` when there are fewer.
    pub async fn rewind(&mut self, length: u64) -> Result<(), Error> {
        match &mut self.0 {
            Held::Folder(draft) => draft.rewind(length).await,
            Held::S3(draft) => draft.rewind(length).await,
        }
    }

    /// Writes the next bytes. An error leaves some of them: rewind before you go on.
    pub async fn append(&mut self, batch: Vec<Bytes>) -> Result<(), Error> {
        match &mut self.0 {
            Held::Folder(draft) => draft.append(batch).await,
            Held::S3(draft) => draft.append(batch).await,
        }
    }

    /// Makes what was written durable, and says what must be known to open it again.
    pub async fn sync(&mut self) -> Result<Option<String>, Error> {
        match &mut self.0 {
            Held::Folder(draft) => draft.sync().await.map(|()| None),
            Held::S3(draft) => draft.sync().await.map(Some),
        }
    }

    /// The digest of all that was written.
    pub async fn digest(&mut self) -> Result<Sha256, Error> {
        match &mut self.0 {
            Held::Folder(draft) => draft.digest().await,
            Held::S3(draft) => draft.digest().await,
        }
    }

    /// Makes it an object; `NotFound` when it is gone. That it has become one already is no error. What is left of the
    /// draft is the caller's to delete once the object's name is noted.
    pub async fn keep(self, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
        match self.0 {
            Held::Folder(draft) => draft.keep(sha256, size).await,
            Held::S3(draft) => draft.keep(sha256, size).await,
        }
    }
}
