//! What can go wrong: the folder can't be written, or is not what it should be.

/// A failure of the index's folder. What it holds can be built anew.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder can't be read or written.
    #[error("the index's folder: {0}")]
    Io(#[from] std::io::Error),
    /// The index is damaged, or can't be written.
    #[error("the index: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
    /// A file of it isn't what was written.
    #[error("the index is damaged")]
    Damaged,
    /// Another process writes to the folder.
    #[error("the index is written by another process")]
    Locked,
}

/// A result of the index.
pub(crate) type Result<T> = std::result::Result<T, Error>;
