//! The body of a download: windows of the object handed on as they are, counted when they have left.
use std::{
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use http_body::{Body, Frame, SizeHint};
use objects::{Key, Objects, Outlet};

use super::deliveries::Delivery;

/// A piece of a body before it is opened.
pub(super) enum Piece {
    /// What stands between the parts of a multipart body.
    Text(Bytes),
    /// Bytes of the file.
    File(Range<u64>),
}

impl Piece {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::File(range) => range.end - range.start,
        }
    }
}

/// A chunk, and how many of its bytes are the file's.
type Chunk = (Bytes, u64);
type Chunks = Pin<Box<dyn Stream<Item = io::Result<Chunk>> + Send>>;

/// A body that tells at its end how much of the file it sent.
///
/// A chunk counts once the connection asks for the next one, and the last once the body is dropped: hyper does either
/// only when what it holds back of the chunk is small.
pub(super) struct Sending {
    chunks: Chunks,
    /// Bytes of the body that are still to come.
    left: u64,
    /// Bytes of the file that have left.
    sent: u64,
    /// Bytes of the file in the chunk that was handed on last.
    leaving: u64,
    delivery: Option<Delivery>,
}

impl Sending {
    /// Opens the first bytes of the file, so that an object that is missing, or not of its size, is noticed before the answer begins. The connection may be
    /// one that is sent files.
    pub(super) async fn open(
        objects: &Objects,
        key: &Key,
        size: u64,
        pieces: Vec<Piece>,
        outlet: Option<Outlet>,
        delivery: Delivery,
    ) -> Result<Self, objects::Error> {
        let left = pieces.iter().map(Piece::length).sum();
        let first = pieces.iter().find_map(|piece| match piece {
            Piece::File(range) => Some(range.clone()),
            Piece::Text(_) => None,
        });
        let mut opened = match first {
            Some(range) => {
                Some(objects.read_to(key, size, range, outlet.clone()).await.inspect_err(|error| {
                    tracing::error!(%error, %key, "an object can't be sent");
                })?)
            }
            None => None,
        };
        let (objects, key) = (objects.clone(), key.clone());
        let chunks = stream::iter(pieces).then(move |piece| {
            let opened = if matches!(piece, Piece::File(_)) { opened.take() } else { None };
            chunks_of(objects.clone(), key.clone(), size, piece, outlet.clone(), opened)
        });
        let chunks = chunks.try_flatten().boxed();
        Ok(Self { chunks, left, sent: 0, leaving: 0, delivery: Some(delivery) })
    }
}

async fn chunks_of(
    objects: Objects,
    key: Key,
    size: u64,
    piece: Piece,
    outlet: Option<Outlet>,
    opened: Option<objects::Chunks>,
) -> io::Result<Chunks> {
    let range = match piece {
        Piece::Text(text) => return Ok(stream::iter([Ok((text, 0))]).boxed()),
        Piece::File(range) => range,
    };
    let bytes = match opened {
        Some(bytes) => bytes,
        None => objects.read_to(&key, size, range, outlet).await.map_err(io::Error::other)?,
    };
    Ok(bytes.map_ok(counted).boxed())
}

fn counted(bytes: Bytes) -> Chunk {
    let length = bytes.len() as u64;
    (bytes, length)
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        this.sent += std::mem::take(&mut this.leaving);
        this.chunks.as_mut().poll_next(cx).map(|next| {
            let (bytes, of_file) = match next? {
                Ok(chunk) => chunk,
                Err(error) => {
                    tracing::error!(%error, "a download broke off");
                    return Some(Err(error));
                }
            };
            this.left = this.left.saturating_sub(bytes.len() as u64);
            this.leaving = of_file;
            Some(Ok(Frame::data(bytes)))
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if self.left == 0 {
            self.sent += self.leaving;
        }
        if let Some(delivery) = self.delivery.take() {
            delivery.end(self.sent);
        }
    }
}
