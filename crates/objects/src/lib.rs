//! Immutable objects named by their SHA-256, kept in a local folder.
//!
//! Under the root, `objects/ab/cd/<64 hex digits>` are whole and durable; `tmp/` holds what is still being written,
//! `drafts/` what comes in parts and may wait for days between them.
//! Nobody else may write there: what is read is mapped memory, and only what never changes may be mapped.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod blocking;
mod draft;
mod error;
mod folder;
mod key;
mod map;
mod read;
mod sha256;
mod store;
mod temporary;
mod verify;
mod write;

pub use draft::Draft;
pub use error::Error;
pub use key::{InvalidKey, Key};
pub use read::Chunks;
pub use sha256::{InvalidSha256, Sha256};
pub use store::Objects;
pub use temporary::LEFTOVER_AGE;
pub use verify::Verdict;
pub use write::{Sealed, Stored, Writer};
