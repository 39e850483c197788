//! The settings of backups.
use std::{
    num::{NonZeroU8, NonZeroU16},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::lenient;

/// Backups that the server makes by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// The folder in which they are made, each in one of its own; default: none is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Hours from one to the next.
    #[serde(deserialize_with = "lenient::number")]
    pub every_hours: NonZeroU16,
    /// How many are kept; older ones are removed.
    #[serde(deserialize_with = "lenient::number")]
    pub keep: NonZeroU8,
    /// Whether the bytes of builds and pictures are in them, beside the tables.
    #[serde(deserialize_with = "lenient::number")]
    pub objects: bool,
}

/// A day, as `backup.every_hours`.
const DAILY: NonZeroU16 = match NonZeroU16::new(24) {
    Some(hours) => hours,
    None => NonZeroU16::MIN,
};

/// A week of them, as `backup.keep`.
const KEPT: NonZeroU8 = match NonZeroU8::new(7) {
    Some(count) => count,
    None => NonZeroU8::MIN,
};

impl Default for Backup {
    fn default() -> Self {
        Self { folder: None, every_hours: DAILY, keep: KEPT, objects: true }
    }
}
