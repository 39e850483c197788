//! Writing an object: small ones by one request, others by a multipart upload of which a writer holds one part or two. All
//! writers together hold no more than there is room for.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::multipart::{MultipartStore, PartId};
use object_store::{MultipartId, ObjectStoreExt, PutPayload};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

use super::room::{Held, Room};
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
/// Bytes that each writer may gather before it waits for room, so that small objects wait for nothing: 256 KiB.
const A_LITTLE: usize = 256 * 1024;

/// Bytes of each part of an object of that many: so many that its parts are not too many.
pub(super) fn part_bytes(size: u64) -> usize {
    in_memory(size.div_ceil(PARTS).max(PART))
}

fn in_memory(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// How many bytes an object will have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// So many.
    Of(u64),
    /// Nobody knows; so many at most.
    UpTo(u64),
}

impl Size {
    /// Bytes of a part; they count from 0. Where the size is not known the first half of them are small, and the others as
    /// large as the rest needs: few objects are as large as they may be.
    fn part(self, number: u64) -> usize {
        let half = PARTS / 2;
        match self {
            Self::Of(size) => part_bytes(size),
            Self::UpTo(_) if number < half => in_memory(PART),
            Self::UpTo(most) => in_memory(most.saturating_sub(half * PART).div_ceil(half).max(PART)),
        }
    }

    /// Bytes that are gathered at most for a part.
    fn gathered(self, number: u64) -> usize {
        match self {
            Self::Of(size) | Self::UpTo(size) => self.part(number).min(in_memory(size)),
        }
    }
}

/// An object being written. Dropping it, or an error, aborts what was begun.
pub(crate) struct Writer {
    size: Size,
    pace: Pace,
    batch: BytesMut,
    /// What the batch takes, once it is more than a little.
    held: Option<Held>,
    /// Parts that were handed over.
    launched: u64,
    written: u64,
    sent: Sent,
}

/// Whether the next part is gathered while one is on its way.
enum Pace {
    /// Two parts are held where there is room for them: whoever sends the bytes is not kept waiting.
    Ahead(Arc<Room>),
    /// One part is held, by somebody whose turn it is.
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
    /// Begins an object.
    pub(crate) fn new(bucket: Arc<Bucket>, key: Option<Key>, size: Size) -> Result<Self, Error> {
        let key = match key {
            Some(key) => key,
            None => Key::random().map_err(std::io::Error::other)?,
        };
        let pace = Pace::Ahead(Arc::clone(&bucket.parts));
        let partial = Partial { bucket, key, upload: None, parts: Vec::new(), digest: Digesting::new() };
        Ok(Self {
            size,
            pace,
            batch: BytesMut::new(),
            held: None,
            launched: 0,
            written: 0,
            sent: Sent::Idle(Box::new(partial)),
        })
    }

    /// The same of bytes that nobody waits to send, in the turn of somebody.
    pub(super) fn one_by_one(self) -> Self {
        Self { pace: Pace::OneByOne, ..self }
    }

    pub(crate) async fn write(&mut self, mut bytes: Bytes) -> Result<(), Error> {
        if matches!(self.sent, Sent::Failed) {
            return Err(ended());
        }
        while !bytes.is_empty() {
            let part = self.size.part(self.launched);
            // Where more follows a full part, it goes off before anything is taken.
            if self.batch.len() >= part {
                self.settle().await?;
                self.launch();
                if matches!(self.pace, Pace::OneByOne) {
                    self.settle().await?;
                }
                continue;
            }
            self.make_room(bytes.len()).await?;
            let taken = bytes.split_to(bytes.len().min(part - self.batch.len()));
            self.written += taken.len() as u64;
            self.batch.extend_from_slice(&taken);
        }
        Ok(())
    }

    /// Waits for the room of a whole part, unless it is there, or what comes is little.
    async fn make_room(&mut self, more: usize) -> Result<(), Error> {
        let Pace::Ahead(room) = &self.pace else {
            if self.batch.capacity() == 0 {
                self.batch.reserve(self.size.gathered(self.launched));
            }
            return Ok(());
        };
        if let Some(held) = &self.held {
            return if room.is_overdue(held) { Err(slow()) } else { Ok(()) };
        }
        if self.batch.len() + more <= A_LITTLE {
            return Ok(());
        }
        let (room, gathered) = (Arc::clone(room), self.size.gathered(self.launched));
        let held = match room.try_take(gathered) {
            Some(held) => held,
            None => {
                // The part that is on its way gives back what it has: who waits holds nothing that others wait for.
                self.settle().await?;
                room.take(gathered).await?
            }
        };
        self.held = Some(held);
        self.batch.reserve(gathered.saturating_sub(self.batch.len()));
        Ok(())
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) async fn seal(mut self) -> Result<Sealed, Error> {
        self.settle().await?;
        let Sent::Idle(mut partial) = std::mem::replace(&mut self.sent, Sent::Failed) else {
            return Err(ended());
        };
        let (rest, held) = (std::mem::take(&mut self.batch).freeze(), self.held.take());
        let mut whole = None;
        if partial.upload.is_none() {
            partial.take_in(rest.clone()).await?;
            whole = Some((rest, held));
        } else if !rest.is_empty() {
            partial = partial.append(rest, held).await?;
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
                let (part, held) = (std::mem::take(&mut self.batch).freeze(), self.held.take());
                self.launched += 1;
                self.sent = Sent::Busy(tokio::spawn(traces::within(partial.append(part, held))));
            }
            other => self.sent = other,
        }
    }
}

