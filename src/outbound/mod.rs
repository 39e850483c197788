//! Requests to addresses that arrived through the API: to the outside alone, bounded in time and size, never redirected.
//!
//! Addresses in the settings are trusted and go other ways.
mod client;
mod networks;
mod ports;
mod target;

pub use client::{Answer, Failure, Outbound};
pub use target::{LONGEST, Target};
