//! Files of any name below a prefix of a bucket: what is no object of a store, such as a backup of one.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{MultipartId, ObjectStore, ObjectStoreExt, PutPayload};

use super::write::{PART, part_bytes};
use super::{Bucket, Settings, told};
use crate::Error;

/// Files that are removed at once.
const REMOVED: usize = 8;

/// A prefix of a bucket; clones are the same.
#[derive(Clone)]
pub struct Files {
    bucket: Arc<Bucket>,
    name: String,
    prefix: String,
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.name, self.prefix)
    }
}

impl Files {
    /// Asks nothing of the bucket yet. The prefix may be empty.
    pub fn open(settings: &Settings, prefix: &str) -> Result<Self, Error> {
        let bucket = Arc::new(Bucket::open(settings)?);
        Ok(Self { bucket, name: settings.bucket.clone(), prefix: prefix.trim_matches('/').to_owned() })
    }

    /// What is below a name.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        let prefix = if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        Self { prefix, ..self.clone() }
    }

    /// Writes a file of that many bytes, which nobody sees before it is whole.
    pub async fn write(
        &self,
        name: &str,
        size: u64,
        bytes: impl Stream<Item = io::Result<Bytes>>,
    ) -> Result<(), Error> {
        let path = self.place(name);
        let mut bytes = std::pin::pin!(bytes);
        if size <= PART {
            let mut whole = BytesMut::new();
            while let Some(chunk) = bytes.try_next().await? {
                whole.extend_from_slice(&chunk);
            }
            let payload = PutPayload::from_bytes(whole.freeze());
            return self.bucket.store.put(&path, payload).await.map(drop).map_err(told);
        }
        let id = self.bucket.store.create_multipart(&path).await.map_err(told)?;
        let sent = async {
            let parts = self.send(&path, &id, part_bytes(size), bytes).await?;
            self.bucket.store.complete_multipart(&path, &id, parts).await.map(drop).map_err(told)
        };
        let outcome = sent.await;
        if outcome.is_err()
            && let Err(error) = self.bucket.store.abort_multipart(&path, &id).await
        {
            tracing::warn!(%error, %path, "a multipart upload was not aborted");
        }
        outcome
    }

    async fn send(
        &self,
        path: &Path,
        id: &MultipartId,
        part_bytes: usize,
        mut bytes: impl Stream<Item = io::Result<Bytes>> + Unpin,
    ) -> Result<Vec<PartId>, Error> {
        let (mut parts, mut batch) = (Vec::new(), BytesMut::new());
        loop {
            let chunk = bytes.try_next().await?;
            let last = chunk.is_none();
            batch.extend_from_slice(&chunk.unwrap_or_default());
            while batch.len() >= part_bytes || (last && !batch.is_empty()) {
                let part = batch.split_to(part_bytes.min(batch.len())).freeze();
                let payload = PutPayload::from_bytes(part);
                let sent = self.bucket.store.put_part(path, id, parts.len(), payload).await;
                parts.push(sent.map_err(told)?);
            }
            if last {
                return Ok(parts);
            }
        }
    }

    /// The bytes of a file; `NotFound` when there is none of that name.
    pub async fn read(&self, name: &str) -> Result<BoxStream<'static, io::Result<Bytes>>, Error> {
        let got = self.bucket.store.get(&self.place(name)).await.map_err(told)?;
        Ok(got.into_stream().map_err(io::Error::other).boxed())
    }

    /// The size of a file in bytes, or `NotFound`.
    pub async fn size(&self, name: &str) -> Result<u64, Error> {
        Ok(self.bucket.store.head(&self.place(name)).await.map_err(told)?.size)
    }

    /// Removes a file.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        self.bucket.store.delete(&self.place(name)).await.map_err(told)
    }

    /// Whether nothing is below this prefix.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        let mut listed = self.bucket.store.list(self.root().as_ref());
        Ok(listed.try_next().await.map_err(told)?.is_none())
    }

    /// The names that have files below them.
    pub async fn folders(&self) -> Result<Vec<String>, Error> {
        let listed = self.bucket.store.list_with_delimiter(self.root().as_ref()).await.map_err(told)?;
        let names = listed.common_prefixes.iter().filter_map(|path| path.filename().map(str::to_owned));
        Ok(names.collect())
    }

    /// Removes everything below this prefix.
    pub async fn delete_all(&self) -> Result<(), Error> {
        let listed = self.bucket.store.list(self.root().as_ref()).map_err(told);
        let store = &self.bucket.store;
        let removed = listed.try_for_each_concurrent(REMOVED, |file| async move {
            store.delete(&file.location).await.map_err(told)
        });
        removed.await
    }

    fn root(&self) -> Option<Path> {
        (!self.prefix.is_empty()).then(|| Path::from(self.prefix.as_str()))
    }

    fn place(&self, name: &str) -> Path {
        Path::from(self.below(name).prefix)
    }
}
