//! The store as its callers use it, on real folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod bucket;
mod cloudfront;
mod draft;
mod folder;
mod full;
mod read;
mod support;
mod verify;
mod write;
