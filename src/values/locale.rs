//! A language tag.
use super::{Invalid, text_value};

/// BCP 47: language, optional script, region and variants, in the usual case (`zh-Hant-TW`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Locale(String);

text_value!(Locale, "locale", 2, 35, "pt-BR");

impl Locale {
    const LONGEST: usize = 35;

    /// Reads a tag (RFC 5646 §2.1, without extensions and private use); `invalid_locale` otherwise.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::canonical(text)
            .map(Self)
            .ok_or_else(|| Invalid::new("invalid_locale", "is not a language tag of BCP 47"))
    }

    /// The language alone: `pt` of `pt-BR`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    fn canonical(text: &str) -> Option<String> {
        if text.len() > Self::LONGEST {
            return None;
        }
        let mut subtags = text.split('-').peekable();
        let language = subtags.next()?;
        if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        let mut tag = language.to_ascii_lowercase();
        if let Some(script) = subtags.next_if(|s| s.len() == 4 && s.bytes().all(|b| b.is_ascii_alphabetic()))
        {
            let (first, rest) = script.split_at_checked(1)?;
            tag = format!("{tag}-{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase());
        }
        if let Some(region) = subtags.next_if(|s| is_region(s)) {
            tag = format!("{tag}-{}", region.to_ascii_uppercase());
        }
        for variant in subtags {
            let sound =
                (4..=8).contains(&variant.len()) && variant.bytes().all(|b| b.is_ascii_alphanumeric());
            if !sound {
                return None;
            }
            tag = format!("{tag}-{}", variant.to_ascii_lowercase());
        }
        Some(tag)
    }
}

fn is_region(text: &str) -> bool {
    let letters = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    letters || digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_one_case() {
        assert_eq!(Locale::parse("PT-br").unwrap().as_str(), "pt-BR");
        assert_eq!(Locale::parse("zh-hant-tw").unwrap().as_str(), "zh-Hant-TW");
        assert_eq!(Locale::parse("ca-valencia").unwrap().as_str(), "ca-valencia");
        assert!(
            Locale::parse("english!").is_err()
                && Locale::parse("").is_err()
                && Locale::parse("de_DE").is_err()
        );
    }
}
