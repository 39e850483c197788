//! Writing an object: small ones by one request, others by a multipart upload of which a writer holds one part or two.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{MultipartId, ObjectStoreExt, PutPayload};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Bucket, place};
use crate::sha256::Digesting;
use crate::{Error, Key, Sha256, Stored, blocking};

/// Bytes of a part at least: 6 MiB, a little more than the least that S3 takes, for whoever writes holds one or two of them. Smaller
/// objects are one request.
pub(super) const PART: u64 = 6 * 1024 * 1024;
/// Parts that an upload may have.
const PARTS: u64 = 10_000;
/// Bytes that fit the smallest parts of an upload.
pub(crate) const IN_SMALL_PARTS: u64 = PARTS * PART;

/// Bytes of each part of an object of at most that many: so many that its parts are not too many.
pub(super) fn part_bytes(most: u64) -> usize {
    usize::try_from(most.div_ceil(PARTS).max(PART)).unwrap_or(usize::MAX)
}

/// An object being written. Dropping it, or an error, aborts what was begun.
pub(crate) struct Writer {
    part_bytes: usize,
    pace: Pace,
    batch: BytesMut,
    written: u64,
    sent: Sent,
}

/// Whether the next part is gathered while one is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Two parts are held: whoever sends the bytes is not kept waiting.
    Ahead,
    /// One part is held.
    OneByOne,
}

/// Where what was handed over is.
enum Sent {
    Idle(Box<Partial>),
    Busy(JoinHandle<Result<Box<Partial>, Error>>),
    Failed,
}

/// What S3 has so far, with its digest.
struct Partial {
    bucket: Arc<Bucket>,
    key: Key,
    upload: Option<MultipartId>,
    parts: Vec<PartId>,
    digest: Digesting,
}

impl Writer {
    /// Begins an object of at most that many bytes.
    pub(crate) fn new(bucket: Arc<Bucket>, key: Option<Key>, most: u64) -> Result<Self, Error> {
        let key = match key {
            Some(key) => key,
            None => Key::random().map_err(std::io::Error::other)?,
        };
        let partial = Partial { bucket, key, upload: None, parts: Vec::new(), digest: Digesting::new() };
        Ok(Self {
            part_bytes: part_bytes(most),
            pace: Pace::Ahead,
            batch: BytesMut::new(),
            written: 0,
            sent: Sent::Idle(Box::new(partial)),
        })
    }

    /// The same of bytes that nobody waits to send.
    pub(super) fn one_by_one(self) -> Self {
        Self { pace: Pace::OneByOne, ..self }
    }

    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        if matches!(self.sent, Sent::Failed) {
            return Err(ended());
        }
        // Where more follows a full part, it goes off before anything is taken.
        while self.batch.len() >= self.part_bytes && !bytes.is_empty() {
            self.settle().await?;
            self.launch();
            if self.pace == Pace::OneByOne {
                self.settle().await?;
            }
        }
        self.written += bytes.len() as u64;
        self.batch.extend_from_slice(&bytes);
        Ok(())
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) async fn seal(mut self) -> Result<Sealed, Error> {
        self.settle().await?;
        while self.batch.len() > self.part_bytes {
            self.launch();
            self.settle().await?;
        }
        let Sent::Idle(mut partial) = std::mem::replace(&mut self.sent, Sent::Failed) else {
            return Err(ended());
        };
        let rest = self.batch.split().freeze();
        let mut whole = None;
        if partial.upload.is_none() {
            partial.take_in(rest.clone()).await?;
            whole = Some(rest);
        } else if !rest.is_empty() {
            partial = partial.append(rest).await?;
        }
        let sha256 = std::mem::replace(&mut partial.digest, Digesting::new()).finish();
        Ok(Sealed { partial, whole, size: self.written, sha256 })
    }

    pub(crate) async fn abort(mut self) {
        if self.settle().await.is_err() {
            return;
        }
        if let Sent::Idle(mut partial) = std::mem::replace(&mut self.sent, Sent::Failed) {
            partial.abort().await;
        }
    }

    /// Waits until S3 has the part that is on its way.
    async fn settle(&mut self) -> Result<(), Error> {
        if let Sent::Busy(task) = &mut self.sent {
            let sent = task.await.map_err(blocking::lost);
            self.sent = Sent::Failed;
            self.sent = Sent::Idle(sent??);
        }
        if matches!(self.sent, Sent::Failed) { Err(ended()) } else { Ok(()) }
    }

    /// Sends the part that was gathered.
    fn launch(&mut self) {
        match std::mem::replace(&mut self.sent, Sent::Failed) {
            Sent::Idle(partial) => {
                let part = self.batch.split_to(self.part_bytes.min(self.batch.len())).freeze();
                self.sent = Sent::Busy(tokio::spawn(traces::within(partial.append(part))));
            }
            other => self.sent = other,
        }
    }
}

