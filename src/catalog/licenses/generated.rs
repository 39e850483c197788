//! Licence keys that the store makes: what a key is for and the store's signature of it, so that software verifies it
//! without asking anybody.
//!
//! A key is Crockford's base 32 of 91 bytes: the version, the product, a serial number, the day, and the Ed25519 signature
//! (RFC 8032) of all of these. `docs/licenses.md` says how an app verifies one.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    keys::{self, SigningKey},
    values::{LicenseKey, base32},
};

/// The first byte: how the others are to be read.
const VERSION: u8 = 1;
/// Bytes of the serial number: random, so that a key tells nothing of how many were sold.
const SERIAL_BYTES: usize = 8;
/// Bytes before the signature: version, product, serial number, and days since 1970 as a big-endian `u16`.
const SIGNED_BYTES: usize = 1 + 16 + SERIAL_BYTES + 2;
/// Bytes of the signature.
const SIGNATURE_BYTES: usize = 64;
/// Letters between two hyphens.
const GROUP: usize = 6;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// A new key of a product, issued at a moment.
pub(super) fn mint(signer: &SigningKey, product: Uuid, at: DateTime<Utc>) -> Result<LicenseKey> {
    let mut serial = [0; SERIAL_BYTES];
    keys::random(&mut serial)?;
    let day = u16::try_from(at.timestamp() / SECONDS_A_DAY).map_err(Error::unexpected)?;
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(product.as_bytes());
    bytes.extend_from_slice(&serial);
    bytes.extend_from_slice(&day.to_be_bytes());
    let signature = signer.sign(&bytes);
    bytes.extend_from_slice(&signature);
    LicenseKey::parse(&written(&bytes)).map_err(|invalid| Error::unexpected(invalid.message))
}

/// A key that the store made as it was written first, however its owner typed it; none for a key of another kind.
pub(super) fn canonical(signer: &SigningKey, key: &LicenseKey) -> Option<LicenseKey> {
    let bytes = base32::decode(key.as_str(), SIGNED_BYTES + SIGNATURE_BYTES)?;
    let (signed, signature) = bytes.split_at_checked(SIGNED_BYTES)?;
    if signed.first() != Some(&VERSION) || !signer.verifies(signed, signature) {
        return None;
    }
    LicenseKey::parse(&written(&bytes)).ok()
}

fn written(bytes: &[u8]) -> String {
    let letters = base32::encode(bytes);
    let mut text = String::with_capacity(letters.len() + letters.len() / GROUP);
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (SigningKey, LicenseKey) {
        let signer = SigningKey::new(&[7; 32]).unwrap();
        let at = "2026-11-22T12:00:00Z".parse().unwrap();
        let key = mint(&signer, Uuid::from_u128(42), at).unwrap();
        (signer, key)
    }

    #[test]
    fn a_key_is_known_however_it_is_typed() {
        let (signer, key) = key();
        let typed = key.as_str().to_lowercase().replace('-', "").replace('0', "o").replace('1', "l");
        let typed = LicenseKey::parse(&typed).unwrap();
        assert_eq!(canonical(&signer, &typed), Some(key.clone()));
        assert_eq!(canonical(&signer, &key), Some(key));
    }

    #[test]
    fn a_key_that_was_changed_or_made_by_another_is_none() {
        let (signer, key) = key();
        for at in [0, 10, 40, 100] {
            let mut letters: Vec<char> = key.as_str().chars().collect();
            letters[at] = if letters[at] == '7' { '8' } else { '7' };
            let changed = LicenseKey::parse(&letters.into_iter().collect::<String>()).unwrap();
            assert_eq!(canonical(&signer, &changed), None, "letter {at}");
        }
        assert_eq!(canonical(&SigningKey::new(&[8; 32]).unwrap(), &key), None);
        assert_eq!(canonical(&signer, &LicenseKey::parse("ABCDE-12345").unwrap()), None);
    }
}
