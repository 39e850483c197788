//! Handing bytes out, wherever they are kept.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use futures::stream::BoxStream;

use crate::folder;

/// The bytes of a range of an object, in order. It must be polled inside a Tokio runtime.
///
/// An error ends the stream.
pub struct Chunks(From);

enum From {
    Folder(folder::read::Chunks),
    S3(BoxStream<'static, io::Result<Bytes>>),
}

impl Chunks {
    pub(crate) fn mapped(chunks: folder::read::Chunks) -> Self {
        Self(From::Folder(chunks))
    }

    pub(crate) fn streamed(chunks: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self(From::S3(chunks))
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.get_mut().0 {
            From::Folder(chunks) => Pin::new(chunks).poll_next(cx),
            From::S3(chunks) => chunks.as_mut().poll_next(cx),
        }
    }
}