impl Partial {
    async fn append(mut self: Box<Self>, part: Bytes) -> Result<Box<Self>, Error> {
        let sent = self.send(part).await;
        if sent.is_err() {
            self.abort().await;
        }
        sent.map(|()| self)
    }

    async fn send(&mut self, part: Bytes) -> Result<(), Error> {
        self.take_in(part.clone()).await?;
        let (store, path) = (&self.bucket.store, place(&self.key));
        let id = match &self.upload {
            Some(id) => id.clone(),
            None => self.upload.insert(store.create_multipart(&path).await.map_err(unavailable)?).clone(),
        };
        let payload = PutPayload::from_bytes(part);
        let sent = store.put_part(&path, &id, self.parts.len(), payload).await.map_err(unavailable)?;
        self.parts.push(sent);
        Ok(())
    }

    /// Digests bytes off the threads that serve connections.
    async fn take_in(&mut self, bytes: Bytes) -> Result<(), Error> {
        let mut digest = std::mem::replace(&mut self.digest, Digesting::new());
        let digested = spawn_blocking(move || {
            digest.update(&bytes);
            digest
        });
        self.digest = digested.await.map_err(blocking::lost)?;
        Ok(())
    }

    /// Best effort: what stays is found by whoever looks for uploads that were left open.
    async fn abort(&mut self) {
        let Some(id) = self.upload.take() else { return };
        abort(&self.bucket, &self.key, id).await;
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.upload.take(), Handle::try_current()) else { return };
        let (bucket, key) = (Arc::clone(&self.bucket), self.key.clone());
        runtime.spawn(async move { abort(&bucket, &key, id).await });
    }
}

async fn abort(bucket: &Bucket, key: &Key, id: MultipartId) {
    if let Err(error) = bucket.store.abort_multipart(&place(key), &id).await {
        tracing::warn!(%error, %key, "a multipart upload was not aborted");
    }
}

/// All bytes of an object that nobody sees yet. Dropping it aborts what was begun.
pub(crate) struct Sealed {
    partial: Box<Partial>,
    /// The bytes themselves, where they are few.
    whole: Option<Bytes>,
    size: u64,
    sha256: Sha256,
}

impl Sealed {
    pub(crate) fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    pub(crate) async fn keep(mut self) -> Result<Stored, Error> {
        let path = place(&self.partial.key);
        let store = self.partial.bucket.store.clone();
        match (self.partial.upload.clone(), self.whole.take()) {
            (Some(id), _) => {
                let parts = std::mem::take(&mut self.partial.parts);
                if let Err(error) = store.complete_multipart(&path, &id, parts).await {
                    // It may have been completed all the same, by a request whose answer was lost.
                    if self.partial.bucket.size(&self.partial.key).await.ok() != Some(self.size) {
                        self.partial.abort().await;
                        return Err(unavailable(error));
                    }
                }
                self.partial.upload = None;
            }
            (None, Some(bytes)) => {
                store.put(&path, PutPayload::from_bytes(bytes)).await.map_err(unavailable)?;
            }
            (None, None) => return Err(ended()),
        }
        Ok(Stored { key: self.partial.key.clone(), size: self.size, sha256: self.sha256 })
    }

    pub(crate) async fn discard(mut self) {
        self.partial.abort().await;
    }
}

/// An upload that is gone is no object that is missing.
fn unavailable(error: object_store::Error) -> Error {
    Error::Unavailable(std::io::Error::other(error))
}

fn ended() -> Error {
    Error::Unavailable(std::io::Error::other("this object already failed to be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_largest_object_are_not_too_many() {
        let tebibyte = 1024_u64.pow(4);
        for most in [0, 1, 80 * 1024 * 1024 * 1024, tebibyte, 5 * tebibyte] {
            let parts = most.div_ceil(part_bytes(most) as u64);
            assert!(parts <= PARTS, "{most} bytes are {parts} parts");
        }
        assert_eq!(part_bytes(1024), 6 * 1024 * 1024);
    }
}
