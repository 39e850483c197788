//! Mist: a store that sells, owns and delivers, in one binary.
pub mod values;
pub mod config;
