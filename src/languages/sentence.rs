//! A sentence as the code states it.
use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer};

/// A sentence in English, with what fills its gaps; [`Language::tell`](super::Language::tell) says it in another language.
///
/// Its text is that of `locales/en`, by which its translations are found: `must have at most { $most } items`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    english: Cow<'static, str>,
    gaps: Vec<(&'static str, Gap)>,
}

/// What fills a gap of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Decides on plurals.
    Number(i64),
    /// Is the same in every language.
    Text(String),
}

impl Sentence {
    /// A sentence that was told already.
    pub fn told(text: String) -> Self {
        Self { english: Cow::Owned(text), gaps: Vec::new() }
    }

    /// Fills the gap `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &'static str, gap: impl Into<Gap>) -> Self {
        self.gaps.push((name, gap.into()));
        self
    }

    /// The English text with its gaps open.
    pub fn english(&self) -> &str {
        &self.english
    }

    /// What fills its gaps.
    pub fn gaps(&self) -> &[(&'static str, Gap)] {
        &self.gaps
    }
}

impl From<&'static str> for Sentence {
    fn from(english: &'static str) -> Self {
        Self { english: Cow::Borrowed(english), gaps: Vec::new() }
    }
}

impl fmt::Display for Sentence {
    /// The English text with its gaps filled.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.english();
        // Told or without gaps: a brace is then a brace.
        while !self.gaps.is_empty()
            && let Some((before, after)) = rest.split_once("{ $")
            && let Some((name, after)) = after.split_once(" }")
        {
            f.write_str(before)?;
            match self.gaps.iter().find(|(known, _)| *known == name) {
                Some((_, gap)) => write!(f, "{gap}")?,
                None => write!(f, "{{ ${name} }}")?,
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

impl std::error::Error for Sentence {}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Gap {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Gap {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
    }
}

impl From<usize> for Gap {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<String> for Gap {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Gap {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once_whatever_fills_them() {
        let sentence = Sentence::from("lies between { $least } and { $most }");
        let sentence = sentence.with("least", "{ $most }").with("most", 3_i64);
        assert_eq!(sentence.to_string(), "lies between { $most } and 3");
        assert_eq!(Sentence::told("{ $x }".to_owned()).to_string(), "{ $x }");
    }
}
