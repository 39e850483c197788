//! The API key with which a store is asked.
use std::{fmt, path::Path};

use reqwest::header::HeaderValue;

use crate::error::{Error, Result};

/// Bytes of a file of a key that are read: more than any key has.
const LONGEST: usize = 1024;

/// An API key: sent to its store alone, and never shown.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Reads a key; white space around it is no part of it.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let sound = !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic());
        let header = sound.then(|| HeaderValue::try_from(format!("Bearer {text}")).ok()).flatten();
        let mut header =
            header.ok_or_else(|| Error::Usage("what should be an API key is none".to_owned()))?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    /// Reads the file that holds a key and nothing else.
    pub fn read(path: &Path) -> Result<Self> {
        Self::new(&std::fs::read_to_string(path).map_err(Error::file(path))?)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let key = ApiKey::new(" mist_secret\n").unwrap();
        assert!(!format!("{key:?} {:?}", key.header()).contains("secret"));
        assert_eq!(key.header(), "Bearer mist_secret");
    }

    #[test]
    fn what_is_no_key_is_not_sent() {
        for text in ["", " \n", "a b", "a\r\nX-Other: b", "schlüssel", &"x".repeat(1025)] {
            assert!(ApiKey::new(text).is_err(), "{text:?}");
        }
    }
}
