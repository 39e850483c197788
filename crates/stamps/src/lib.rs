//! Copies of e-books that say whose they are: by a page of an EPUB, by a line at the foot of each page of a PDF, and in what
//! programs read of either.
//!
//! The same book and line make the same bytes. A book that can't be stamped is an error and never comes back as it was.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod epub;
mod package;
mod pdf;

pub use epub::epub;
pub use pdf::pdf;

/// Why a book can't be stamped.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unstampable(String);

impl Unstampable {
    fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl From<zip::result::ZipError> for Unstampable {
    fn from(error: zip::result::ZipError) -> Self {
        Self::new(error)
    }
}

impl From<std::io::Error> for Unstampable {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl From<lopdf::Error> for Unstampable {
    fn from(error: lopdf::Error) -> Self {
        Self::new(error)
    }
}

/// What comes of it, or why nothing does.
type Result<T> = std::result::Result<T, Unstampable>;
