//! Carries builds to a store and back over its HTTP API, from anywhere: what a publisher's build server and a buyer run.
//!
//! Nothing is taken on trust: what was sent is compared with its digest before it is released, what comes is compared
//! before it gets its name. Nothing is remembered here either: how far something came is what the store, or the half
//! of a file in the target folder, says of itself, so that whatever is killed goes on from there, on another machine too.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod archive;
mod digest;
mod download;
mod error;
mod installed;
mod key;
mod library;
mod names;
mod parcel;
mod patience;
mod product;
mod progress;
mod publishing;
mod pull;
mod push;
mod sizes;
mod store;
mod upload;

pub use error::{Error, Result};
pub use key::ApiKey;
pub use library::{Owned, OwnedBuild, library};
pub use progress::Progress;
pub use pull::{Pull, Pulled, pull};
pub use push::{Push, Pushed, push};
pub use sizes::bytes;
pub use store::Store;
