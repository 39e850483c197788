//! Licence keys: what software asks its owner for.
use super::{Invalid, text_value};

/// A licence key: 4 to 256 visible ASCII characters, whatever its publisher's pattern.
///
/// It opens what was paid for, so its debug form doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct LicenseKey(String);

text_value!(LicenseKey, "license-key", 1, 256, "ABCDE-12345-FGHIJ");

impl LicenseKey {
    const SHORTEST: usize = 4;
    const LONGEST: usize = 256;

    /// Trims and reads a key; `invalid_license_key`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let fits = (Self::SHORTEST..=Self::LONGEST).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("invalid_license_key", "must be 4 to 256 visible ASCII characters"))
        }
    }
}

impl std::fmt::Debug for LicenseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LicenseKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_a_sensible_length() {
        assert_eq!(LicenseKey::parse(" ABCD-1 ").map(LicenseKey::into_string), Ok("ABCD-1".to_owned()));
        for bad in ["", "abc", "a b c d", "ключ", "ab\ncd", &"a".repeat(257)] {
            assert!(LicenseKey::parse(bad).is_err(), "{bad}");
        }
    }
}
