//! A draft in S3: pieces, each an object of its own, that any copy of the store goes on with and that one object is made
//! of in the end.
//!
//! Which pieces count is what the caller remembers: [`Draft::sync`] spells it. Every piece has a name that nobody else
//! gives, so a writer that lost its turn and does not know it spoils nothing. The last piece is small as long as little
//! came; the next writer takes it in and writes it anew, so that pieces stay few however small the parts are.
//!
//! However many drafts are written at once, they gather no more than a little each and what the bucket has room for: beyond
//! that pieces are smaller.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::rand;
use bytes::{Buf, Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use tokio::sync::OwnedSemaphorePermit;

use super::write::{Size, Writer, part_bytes};
use super::{Bucket, ROOM_UNIT, told};
use crate::{Error, Sha256, Stored};

/// Bytes of the random name of a piece.
const NAME_BYTES: usize = 12;
/// Pieces that are deleted at once.
const DELETED_AT_ONCE: usize = 16;

/// A draft, held by its one writer as far as the caller sees to that.
pub(crate) struct Draft {
    bucket: Arc<Bucket>,
    name: u128,
    size: u64,
    piece_bytes: usize,
    state: State,
    /// What came since the last full piece.
    tail: BytesMut,
    /// What it takes of the bucket's room, beyond what each draft may gather.
    room: Option<OwnedSemaphorePermit>,
    /// The object made of the pieces.
    made: Option<Stored>,
}

/// Which pieces count.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct State {
    /// Full pieces, in order.
    full: Vec<Piece>,
    /// The piece of what came since.
    tail: Option<Piece>,
    /// Names of pieces that later ones took in.
    old: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    name: String,
    size: u64,
}

impl State {
    /// `NAME:SIZE` of each piece in order, then the names of old ones behind `-`.
    fn spell(&self) -> String {
        let mut text = String::new();
        let tail = self.tail.iter().map(|piece| ('~', piece));
        for (mark, piece) in self.full.iter().map(|piece| ('+', piece)).chain(tail) {
            // Writing to a string can't fail.
            let _ = write!(text, "{mark}{}:{}", piece.name, piece.size);
        }
        for name in &self.old {
            let _ = write!(text, "-{name}");
        }
        text
    }

    fn read(text: &str) -> Option<Self> {
        let mut state = Self::default();
        let mut rest = text;
        while let Some(mark) = rest.chars().next() {
            let body = rest.get(1..)?;
            let end = body.find(['+', '~', '-']).unwrap_or(body.len());
            let (item, after) = body.split_at(end);
            rest = after;
            if mark == '-' {
                state.old.push(item.to_owned());
                continue;
            }
            let (name, size) = item.split_once(':')?;
            let piece = Piece { name: name.to_owned(), size: size.parse().ok()? };
            match mark {
                '+' => state.full.push(piece),
                '~' if state.tail.is_none() => state.tail = Some(piece),
                _ => return None,
            }
        }
        Some(state)
    }

    fn size(&self) -> u64 {
        self.full.iter().chain(&self.tail).map(|piece| piece.size).sum()
    }
}

impl Draft {
    /// Asks nothing of S3 yet. `NotFound` for a state that is none.
    pub(crate) fn open(
        bucket: Arc<Bucket>,
        name: u128,
        size: u64,
        state: Option<&str>,
    ) -> Result<Self, Error> {
        let state = State::read(state.unwrap_or_default()).ok_or(Error::NotFound)?;
        let (piece_bytes, tail) = (part_bytes(size), BytesMut::new());
        Ok(Self { bucket, name, size, piece_bytes, state, tail, room: None, made: None })
    }

