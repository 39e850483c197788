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

/// Plain text of one or more lines that must not be blank: 1 to 10,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prose(String);

text_value!(Prose, "prose", 1, 10_000, "A long voyage, well told.");

impl Prose {
    const LONGEST: usize = 10_000;

    /// Trims and reads a text, with line ends as `\n`; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        some_lines(text, Self::LONGEST).map(Self)
    }
}

/// Plain text of one or more lines, as short as what stands on a card: 1 to 500 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

text_value!(Note, "note", 1, 500, "Happy birthday!");

impl Note {
    const LONGEST: usize = 500;

    /// Trims and reads a text, with line ends as `\n`; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        some_lines(text, Self::LONGEST).map(Self)
    }
}

/// Why somebody does something, in their own words: 1 to 1,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

text_value!(Reason, "reason", 1, 1_000, "It does not start on my machine.");

impl Reason {
    const LONGEST: usize = 1_000;

    /// Trims and reads a text, with line ends as `\n`; `required`, `too_long` or `invalid_text`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        some_lines(text, Self::LONGEST).map(Self)
    }
}

fn some_lines(text: &str, longest: usize) -> Result<String, Invalid> {
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.is_empty() {
        return Err(Invalid::new("required", "must not be blank"));
    }
    if text.chars().count() > longest {
        let sentence = Sentence::from("must have at most { $most } characters");
        return Err(Invalid::new("too_long", sentence.with("most", longest)));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Invalid::new("invalid_text", "must be plain text without control characters"));
    }
    Ok(text)
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
    fn prose_has_lines_and_no_control_characters() {
        assert_eq!(Prose::parse(" One.\r\n\tTwo. ").unwrap().as_str(), "One.\n\tTwo.");
        assert_eq!(Prose::parse(&"a".repeat(10_000)).unwrap().as_str().len(), 10_000);
        for (text, code) in [
            (" \n ", "required"),
            ("a\u{1b}[31m", "invalid_text"),
            ("a\rb", "invalid_text"),
            (&"a".repeat(10_001), "too_long"),
        ] {
            assert_eq!(Prose::parse(text).unwrap_err().code, code, "{text:?}");
        }
    }

    #[test]
    fn words_are_folded_and_stand_between_what_is_no_letter() {
        assert_eq!(words("L'Étranger, 2nd ed."), ["l", "etranger", "2nd", "ed"]);
    }
}
