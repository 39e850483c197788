//! Immutable objects, kept in a local folder or in S3.
//!
//! Under the root, `objects/ab/cd/<64 hex digits>` are whole and durable. In a folder they are named by their SHA-256, and
//! `tmp/` holds what is still being written; in S3 they have random names, for what is written in parts needs one before
//! its digest is known. `drafts/` holds what comes in parts and may wait for days between them.
//! Nobody else may write there: what is read of a folder is mapped memory, and only what never changes may be mapped.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod blocking;
mod cloudfront;
mod direct;
mod draft;
mod error;
mod folder;
mod key;
mod links;
mod map;
mod outlet;
mod read;
mod resident;
mod s3;
mod sha256;
mod store;
mod temporary;
mod verify;
mod write;

pub use cloudfront::{CloudFront, InvalidPrivateKey};
pub use direct::{Completed, Direct};
pub use draft::{Draft, Opening};
pub use error::Error;
pub use key::{InvalidKey, Key};
pub use links::Asked;
pub use outlet::Outlet;
pub use read::Chunks;
pub use s3::Settings as S3Settings;
pub use s3::files::Files;
pub use sha256::{InvalidSha256, Sha256};
pub use store::{Found, Objects};
pub use temporary::LEFTOVER_AGE;
pub use verify::Verdict;
pub use write::{Sealed, Stored, Writer};
