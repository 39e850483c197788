//! The queue on both databases, each test on a database of its own, by a clock that the tests move.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
mod support;

mod cost;
mod enqueue;
mod failure;
mod lane;
mod lease;
mod operate;
mod run;
mod shutdown;
