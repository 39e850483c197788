//! The catalog's file, and how its texts are folded: written again from the description, not taken from the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::process::Result;

/// A product as its line says it is.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line itself.
    pub text: String,
    pub external_id: String,
    pub kind: String,
    pub title: String,
    pub summary: String,
    pub publisher: Option<String>,
    pub developer: Option<String>,
    /// `2026-11-22`; such texts sort as the days do.
    pub release_date: Option<String>,
    pub tags: BTreeSet<String>,
    pub categories: BTreeSet<String>,
    pub platforms: BTreeSet<String>,
    pub languages: BTreeSet<String>,
    /// By currency.
    pub prices: BTreeMap<String, i64>,
    /// Title and summary, by language.
    pub translations: BTreeMap<String, (String, Option<String>)>,
    pub published: bool,
    /// Its folded words, for searching.
    pub words: BTreeSet<String>,
}

/// The lines of a file, unpacked if its name ends with `.gz`.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    unpacked(path)?.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

/// The text of a file, unpacked if its name ends with `.gz`.
pub fn unpacked(path: &Path) -> Result<String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn line(text: &str) -> Result<Line> {
    let value: Value = serde_json::from_str(text)?;
    let one = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let needed = |name: &str| one(name).ok_or_else(|| format!("a line without {name}: {text}"));
    let set = |name: &str| -> BTreeSet<String> {
        let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let prices = value.get("prices").and_then(Value::as_array).into_iter().flatten();
    let prices = prices
        .filter_map(|price| {
            Some((price.get("currency")?.as_str()?.to_owned(), price.get("amount")?.as_i64()?))
        })
        .collect();
    let translations = value.get("translations").and_then(Value::as_object).into_iter().flatten();
    let translations = translations
        .filter_map(|(locale, texts)| {
            let text = |name: &str| texts.get(name).and_then(Value::as_str).map(str::to_owned);
            Some((locale.clone(), (text("title")?, text("summary"))))
        })
        .collect();
    let mut line = Line {
        text: text.to_owned(),
        external_id: needed("external_id")?,
        kind: needed("kind")?,
        title: needed("title")?,
        summary: one("summary").unwrap_or_default(),
        publisher: one("publisher"),
        developer: one("developer"),
        release_date: one("release_date"),
        tags: set("tags"),
        categories: set("categories"),
        platforms: set("platforms"),
        languages: set("languages"),
        prices,
        translations,
        published: one("status").as_deref() == Some("published"),
        words: BTreeSet::new(),
    };
    line.words = line.searched().iter().flat_map(|text| words(text)).collect();
    Ok(line)
}

impl Line {
    fn searched(&self) -> Vec<&str> {
        let own = [Some(&self.title), Some(&self.summary), self.publisher.as_ref(), self.developer.as_ref()];
        let translated = self.translations.values();
        let translated = translated.flat_map(|(title, summary)| [Some(title), summary.as_ref()]);
        own.into_iter().chain(translated).flatten().chain(&self.tags).map(String::as_str).collect()
    }

    /// Every title, in any language.
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        let translated = self.translations.values().map(|(title, _)| title.as_str());
        std::iter::once(self.title.as_str()).chain(translated)
    }
}

/// Without case and diacritics.
pub fn fold(text: &str) -> String {
    let bare: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    bare.chars().flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// The folded runs of letters and digits.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a word is of a script that doesn't put spaces between words.
pub fn is_unspaced(word: &str) -> bool {
    word.chars().any(|letter| {
        matches!(letter,
            '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
            | '\u{3040}'..='\u{318F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
    })
}
