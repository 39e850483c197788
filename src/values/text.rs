//! Short texts of one line, and the words of longer ones.
pub use search::fold;
use unicode_normalization::UnicodeNormalization;

use super::{Invalid, text_value};
use crate::languages::Sentence;

/// Name of a person as others see it: one visible line of 1 to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

text_value!(DisplayName, "display-name", 1, 80, "Ada");

impl DisplayName {
    /// Characters at most.
    pub const LONGEST: usize = 80;

    /// Trims and reads a name; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_line(text, Self::LONGEST).map(Self)
    }
}

/// A line of text that must not be blank, such as a title: 1 to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

text_value!(Word, "line", 1, 200, "Moby-Dick");

impl Word {
    const LONGEST: usize = 200;

    /// Trims and reads a line; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        one_line(text, Self::LONGEST).map(Self)
    }
}

/// Unicode's separators of lines and paragraphs, which are no control characters.
const BREAKS: [char; 2] = ['\u{2028}', '\u{2029}'];

pub(super) fn one_line(text: &str, longest: usize) -> Result<String, Invalid> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(Invalid::new("required", "must not be blank"));
    }
    if text.chars().count() > longest {
        return Err(Invalid::new(
            "too_long",
            Sentence::from("must have at most { $most } characters").with("most", longest),
        ));
    }
    if text.chars().any(|c| c.is_control() || BREAKS.contains(&c)) {
        return Err(Invalid::new("invalid_text", "must be one line without control characters"));
    }
    Ok(text)
}

/// The folded words of a text, in their order.
pub fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_stand_between_what_is_no_letter() {
        assert_eq!(words("L'Étranger, 2nd ed."), ["l", "etranger", "2nd", "ed"]);
    }
}
