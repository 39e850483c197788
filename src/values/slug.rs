//! A name in addresses.
use super::{Invalid, fold, text_value};

/// Lower-case letters, digits and single inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

text_value!(Slug, "slug", 1, 100, "moby-dick");

impl Slug {
    const LONGEST: usize = 100;

    /// Reads a slug; `invalid_slug` for anything but `a-z`, `0-9` and single hyphens between them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let sound = text.len() <= Self::LONGEST
            && !text.is_empty()
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
        // A slug that looks like an id could be taken for one.
        if sound && uuid::Uuid::try_parse(text).is_err() {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "invalid_slug",
                "must be lower-case letters and digits with single hyphens between them",
            ))
        }
    }

    /// A slug made from a title; `fallback` when the title has no Latin letter or digit.
    pub fn from_title(title: &str, fallback: &str) -> Self {
        let folded = fold(title);
        let parts: Vec<&str> =
            folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let mut slug = String::new();
        for part in parts {
            if slug.len() + part.len() + 1 > Self::LONGEST - SUFFIX_ROOM {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(part);
        }
        Self::parse(&slug).unwrap_or_else(|_| Self(fallback.to_owned()))
    }

    /// The same slug with a number behind it, for the second of a name.
    pub fn numbered(&self, number: &str) -> Self {
        Self(format!("{}-{number}", self.0))
    }
}

/// Kept free behind a slug made from a title, for what tells it from another of the same title.
const SUFFIX_ROOM: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_slug() {
        assert_eq!(Slug::from_title("Café: The Game!", "x").as_str(), "cafe-the-game");
        assert_eq!(Slug::from_title("源氏物語", "ebook-1").as_str(), "ebook-1");
    }

    #[test]
    fn odd_slugs_are_refused() {
        for text in ["", "-a", "a-", "a--b", "A", "a b", "ä", "0190b5a6-7c1e-7d2b-8f3a-111111111111"] {
            assert!(Slug::parse(text).is_err(), "{text:?}");
        }
    }
}
