//! Which documents of a segment have the words, and how well they fit: in tiers, never by a score that depends on what
//! else is in the index, so that every copy of it orders alike.
use std::{collections::BTreeMap, fmt::Display};

use roaring::RoaringBitmap;

use crate::{
    analysis::Stems,
    error::Result,
    postings::{Spelling, beginning, each, exact},
    query::Words,
    schema::{EVERY_LANGUAGE, Fields, OF_LANGUAGE, language_of},
    segment::Segment,
};

/// Documents under which words that are spelt otherwise are looked for too.
pub(crate) const FEW: u64 = 10;
/// Letters of a word from which one of them may be wrong.
const ONE_TYPO: usize = 4;
/// Letters of a word from which two of them may be wrong.
const TWO_TYPOS: usize = 6;
/// The same of a whole title, which is less likely to be much like another.
const TWO_TYPOS_IN_TITLE: usize = 5;
/// Languages of the reader whose rules for endings are applied.
const MOST_LANGUAGES: usize = 3;

/// The documents that match, each in the best tier that it is in.
#[derive(Default)]
pub(crate) struct Matched {
    tiers: BTreeMap<i64, RoaringBitmap>,
    all: RoaringBitmap,
}

impl Matched {
    /// Adds documents that fit so well, unless they fit better.
    pub(crate) fn add(&mut self, tier: i64, documents: RoaringBitmap) {
        let new = documents - &self.all;
        self.all |= &new;
        *self.tiers.entry(tier).or_default() |= new;
    }

    /// Everything that matches.
    pub(crate) fn all(&self) -> &RoaringBitmap {
        &self.all
    }

    /// Those of a tier.
    pub(crate) fn tier(&self, tier: i64) -> Option<&RoaringBitmap> {
        self.tiers.get(&tier)
    }

    /// From the best to the worst.
    pub(crate) fn tiers(&self) -> impl DoubleEndedIterator<Item = (i64, &RoaringBitmap)> {
        self.tiers.iter().rev().map(|(tier, documents)| (*tier, documents))
    }
}

/// A way of looking for words as they are spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelt {
    /// They are a whole title.
    Whole,
    /// They are in a title in the reader's first language.
    OfLanguage,
    /// They are in a title.
    InTitle,
    /// They are in a title, the last of them perhaps only begun.
    Begun,
    /// They begin words of whatever is said.
    Anywhere,
    /// They are in whatever is said but for their endings.
    Stems,
}

impl Spelt {
    /// From the best to the worst.
    pub(crate) const ALL: [Self; 6] =
        [Self::Whole, Self::OfLanguage, Self::InTitle, Self::Begun, Self::Anywhere, Self::Stems];

    /// How well a document fits that is found so.
    pub(crate) fn tier(self) -> i64 {
        match self {
            Self::Whole => 90,
            Self::OfLanguage => 80,
            Self::InTitle => 70,
            Self::Begun => 60,
            Self::Anywhere => 50,
            Self::Stems => 40,
        }
    }
}

