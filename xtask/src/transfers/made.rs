//! Bytes that need not be kept: any stretch of a file is made again from its number.

use std::ops::Range;
use std::sync::LazyLock;

use aws_lc_rs::digest::{Context, SHA256};

use crate::random::Random;
use crate::sizes::MIB;

/// What every block is but for its first bytes, which say whose it is.
static BLOCK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut random = Random::of(7);
    (0..MIB).map(|_| random.below(256).to_le_bytes()[0]).collect()
});

/// A file of that number and size.
#[derive(Clone, Copy)]
pub struct Made {
    pub number: u64,
    /// Bytes.
    pub size: u64,
}

impl Made {
    /// The bytes from there on, up to the end of a block or of the file; none at its end.
    pub fn bytes(&self, from: u64) -> Vec<u8> {
        let block = from / MIB;
        let within = |place: u64| usize::try_from(place - block * MIB).unwrap_or_default();
        let end = self.size.min((block + 1) * MIB).max(from);
        let mut bytes = BLOCK.clone();
        let whose = self.number.to_le_bytes().into_iter().chain(block.to_le_bytes());
        for (byte, stamp) in bytes.iter_mut().zip(whose) {
            *byte = stamp;
        }
        bytes.truncate(within(end));
        bytes.split_off(within(from).min(bytes.len()))
    }

    /// The digest of a stretch, in hexadecimal digits.
    pub fn sha256(&self, range: Range<u64>) -> String {
        let (mut digest, mut from) = (Context::new(&SHA256), range.start);
        while from < range.end {
            let mut bytes = self.bytes(from);
            if bytes.is_empty() {
                break;
            }
            bytes.truncate(usize::try_from(range.end - from).unwrap_or(usize::MAX));
            digest.update(&bytes);
            from += bytes.len() as u64;
        }
        hex::encode(digest.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_the_same_wherever_one_begins_to_read() {
        let made = Made { number: 3, size: 2 * MIB + 5 };
        let read = |mut from: u64| {
            let mut all = Vec::new();
            while from < made.size {
                let bytes = made.bytes(from);
                from += bytes.len() as u64;
                all.extend(bytes);
            }
            all
        };
        let whole = read(0);
        assert_eq!(whole.len() as u64, made.size);
        assert_eq!(whole.get(1_234_567..), Some(read(1_234_567).as_slice()));
        assert!(made.bytes(made.size).is_empty());
        assert_ne!(made.sha256(0..made.size), Made { number: 4, ..made }.sha256(0..made.size));
    }
}
