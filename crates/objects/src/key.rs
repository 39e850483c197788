//! The name of an object.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;

use crate::Sha256;

const HEX_DIGITS: usize = 64;

/// The name of an object: 64 lower-case hex digits, and so never a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// The text is not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an object's key is 64 lower-case hex digits")]
pub struct InvalidKey;

impl Key {
    /// Takes 64 lower-case hex digits and refuses everything else: two spellings of a name would be two files.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let canonical =
            text.len() == HEX_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if canonical { Ok(Self(text)) } else { Err(InvalidKey) }
    }

    pub(crate) fn of(sha256: &Sha256) -> Self {
        Self(sha256.to_hex())
    }

    /// A name that nobody has: what is written in parts needs one before its digest is known.
    pub(crate) fn random() -> Result<Self, Unspecified> {
        let mut bytes = [0; HEX_DIGITS / 2];
        rand::fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// Where it lies under the root of a store: `objects/ab/cd/<64 hex digits>`.
    pub fn path(&self) -> String {
        format!("objects/{}", self.place())
    }

    /// Where it lies among all objects: `ab/cd/<64 hex digits>`.
    pub fn place(&self) -> String {
        let (first, rest) = self.0.split_at(2);
        let (second, _) = rest.split_at(2);
        format!("{first}/{second}/{}", self.0)
    }

    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_and_other_spellings_are_refused() {
        let traversal = format!("../{}", "a".repeat(61));
        let absolute = format!("/{}", "a".repeat(63));
        let with_nul = format!("{}\0", "a".repeat(63));
        let wide = "é".repeat(32);
        let (upper, short, long) = ("A".repeat(64), "a".repeat(63), "a".repeat(65));
        for text in ["", "..", &traversal, &absolute, &with_nul, &wide, &upper, &short, &long] {
            assert_eq!(Key::parse(text), Err(InvalidKey), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_parsed_is_kept(text in "[0-9a-f]{64}") {
            let key = Key::parse(text.clone()).unwrap();
            prop_assert_eq!(key.as_str(), text);
        }

        #[test]
        fn what_is_not_hex_is_refused(text in ".{0,80}") {
            prop_assume!(!text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')));
            prop_assert_eq!(Key::parse(text), Err(InvalidKey));
        }
    }
}
