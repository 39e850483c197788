//! Mist
