//! What a build and its files are called.
use unicode_normalization::UnicodeNormalization;

use super::{Invalid, text::one_line, text_value};
use crate::languages::Sentence;

/// A version as its publisher writes it: one visible line of 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

text_value!(Version, "version", 1, 64, "1.4.2");

impl Version {
    const LONGEST: usize = 64;

    /// Trims and reads a version; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_line(text, Self::LONGEST).map(Self)
    }
}

/// The flat name of a file, in Unicode's composed form (NFC): 1 to 255 bytes, and never a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

text_value!(FileName, "file-name", 1, 255, "moby-dick.epub");

impl FileName {
    const LONGEST: usize = 255;

    /// Reads a name; `required`, `too_long` or `invalid_file_name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name: String = text.nfc().collect();
        if name.is_empty() {
            return Err(Invalid::new("required", "must not be empty"));
        }
        if name.len() > Self::LONGEST {
            return Err(Invalid::new(
                "too_long",
                Sentence::from("must have at most { $most } bytes").with("most", Self::LONGEST),
            ));
        }
        if name == "." || name == ".." || name.chars().any(is_unfit) {
            return Err(Invalid::new(
                "invalid_file_name",
                "must be a plain file name: no slash, backslash or control character",
            ));
        }
        Ok(Self(name))
    }
}

/// Separators, control characters, and what reverses the order in which a name is shown, so that its end can't lie.
fn is_unfit(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_composed() {
        assert_eq!(FileName::parse("u\u{308}ber.zip").unwrap().as_str(), "\u{fc}ber.zip");
        for name in ["a", "…", " ", "a \"b\" 100%.zip", "🎮👩‍🚀.bin", ".hidden", "..."] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn paths_and_tricks_are_no_names() {
        let long = "ä".repeat(128);
        for text in ["", ".", "..", "a/b", "/a", "a\\b", "a\0", "a\nb", "\u{7f}", "a\u{202e}gpj.exe", &long] {
            assert!(FileName::parse(text).is_err(), "{text:?}");
        }
    }
}
