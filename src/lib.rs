//! Mist: a store that sells, owns and delivers, in one binary.
pub mod accounts;
pub mod app;
pub mod background;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod events;
pub mod keys;
pub mod operations;
pub mod router;
pub mod serve;
pub mod store;
pub mod values;
pub mod web;
