//! From texts to the words by which they are found.
use std::collections::BTreeSet;

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, TokenStream, WhitespaceTokenizer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Bytes of a word at most: longer ones are cut, for an index takes no more.
const LONGEST_WORD: usize = 120;

/// Folds case and diacritics: `Café` and `CAFE` become `cafe`. Scripts without either stay as they are.
pub fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The words by which a text is found: its own, and the last letter of what is written without spaces, with which no
/// pair begins.
pub(crate) fn findable(text: &str) -> Vec<String> {
    let mut found = words(text);
    let ends: Vec<String> = fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|run| run.chars().last().filter(|letter| is_unspaced(*letter)))
        .map(String::from)
        .collect();
    found.extend(ends);
    found
}

/// The folded words of a text, in their order; what is written without spaces comes in pairs of letters.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        split(run, &mut words);
    }
    words
}

/// Splits a run of letters where its script changes between one with and one without spaces.
fn split(run: &str, words: &mut Vec<String>) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let unspaced = is_unspaced(first);
        let end = rest.find(|c| is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        if unspaced {
            pairs(part, words);
        } else {
            words.push(cut(part));
        }
        rest = behind;
    }
}

fn pairs(run: &str, words: &mut Vec<String>) {
    let letters: Vec<char> = run.chars().collect();
    match letters.as_slice() {
        [only] => words.push(only.to_string()),
        letters => words.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>())),
    }
}

fn cut(word: &str) -> String {
    let end = (0..=LONGEST_WORD.min(word.len())).rev().find(|end| word.is_char_boundary(*end));
    word.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

/// Whether a letter is of a script that is written without spaces between words: Thai, Lao, Burmese, Khmer, Japanese,
/// Chinese; and Korean, whose words carry their particles.
pub fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x3100..=0x318F | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Cuts endings off words, by the rules of a language.
pub(crate) struct Stems(Option<TextAnalyzer>);

impl Stems {
    /// Of a language (BCP 47); one whose rules are unknown changes nothing.
    pub(crate) fn of(language: &str) -> Self {
        let primary = language.split('-').next().unwrap_or_default();
        let known = match primary {
            "ar" => Language::Arabic,
            "da" => Language::Danish,
            "de" => Language::German,
            "el" => Language::Greek,
            "en" => Language::English,
            "es" => Language::Spanish,
            "fi" => Language::Finnish,
            "fr" => Language::French,
            "hu" => Language::Hungarian,
            "it" => Language::Italian,
            "nl" => Language::Dutch,
            "nb" | "nn" | "no" => Language::Norwegian,
            "pt" => Language::Portuguese,
            "ro" => Language::Romanian,
            "ru" => Language::Russian,
            "sv" => Language::Swedish,
            "tr" => Language::Turkish,
            _ => return Self(None),
        };
        Self(Some(TextAnalyzer::builder(WhitespaceTokenizer::default()).filter(Stemmer::new(known)).build()))
    }

    /// The stems of words; some are those words themselves.
    pub(crate) fn cut(&mut self, words: &[String]) -> BTreeSet<String> {
        let Some(analyzer) = &mut self.0 else { return BTreeSet::new() };
        let mut stems = BTreeSet::new();
        let text = words.join(" ");
        analyzer.token_stream(&text).process(&mut |token| {
            stems.insert(token.text.clone());
        });
        stems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_forgets_case_and_diacritics() {
        assert_eq!(fold("  Café ÅNGSTRÖM "), "cafe angstrom");
        assert_eq!(words("L'Étranger, 2nd ed."), ["l", "etranger", "2nd", "ed"]);
    }

    #[test]
    fn what_is_written_without_spaces_comes_in_pairs() {
        assert_eq!(words("東京タワー 3D戦"), ["東京", "京タ", "タワ", "ワー", "3d", "戦"]);
    }

    #[test]
    fn endings_are_cut_by_the_rules_of_the_language() {
        let words = ["games".to_owned(), "playing".to_owned()];
        assert!(Stems::of("en-GB").cut(&words).contains("game"));
        assert!(Stems::of("xx").cut(&words).is_empty());
    }
}
