//! A setting that is never shown.
use serde::{Deserialize, Serialize};

/// A text that shows itself masked everywhere but through [`Secret::as_str`].
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the one who uses it, not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An address without its password; anything else as asterisks.
    fn masked(&self) -> String {
        // `a:b` is an address to the parser, and a password to people.
        match url::Url::parse(&self.0) {
            Ok(mut url) if self.0.contains("://") => {
                if url.password().is_some() && url.set_password(Some("***")).is_err() {
                    return "***".to_owned();
                }
                if url.query().is_some() {
                    url.set_query(Some("***"));
                }
                url.to_string()
            }
            _ => "***".to_owned(),
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}
