//! A SHA-256 digest and its spellings.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENGTH: usize = 32;

/// RFC 9530 writes digests as RFC 8941 byte sequences: padded when written, either way when read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A SHA-256 digest: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256(pub [u8; LENGTH]);

/// The text does not spell 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is 32 bytes in hex or base64")]
pub struct InvalidSha256;

impl Sha256 {
    /// 64 lower-case hex digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// From 64 hex digits of either case.
    pub fn from_hex(text: &str) -> Result<Self, InvalidSha256> {
        let mut bytes = [0; LENGTH];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidSha256)?;
        Ok(Self(bytes))
    }

    /// 44 characters with their padding, as between the colons of `Repr-Digest: sha-256=:…:`.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0)
    }

    /// From what stands between the colons, padded or not.
    pub fn from_base64(text: &str) -> Result<Self, InvalidSha256> {
        let bytes = BASE64.decode(text).map_err(|_| InvalidSha256)?;
        Ok(Self(bytes.try_into().map_err(|_| InvalidSha256)?))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({})", self.to_hex())
    }
}

/// A digest that is still taking bytes.
pub(crate) struct Digesting(digest::Context);

impl Digesting {
    pub(crate) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Sha256 {
        let mut bytes = [0; LENGTH];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Sha256(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_empty_text_has_its_well_known_digest() {
        let empty = Digesting::new().finish();
        assert_eq!(empty.to_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(empty.to_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn what_is_not_32_bytes_is_refused() {
        for text in ["", "e3", "zz", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS"] {
            assert_eq!(Sha256::from_hex(text), Err(InvalidSha256), "{text:?}");
            assert_eq!(Sha256::from_base64(text), Err(InvalidSha256), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn both_spellings_return(bytes: [u8; LENGTH]) {
            let digest = Sha256(bytes);
            prop_assert_eq!(Sha256::from_hex(&digest.to_hex()), Ok(digest));
            prop_assert_eq!(Sha256::from_hex(&digest.to_hex().to_uppercase()), Ok(digest));
            prop_assert_eq!(Sha256::from_base64(&digest.to_base64()), Ok(digest));
            prop_assert_eq!(Sha256::from_base64(digest.to_base64().trim_end_matches('=')), Ok(digest));
        }
    }
}
