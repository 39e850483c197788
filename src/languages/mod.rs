//! The languages the store itself speaks: what `locales/` says in Fluent, built in, each file read when it is first used.
use std::sync::LazyLock;

use crate::{values::Locale, web::locale::Wanted};

mod file;
mod sentence;
mod templates;

pub use file::Part;
pub use sentence::{Gap, Sentence};
pub use templates::speak;

use file::Files;

macro_rules! languages {
    ($($tag:literal),* $(,)?) => {
        [$(Files::new($tag, [
            include_str!(concat!("../../locales/", $tag, "/problems.ftl")),
            include_str!(concat!("../../locales/", $tag, "/faults.ftl")),
            include_str!(concat!("../../locales/", $tag, "/pages.ftl")),
            include_str!(concat!("../../locales/", $tag, "/mail.ftl")),
            include_str!(concat!("../../locales/", $tag, "/receipt.ftl")),
            include_str!(concat!("../../locales/", $tag, "/notifications.ftl")),
        ])),*]
    };
}

/// Every language, the one of the code first.
static ALL: [Files; 5] = languages!["en", "de", "fr", "es", "ja"];

/// Their tags, as readers ask for them.
static TAGS: LazyLock<Vec<Locale>> =
    LazyLock::new(|| ALL.iter().filter_map(|files| Locale::parse(files.tag).ok()).collect());

/// A language that the store speaks.
#[derive(Clone, Copy)]
pub struct Language(&'static Files);

impl Language {
    /// The one of the sentences in the code, and of who wants none of the others.
    pub fn english() -> Self {
        let [english, ..] = &ALL;
        Self(english)
    }

    /// The best for a reader; else the store's own, else English.
    pub fn of(wanted: &Wanted, store: &Locale) -> Self {
        let of_store = || Wanted::from(store.clone()).choose(&TAGS).and_then(|tag| Self::named(tag.as_str()));
        Self::asked(wanted).or_else(of_store).unwrap_or_else(Self::english)
    }

    /// The best for a reader; none when the store speaks none of theirs.
    pub fn asked(wanted: &Wanted) -> Option<Self> {
        Self::named(wanted.choose(&TAGS)?.as_str())
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(Self)
    }

    /// BCP 47.
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The text of a key; none where there is no such key.
    pub fn text(self, part: Part, key: &str, gaps: &[(&str, Gap)]) -> Option<String> {
        self.0.text(part, key, gaps)
    }

    /// A sentence of the code. One that was not translated is told in English.
    pub fn tell(self, part: Part, sentence: &Sentence) -> String {
        let translated = || self.text(part, part.key(sentence.english())?, sentence.gaps());
        if self == Self::english() { None } else { translated() }.unwrap_or_else(|| sentence.to_string())
    }

    fn named(tag: &str) -> Option<Self> {
        ALL.iter().find(|files| files.tag == tag).map(Self)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Eq for Language {}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::named(tag).unwrap()
    }

    fn locale(tag: &str) -> Locale {
        tag.parse().unwrap()
    }

    #[test]
    fn a_sentence_is_told_with_what_fills_its_gaps_and_with_its_plural() {
        let few = |most: u64| Sentence::from("must have at most { $most } characters").with("most", most);
        assert_eq!(language("en").tell(Part::Faults, &few(80)), "must have at most 80 characters");
        assert_eq!(language("de").tell(Part::Faults, &few(80)), "darf höchstens 80 Zeichen lang sein");
        assert_eq!(language("fr").tell(Part::Faults, &few(1)), "doit comporter au plus 1 caractère");
        assert_eq!(language("fr").tell(Part::Faults, &few(2)), "doit comporter au plus 2 caractères");
    }

    #[test]
    fn what_was_not_translated_is_told_in_english() {
        let sentence = Sentence::from("is news of { $day }").with("day", "today");
        assert_eq!(language("ja").tell(Part::Faults, &sentence), "is news of today");
    }

    #[test]
    fn the_readers_wishes_come_before_the_stores_language_and_english_is_left() {
        let wanted = |tag: &str| Wanted::from(locale(tag));
        assert_eq!(Language::of(&wanted("de-AT"), &locale("fr")).tag(), "de");
        assert_eq!(Language::of(&wanted("nl"), &locale("fr-CA")).tag(), "fr");
        assert_eq!(Language::of(&wanted("nl"), &locale("pt-BR")).tag(), "en");
    }
}