    /// Takes in the last piece if there is room in it, and deletes what it took in itself.
    pub(crate) async fn rewind(&mut self, length: u64) -> Result<(), Error> {
        if self.state.size() != length {
            return Err(Error::NotFound);
        }
        self.tail.clear();
        self.room = None;
        let size = self.state.tail.as_ref().map_or(0, |piece| piece.size);
        if !self.has_room_for(size) {
            // It is taken in by nobody and stays as it is.
            self.state.full.extend(self.state.tail.take());
        }
        if let Some(piece) = self.state.tail.clone() {
            let mut bytes = self.bucket.get(&self.place(&piece.name), None, 0..piece.size).await?;
            while let Some(chunk) = bytes.try_next().await? {
                self.tail.extend_from_slice(&chunk);
            }
        }
        // These were no part of what counts when it was last noted, so nobody looks for them.
        for name in std::mem::take(&mut self.state.old) {
            match self.bucket.store.delete(&self.place(&name)).await.map_err(told) {
                Ok(()) | Err(Error::NotFound) => {}
                Err(error) => {
                    tracing::warn!(%error, "an old piece of an upload was not deleted");
                    self.state.old.push(name);
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn append(&mut self, batch: Vec<Bytes>) -> Result<(), Error> {
        for mut bytes in batch {
            while !bytes.is_empty() {
                let most = self.gathered_most();
                if self.tail.len() < most {
                    let taken = most.saturating_sub(self.tail.len()).min(bytes.len());
                    self.tail.extend_from_slice(bytes.get(..taken).unwrap_or_default());
                    bytes.advance(taken);
                    self.outdate_tail();
                }
                if self.tail.len() >= self.piece_bytes || self.tail.len() >= self.gathered_most() {
                    self.outdate_tail();
                    let whole = std::mem::take(&mut self.tail).freeze();
                    let piece = self.put(whole).await?;
                    self.room = None;
                    self.state.full.push(piece);
                }
            }
        }
        Ok(())
    }

    /// Bytes up to which the tail may grow: of a whole piece where there is room, else as far as it has some.
    fn gathered_most(&mut self) -> usize {
        let held = self.room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let most = (held + 1) * ROOM_UNIT;
        if self.tail.len() < most || most >= self.piece_bytes {
            return most.min(self.piece_bytes);
        }
        // All that the piece needs at once, if it is there: so it isn't moved to grow.
        let pieces: u64 = self.state.full.iter().map(|piece| piece.size).sum();
        let to_come = usize::try_from(self.size.saturating_sub(pieces)).unwrap_or(usize::MAX);
        let rest = self.piece_bytes.min(to_come).saturating_sub(most).div_ceil(ROOM_UNIT).max(1);
        let most = match () {
            () if self.take_room(rest) => most + rest * ROOM_UNIT,
            () if self.take_room(1) => most + ROOM_UNIT,
            () => return most,
        };
        let most = most.min(self.piece_bytes);
        self.tail.reserve(most.min(to_come).saturating_sub(self.tail.len()));
        most
    }

    /// Takes the room that a tail of so many bytes needs; false when there is too little.
    fn has_room_for(&mut self, bytes: u64) -> bool {
        let units = usize::try_from(bytes).unwrap_or(usize::MAX).div_ceil(ROOM_UNIT);
        self.take_room(units.saturating_sub(1))
    }

    fn take_room(&mut self, units: usize) -> bool {
        let Ok(units) = u32::try_from(units) else { return false };
        let Ok(more) = Arc::clone(&self.bucket.room).try_acquire_many_owned(units) else { return false };
        match &mut self.room {
            Some(room) => room.merge(more),
            None => self.room = Some(more),
        }
        true
    }

    /// Whatever came, the piece of the tail is not all of it any more.
    fn outdate_tail(&mut self) {
        if let Some(piece) = self.state.tail.take() {
            self.state.old.push(piece.name);
        }
    }

    pub(crate) async fn sync(&mut self) -> Result<String, Error> {
        if !self.tail.is_empty() && self.state.tail.is_none() {
            let bytes = std::mem::take(&mut self.tail).freeze();
            let piece = self.put(bytes.clone()).await?;
            self.tail = bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(shared.as_ref()));
            self.state.tail = Some(piece);
        }
        Ok(self.state.spell())
    }

    async fn put(&self, bytes: Bytes) -> Result<Piece, Error> {
        let mut name = [0; NAME_BYTES];
        rand::fill(&mut name).map_err(std::io::Error::other)?;
        let piece = Piece { name: hex::encode(name), size: bytes.len() as u64 };
        let payload = PutPayload::from_bytes(bytes);
        self.bucket.store.put(&self.place(&piece.name), payload).await.map_err(unavailable)?;
        Ok(piece)
    }

    /// Makes the object, for its bytes are read for their digest anyway.
    pub(crate) async fn digest(&mut self) -> Result<Sha256, Error> {
        if let Some(made) = &self.made {
            return Ok(made.sha256);
        }
        // All of it lies in pieces.
        (self.tail, self.room) = (BytesMut::new(), None);
        // Each holds a part: others wait for their turn.
        let turn = self.bucket.pouring.acquire().await.map_err(std::io::Error::other)?;
        let mut writer = Writer::new(Arc::clone(&self.bucket), None, Size::Of(self.size))?.one_by_one();
        if let Err(error) = self.pour(&mut writer).await {
            writer.abort().await;
            return Err(error);
        }
        let made = writer.seal().await?.keep().await?;
        drop(turn);
        let sha256 = made.sha256;
        self.made = Some(made);
        Ok(sha256)
    }

    async fn pour(&self, writer: &mut Writer) -> Result<(), Error> {
        for piece in self.state.full.iter().chain(&self.state.tail) {
            let mut bytes = self.bucket.get(&self.place(&piece.name), None, 0..piece.size).await?;
            while let Some(chunk) = bytes.try_next().await? {
                writer.write(chunk).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn keep(mut self, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
        if self.made.is_none() {
            self.digest().await?;
        }
        let made = self.made.take().ok_or(Error::NotFound)?;
        if made.sha256 == *sha256 && made.size == size {
            return Ok(made);
        }
        self.bucket.delete(&made.key).await?;
        Err(Error::NotFound)
    }

    fn place(&self, piece: &str) -> Path {
        Path::from(format!("{}/{piece}", folder(self.name)))
    }
}

/// Where the pieces of a draft lie.
fn folder(name: u128) -> String {
    format!("drafts/{name:032x}")
}

/// Deletes every piece of a draft; `NotFound` when there was none.
pub(crate) async fn delete(bucket: &Bucket, name: u128) -> Result<(), Error> {
    let pieces: Vec<Path> = bucket
        .store
        .list(Some(&Path::from(folder(name))))
        .map_ok(|meta| meta.location)
        .try_collect()
        .await
        .map_err(told)?;
    if pieces.is_empty() {
        return Err(Error::NotFound);
    }
    let deleted = stream::iter(pieces).map(|piece| async move { bucket.store.delete(&piece).await });
    let mut deleted = deleted.buffer_unordered(DELETED_AT_ONCE);
    while let Some(outcome) = deleted.next().await {
        match outcome.map_err(told) {
            Err(Error::NotFound) => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The names of all drafts; what is no draft's name is passed over.
pub(crate) async fn names(bucket: &Bucket) -> Result<Vec<u128>, Error> {
    let listed = bucket.store.list_with_delimiter(Some(&Path::from("drafts"))).await.map_err(told)?;
    let names = listed.common_prefixes.iter().filter_map(|prefix| {
        let name = prefix.filename()?;
        u128::from_str_radix(name, 16).ok()
    });
    Ok(names.collect())
}

fn unavailable(error: object_store::Error) -> Error {
    Error::Unavailable(std::io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_piece() -> impl Strategy<Value = Piece> {
        ("[0-9a-f]{24}", 0..u64::from(u32::MAX)).prop_map(|(name, size)| Piece { name, size })
    }

    proptest! {
        #[test]
        fn what_is_spelled_is_read(
            full in prop::collection::vec(any_piece(), 0..5),
            tail in prop::option::of(any_piece()),
            old in prop::collection::vec("[0-9a-f]{24}", 0..3),
        ) {
            let state = State { full, tail, old };
            prop_assert_eq!(State::read(&state.spell()), Some(state));
        }

        #[test]
        fn nothing_that_is_read_panics(text in ".{0,60}") {
            let _ = State::read(&text);
        }
    }
}
