//! Builds in, bytes out.
mod builds;
mod deliveries;
mod downloads;
mod full;
mod handover;
mod limits;
mod media;
mod quotas;
mod ranges;
mod s3;
pub mod shop;
mod stalled;
mod tus;
mod tus_clients;
mod upkeep;
mod uploads;
