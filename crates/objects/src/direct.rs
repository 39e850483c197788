//! Objects that somebody else writes straight into the bucket, by addresses that are signed for them.

use crate::Key;

/// An object that is being written past this program. Whoever begins one remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    pub key: Key,
    /// What the bucket calls it until it is whole.
    pub upload: String,
    /// Bytes of each part but the last.
    pub part_bytes: u64,
}

impl Direct {
    /// How many parts an object of so many bytes has.
    pub fn parts(&self, size: u64) -> u64 {
        size.div_ceil(self.part_bytes.max(1))
    }
}

/// What became of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// They are an object, of whatever bytes.
    Whole,
    /// The bucket does not have them as they were named, or has forgotten them.
    Refused,
}
