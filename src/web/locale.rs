//! Which language an answer comes in.
use std::fmt;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};

use crate::{error::Error, languages::Language, values::Locale};

/// Languages in which words are looked for at most: the index applies the rules for endings of so many.
const MOST_SEARCHED: usize = 3;

/// What `Accept-Language` asks for, best first.
#[derive(Clone, Debug, Default)]
pub struct AcceptLanguage(Vec<Locale>);

impl AcceptLanguage {
    /// Most languages that are looked at.
    const MOST: usize = 20;

    /// Of a request.
    pub fn read(headers: &HeaderMap) -> Self {
        Self::of(headers.get(header::ACCEPT_LANGUAGE))
    }

    /// Of the header's value.
    pub(super) fn of(value: Option<&HeaderValue>) -> Self {
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut asked: Vec<(f32, Locale)> = text
            .split(',')
            .take(Self::MOST)
            .filter_map(|one| {
                let (tag, weight) = one.split_once(";q=").unwrap_or((one, "1"));
                let weight: f32 = weight.trim().parse().ok()?;
                Some((weight, Locale::parse(tag.trim()).ok()?)).filter(|(weight, _)| *weight > 0.0)
            })
            .collect();
        asked.sort_by(|left, right| right.0.total_cmp(&left.0));
        Self(asked.into_iter().map(|(_, locale)| locale).collect())
    }
}

impl fmt::Display for AcceptLanguage {
    /// Each language once, best first: whatever else the header says decides nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, locale) in self.0.iter().enumerate() {
            if !self.0.iter().take(place).any(|before| before == locale) {
                write!(f, "{},", locale.as_str())?;
            }
        }
        Ok(())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AcceptLanguage {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self::read(&parts.headers))
    }
}

/// What the language of an answer is chosen by, and what else it differs by.
const CHOSEN_BY: HeaderValue = HeaderValue::from_static("Accept-Language, Accept-Encoding, Authorization");

/// Says in which language an answer is, and what it was chosen by.
pub fn say(headers: &mut HeaderMap, locale: &Locale) {
    if let Ok(language) = HeaderValue::try_from(locale.as_str()) {
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    headers.insert(header::VARY, CHOSEN_BY);
}

/// The same of an answer in the store's own words.
pub fn say_own(headers: &mut HeaderMap, language: Language) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::VARY, CHOSEN_BY);
}

/// The languages a reader would like, best first: `?locale=`, then the account's, then `Accept-Language`.
///
/// One that names no region or script also takes any of its language: see [`Wanted::choose`].
#[derive(Clone, Debug, Default)]
pub struct Wanted(Vec<Locale>);

impl From<Locale> for Wanted {
    fn from(locale: Locale) -> Self {
        Self(vec![locale])
    }
}

impl Wanted {
    /// In their order of weight.
    pub fn new(asked: Option<Locale>, account: Option<Locale>, accepted: AcceptLanguage) -> Self {
        Self(asked.into_iter().chain(account).chain(accepted.0).collect())
    }

    /// The languages, best first, BCP 47.
    pub fn languages(&self) -> Vec<String> {
        self.0.iter().map(|locale| locale.as_str().to_owned()).collect()
    }

    /// The languages in which a reader's words are looked for, best first, without regions, each once: the first of those
    /// that are wished for, and `own`, in which every text is.
    pub fn searched(&self, own: &Locale) -> Vec<String> {
        let mut languages: Vec<&str> = Vec::new();
        for language in self.0.iter().map(Locale::language) {
            if languages.len() < MOST_SEARCHED && !languages.contains(&language) {
                languages.push(language);
            }
        }
        if !languages.contains(&own.language()) {
            languages.truncate(MOST_SEARCHED - 1);
            languages.push(own.language());
        }
        languages.into_iter().map(str::to_owned).collect()
    }

    /// The best of what there is, by lookup (RFC 4647 §3.4): `de-AT` takes `de-AT`, else `de`; then any of that language.
    pub fn choose<'a>(&self, there: &'a [Locale]) -> Option<&'a Locale> {
        self.0.iter().find_map(|wanted| {
            let mut range = wanted.as_str();
            loop {
                if let Some(exact) = there.iter().find(|one| one.as_str() == range) {
                    return Some(exact);
                }
                match range.rsplit_once('-') {
                    Some((shorter, _)) => range = shorter,
                    None => return there.iter().find(|one| one.language() == wanted.language()),
                }
            }
        })
    }
}

impl Wanted {
    /// The best language of a text that stands in `own` and in the languages of its translations.
    pub fn best_of(&self, own: &Locale, translations: impl IntoIterator<Item = Locale>) -> Locale {
        let there: Vec<Locale> = std::iter::once(own.clone()).chain(translations).collect();
        self.choose(&there).unwrap_or(own).clone()
    }

    /// The wishes that a translation of a text in the language `own` could fulfil better than that text itself:
    /// none when the reader wants `own` first, or nothing in particular.
    pub fn ahead_of(&self, own: &Locale) -> &[Locale] {
        let met = self.0.iter().position(|wish| wish.language() == own.language());
        let end = match met {
            // `en` fulfils `en-GB`, unless there is an `en-GB`.
            Some(index) if self.0.get(index) != Some(own) => index + 1,
            Some(index) => index,
            None => self.0.len(),
        };
        self.0.get(..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(tag: &str) -> Locale {
        Locale::parse(tag).unwrap()
    }

    #[test]
    fn the_best_language_there_is_wins() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "fr;q=0.3, de-AT, *;q=0.1".parse().unwrap());
        let wanted = Wanted::new(None, None, AcceptLanguage::read(&headers));
        assert_eq!(wanted.choose(&[locale("en"), locale("fr"), locale("de")]), Some(&locale("de")));
        assert_eq!(wanted.choose(&[locale("en"), locale("fr")]), Some(&locale("fr")));
        assert_eq!(wanted.choose(&[locale("en")]), None);
        let asked = Wanted::new(Some(locale("ja")), Some(locale("pt")), AcceptLanguage::default());
        assert_eq!(asked.choose(&[locale("pt-BR"), locale("en")]), Some(&locale("pt-BR")));
        assert_eq!(asked.ahead_of(&locale("pt")), [locale("ja")]);
        assert_eq!(asked.ahead_of(&locale("pt-BR")).len(), 2);
        assert!(
            Wanted::new(Some(locale("ja")), None, AcceptLanguage::default())
                .ahead_of(&locale("ja"))
                .is_empty()
        );
    }

    #[test]
    fn words_are_looked_for_in_the_stores_language_too() {
        let searched =
            |tags: &[&str]| Wanted(tags.iter().map(|tag| locale(tag)).collect()).searched(&locale("en-GB"));
        assert_eq!(searched(&[]), ["en"]);
        assert_eq!(searched(&["de-AT", "de", "en-US", "en"]), ["de", "en"]);
        assert_eq!(searched(&["ja", "de", "fr", "es"]), ["ja", "de", "en"]);
        assert_eq!(searched(&["ja", "de", "en", "es"]), ["ja", "de", "en"]);
    }
}