impl Partial {
    /// Sends a part, which gives back the room that it takes.
    async fn append(mut self: Box<Self>, part: Bytes, held: Option<Held>) -> Result<Box<Self>, Error> {
        let sent = self.send(part).await;
        drop(held);
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
    /// The bytes themselves, where they are few, and the room that they take.
    whole: Option<(Bytes, Option<Held>)>,
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
            (None, Some((bytes, _held))) => {
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

fn slow() -> Error {
    Error::Unavailable(std::io::Error::other("others wait for the room of a part that comes too slowly"))
}

fn ended() -> Error {
    Error::Unavailable(std::io::Error::other("this object already failed to be written"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;
    use crate::s3::Settings;

    static PART_OF_BYTES: [u8; PART as usize] = [7; PART as usize];

    /// As many bytes as a part has.
    fn full() -> Bytes {
        Bytes::from_static(&PART_OF_BYTES)
    }

    /// A bucket of which nothing is asked.
    fn bucket(patience: Duration) -> Arc<Bucket> {
        let settings = Settings {
            bucket: "mist".to_owned(),
            region: Some("eu-central-1".to_owned()),
            credentials: Some(("key".to_owned(), "secret".to_owned())),
            ..Settings::default()
        };
        let parts = Arc::new(Room::with_patience(patience));
        Arc::new(Bucket { parts, ..Bucket::open(&settings).unwrap() })
    }

    fn writers(bucket: &Arc<Bucket>, size: Size) -> Vec<Writer> {
        (0..24).map(|_| Writer::new(Arc::clone(bucket), None, size).unwrap()).collect()
    }

    #[test]
    fn the_parts_of_the_largest_object_are_not_too_many() {
        let tebibyte = 1024_u64.pow(4);
        for most in [0, 1, 80 * 1024 * 1024 * 1024, tebibyte, 5 * tebibyte] {
            let parts = most.div_ceil(Size::Of(most).part(0) as u64);
            assert!(parts <= PARTS, "{most} bytes are {parts} parts");
            let together: u64 = (0..PARTS).map(|number| Size::UpTo(most).part(number) as u64).sum();
            assert!(together >= most, "{most} bytes fit no {PARTS} parts");
            assert_eq!(Size::UpTo(most).part(0) as u64, PART, "who does not say how much comes begins small");
        }
        assert_eq!(part_bytes(1024), 6 * 1024 * 1024);
    }

    #[tokio::test]
    async fn many_that_are_written_at_once_hold_no_more_than_there_is_room_for() {
        for size in [Size::Of(4 * PART), Size::UpTo(1024_u64.pow(4))] {
            let bucket = bucket(Duration::MAX);
            let mut writers = writers(&bucket, size);
            for writer in &mut writers {
                let little = writer.write(full().slice(..A_LITTLE)).now_or_never();
                assert!(little.is_some_and(|taken| taken.is_ok()), "a little needs no room");
            }
            let mut gathering = 0;
            for writer in &mut writers {
                gathering += usize::from(writer.write(full().slice(A_LITTLE..)).now_or_never().is_some());
            }
            assert_eq!(gathering, 4);
            let held: u64 = writers.iter().map(Writer::written).sum();
            assert_eq!(held, 4 * PART + 20 * A_LITTLE as u64, "who waits takes nothing");
            // Who is done, or gone, makes room for the next.
            drop(writers.remove(0));
            let next = writers.iter_mut().find(|writer| writer.held.is_none()).unwrap();
            assert!(next.write(full().slice(A_LITTLE..)).now_or_never().is_some());
        }
    }

    #[tokio::test]
    async fn objects_that_are_known_to_be_small_take_no_more_than_they_need() {
        let bucket = bucket(Duration::MAX);
        let size = 1024 * 1024;
        for mut writer in writers(&bucket, Size::Of(size)) {
            assert!(writer.write(full().slice(..size as usize)).now_or_never().is_some());
            std::mem::forget(writer.held.take());
        }
    }

    #[tokio::test]
    async fn who_fills_a_part_too_slowly_gives_way_to_others_that_wait() {
        let bucket = bucket(Duration::ZERO);
        let mut writers = writers(&bucket, Size::Of(4 * PART));
        let (waiting, slow) = writers.split_at_mut(20);
        let half = A_LITTLE * 2;
        for writer in &mut *slow {
            writer.write(full().slice(..half)).await.unwrap();
        }
        slow[0].write(full().slice(..1)).await.unwrap();
        let mut first = Box::pin(waiting[0].write(full()));
        assert!(futures::poll!(&mut first).is_pending());
        assert!(matches!(slow[0].write(full().slice(..1)).await, Err(Error::Unavailable(_))));
        slow[0].held = None;
        first.await.unwrap();
        slow[1].write(full().slice(..1)).await.unwrap();
    }
}