/// What is looked for in the segments of an index.
pub(crate) struct Matcher<'a> {
    words: &'a Words,
    languages: Vec<&'a str>,
    fields: Fields,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(words: &'a Words, languages: &'a [String], fields: Fields) -> Self {
        let languages = languages.iter().map(|tag| language_of(tag)).take(MOST_LANGUAGES).collect();
        Self { words, languages, fields }
    }

    /// Adds the documents of a segment that are found in one way and were in none of those before.
    pub(crate) fn spelt(&self, segment: &Segment, way: Spelt, matched: &mut Matched) -> Result<()> {
        let words = self.words.words.as_slice();
        let fields = self.fields;
        let open = |field| segment.reader.inverted_index(field);
        if way == Spelt::Whole {
            let whole = open(fields.title_whole)?;
            matched.add(way.tier(), exact(&whole, fields.title_whole, &self.words.text)?);
            return Ok(());
        }
        let Some((last, begun)) = words.split_last() else { return Ok(()) };
        let found = match way {
            Spelt::Whole => return Ok(()),
            Spelt::OfLanguage => {
                let Some(language) = self.languages.first() else { return Ok(()) };
                let index = open(fields.title_of_language)?;
                let titled = segment.titled_in(language)?;
                each(words, |word| {
                    let said = |language: &dyn Display| {
                        exact(&index, fields.title_of_language, &format!("{language}{OF_LANGUAGE}{word}"))
                    };
                    Ok(said(language)? | (said(&EVERY_LANGUAGE)? & &*titled))
                })?
            }
            Spelt::InTitle => {
                let title = open(fields.title)?;
                each(words, |word| exact(&title, fields.title, word))?
            }
            Spelt::Begun => {
                let title = open(fields.title)?;
                let all_but_last = each(begun, |word| exact(&title, fields.title, word))?;
                match begun.is_empty() {
                    true => beginning(&title, last)?,
                    false if all_but_last.is_empty() => all_but_last,
                    false => all_but_last & beginning(&title, last)?,
                }
            }
            Spelt::Anywhere => {
                let (title, others) = (open(fields.title)?, open(fields.words)?);
                each(words, |word| Ok(beginning(&title, word)? | beginning(&others, word)?))?
            }
            Spelt::Stems => self.stemmed(segment)?,
        };
        matched.add(way.tier(), found);
        Ok(())
    }

    fn stemmed(&self, segment: &Segment) -> Result<RoaringBitmap> {
        let fields = self.fields;
        let title = segment.reader.inverted_index(fields.title)?;
        let others = segment.reader.inverted_index(fields.words)?;
        let stems = segment.reader.inverted_index(fields.stems)?;
        let mut all = RoaringBitmap::new();
        for language in &self.languages {
            let mut cutter = Stems::of(language);
            let said = |word: &str| -> Result<RoaringBitmap> {
                Ok(exact(&title, fields.title, word)? | exact(&others, fields.words, word)?)
            };
            let stemmed = |word: &String| -> Result<RoaringBitmap> {
                let mut documents = said(word)?;
                for stem in cutter.cut(std::slice::from_ref(word)) {
                    documents |= exact(&stems, fields.stems, &stem)?;
                    if stem != *word {
                        documents |= said(&stem)?;
                    }
                }
                Ok(documents)
            };
            all |= each(&self.words.words, stemmed)?;
        }
        Ok(all)
    }

    /// What titles look like that are spelt much like these words, in one way of looking for them; the first ways cost
    /// least and find what is nearest.
    pub(crate) fn misspelt(&self, way: Way) -> Result<Misspelt<'a>> {
        let distance = way.distance();
        if let Way::Whole(_) = way {
            let (field, text) = (self.fields.title_whole, &self.words.text);
            let most = if text.chars().count() >= TWO_TYPOS_IN_TITLE { 2 } else { typos_of(text) };
            let title = match most >= distance {
                true => Some(Spelling::of(field, text, distance, false)?),
                false => None,
            };
            return Ok(Misspelt::Whole(title));
        }
        let close = |word: &'a String| match typos_of(word).min(distance) {
            0 => Ok(Close::Beginning(word)),
            typos => {
                Spelling::of(self.fields.title, word, typos, way == Way::Begun(distance)).map(Close::Like)
            }
        };
        self.words.words.iter().map(close).collect::<Result<_>>().map(Misspelt::Words)
    }
}

/// Words that are spelt otherwise, ready to be looked for.
pub(crate) enum Misspelt<'a> {
    /// A whole title; none where it is too short for so many wrong letters.
    Whole(Option<Spelling>),
    /// Each of these in a title.
    Words(Vec<Close<'a>>),
}

/// A word that is much like another.
pub(crate) enum Close<'a> {
    /// It begins like this.
    Beginning(&'a str),
    /// It is spelt so.
    Like(Spelling),
}

impl Misspelt<'_> {
    /// The documents of a segment in whose titles they are.
    pub(crate) fn find(&self, segment: &Segment) -> Result<RoaringBitmap> {
        match self {
            Self::Whole(None) => Ok(RoaringBitmap::new()),
            Self::Whole(Some(spelling)) => {
                spelling.find(&*segment.reader.inverted_index(segment.fields.title_whole)?)
            }
            Self::Words(words) => {
                let title = segment.reader.inverted_index(segment.fields.title)?;
                each(words, |word| match word {
                    Close::Beginning(start) => beginning(&title, start),
                    Close::Like(spelling) => spelling.find(&title),
                })
            }
        }
    }
}

/// A way of looking for what is spelt otherwise, with how many letters may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A whole title.
    Whole(u8),
    /// Words of a title.
    Words(u8),
    /// Beginnings of words of a title.
    Begun(u8),
}

impl Way {
    /// In the order in which they are tried, until enough is found.
    pub(crate) const ALL: [Self; 6] =
        [Self::Whole(1), Self::Words(1), Self::Whole(2), Self::Begun(1), Self::Words(2), Self::Begun(2)];

    fn distance(self) -> u8 {
        let (Self::Whole(distance) | Self::Words(distance) | Self::Begun(distance)) = self;
        distance
    }

    /// How well a document fits that is found so.
    pub(crate) fn tier(self) -> i64 {
        match self {
            Self::Whole(1) => 35,
            Self::Whole(_) => 32,
            Self::Words(1) => 30,
            Self::Begun(1) => 28,
            Self::Words(_) => 25,
            Self::Begun(_) => 22,
        }
    }
}

/// How many letters of a word may be wrong.
pub(crate) fn typos_of(word: &str) -> u8 {
    match word.chars().count() {
        TWO_TYPOS.. => 2,
        ONE_TYPO.. => 1,
        _ => 0,
    }
}
