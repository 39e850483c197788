//! Builds in, bytes out.
mod builds;
mod deliveries;
mod downloads;
mod full;
mod media;
mod ranges;
mod rollouts;
mod s3;
pub mod shop;
mod stalled;
mod tus;
mod tus_clients;
mod upkeep;
mod uploads;
