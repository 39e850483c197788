//! Which documents of a segment have the words, and how well they fit: in tiers, never by a score that depends on what
//! else is in the index, so that every copy of it orders alike.
use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use tantivy::{
    DocSet, InvertedIndexReader, TERMINATED, Term,
    postings::TermInfo,
    query::FuzzyTermQuery,
    schema::{Field, IndexRecordOption},
};

use crate::{
    analysis::Stems,
    error::Result,
    query::Words,
    schema::{OF_LANGUAGE, language_of},
    segment::Segment,
};

/// Documents under which words that are spelt otherwise are looked for too.
pub(crate) const FEW: u64 = 10;
/// Letters of a word from which one of them may be wrong.
const ONE_TYPO: usize = 4;
/// Letters of a word from which two of them may be wrong.
const TWO_TYPOS: usize = 6;
/// Words of the index that the beginning of a word stands for at most.
const MOST_EXPANSIONS: usize = 4096;
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
    fn add(&mut self, tier: i64, documents: RoaringBitmap) {
        let new = documents - &self.all;
        self.all |= &new;
        *self.tiers.entry(tier).or_default() |= new;
    }

    /// Everything that matches.
    pub(crate) fn all(&self) -> &RoaringBitmap {
        &self.all
    }

    /// From the best to the worst.
    pub(crate) fn tiers(&self) -> impl DoubleEndedIterator<Item = (i64, &RoaringBitmap)> {
        self.tiers.iter().rev().map(|(tier, documents)| (*tier, documents))
    }
}

/// What is looked for in the segments of an index.
pub(crate) struct Matcher<'a> {
    words: &'a Words,
    languages: Vec<&'a str>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(words: &'a Words, languages: &'a [String]) -> Self {
        let languages = languages.iter().map(|tag| language_of(tag)).take(MOST_LANGUAGES).collect();
        Self { words, languages }
    }

    /// Documents that have the words as they are spelt, the last of them perhaps only begun.
    pub(crate) fn spelt(&self, segment: &Segment) -> Result<Matched> {
        let mut matched = Matched::default();
        let (fields, words) = (segment.fields, self.words.words.as_slice());
        let title = segment.reader.inverted_index(fields.title)?;
        let whole = segment.reader.inverted_index(fields.title_whole)?;
        matched.add(90, exact(&whole, fields.title_whole, &self.words.text)?);
        let Some((last, begun)) = words.split_last() else { return Ok(matched) };
        if let Some(language) = self.languages.first() {
            let index = segment.reader.inverted_index(fields.title_of_language)?;
            let with = |word: &String| format!("{language}{OF_LANGUAGE}{word}");
            matched.add(80, each(words, |word| exact(&index, fields.title_of_language, &with(word)))?);
        }
        matched.add(70, each(words, |word| exact(&title, fields.title, word))?);
        let all_but_last = each(begun, |word| exact(&title, fields.title, word))?;
        let ending = beginning(&title, last)?;
        matched.add(60, if begun.is_empty() { ending } else { all_but_last & ending });

        let anywhere = segment.reader.inverted_index(fields.words)?;
        matched.add(50, each(words, |word| beginning(&anywhere, word))?);
        let stems = segment.reader.inverted_index(fields.stems)?;
        for language in &self.languages {
            let mut cutter = Stems::of(language);
            let stemmed = |word: &String| {
                let mut documents = exact(&anywhere, fields.words, word)?;
                for stem in cutter.cut(std::slice::from_ref(word)) {
                    documents |= exact(&stems, fields.stems, &stem)?;
                }
                Ok(documents)
            };
            matched.add(40, each(words, stemmed)?);
        }
        Ok(matched)
    }

    /// Documents whose titles are spelt much like these words, by one way of looking for them; the first ways cost
    /// least and find what is nearest.
    pub(crate) fn misspelt(&self, segment: &Segment, way: Way, matched: &mut Matched) -> Result<()> {
        let (fields, words) = (segment.fields, self.words.words.as_slice());
        let (tier, distance) = (way.tier(), way.distance());
        let text = &self.words.text;
        if let Way::Whole(_) = way {
            if typos_of(text) >= distance {
                let whole = segment.reader.inverted_index(fields.title_whole)?;
                matched.add(tier, like(&whole, fields.title_whole, text, distance, false)?);
            }
            return Ok(());
        }
        let title = segment.reader.inverted_index(fields.title)?;
        let close = |word: &String| match typos_of(word).min(distance) {
            0 => beginning(&title, word),
            typos => like(&title, fields.title, word, typos, way == Way::Begun(distance)),
        };
        matched.add(tier, each(words, close)?);
        Ok(())
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

    fn tier(self) -> i64 {
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

/// The documents that every word finds.
fn each(words: &[String], mut find: impl FnMut(&String) -> Result<RoaringBitmap>) -> Result<RoaringBitmap> {
    let mut all: Option<RoaringBitmap> = None;
    for word in words {
        let found = find(word)?;
        let common = all.map_or_else(|| found.clone(), |so_far| so_far & &found);
        if common.is_empty() {
            return Ok(common);
        }
        all = Some(common);
    }
    Ok(all.unwrap_or_default())
}

fn exact(index: &InvertedIndexReader, field: Field, word: &str) -> Result<RoaringBitmap> {
    let mut documents = Gathered::default();
    if let Some(info) = index.get_term_info(&Term::from_field_text(field, word))? {
        documents.add(index, &info)?;
    }
    Ok(documents.into_bitmap())
}

/// The documents with a word that begins so.
fn beginning(index: &InvertedIndexReader, start: &str) -> Result<RoaringBitmap> {
    let mut documents = Gathered::default();
    let mut terms = index.terms().range().ge(start.as_bytes()).into_stream()?;
    let mut left = MOST_EXPANSIONS;
    while left > 0 && terms.advance() && terms.key().starts_with(start.as_bytes()) {
        documents.add(index, terms.value())?;
        left -= 1;
    }
    Ok(documents.into_bitmap())
}

/// The documents with a word that is this one but for so many letters; `begun` where only its beginning need be.
fn like(
    index: &InvertedIndexReader,
    field: Field,
    word: &str,
    distance: u8,
    begun: bool,
) -> Result<RoaringBitmap> {
    let term = Term::from_field_text(field, word);
    let query = match begun {
        true => FuzzyTermQuery::new_prefix(term, distance, true),
        false => FuzzyTermQuery::new(term, distance, true),
    };
    let mut documents = Gathered::default();
    let automaton = query.automaton()?;
    let mut terms = index.terms().search(automaton).into_stream()?;
    let mut left = MOST_EXPANSIONS;
    while left > 0 && terms.advance() {
        documents.add(index, terms.value())?;
        left -= 1;
    }
    Ok(documents.into_bitmap())
}

/// Documents from which a list is made; above it, one bit for each of the segment.
const LISTED: usize = 4096;

/// The documents of words, gathered in whichever form is quicker.
#[derive(Default)]
struct Gathered {
    list: Vec<u32>,
    bits: Vec<u8>,
}

impl Gathered {
    fn add(&mut self, index: &InvertedIndexReader, info: &TermInfo) -> Result<()> {
        let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        let many = self.list.len() + info.doc_freq as usize > LISTED;
        while postings.doc() != TERMINATED {
            match many {
                true => self.set(postings.doc()),
                false => self.list.push(postings.doc()),
            }
            postings.advance();
        }
        Ok(())
    }

    fn set(&mut self, document: u32) {
        let byte = document as usize / 8;
        if byte >= self.bits.len() {
            self.bits.resize(byte + 1, 0);
        }
        if let Some(byte) = self.bits.get_mut(byte) {
            *byte |= 1 << (document % 8);
        }
    }

    fn into_bitmap(mut self) -> RoaringBitmap {
        self.list.sort_unstable();
        self.list.dedup();
        let listed = RoaringBitmap::from_sorted_iter(self.list).unwrap_or_default();
        if self.bits.is_empty() { listed } else { listed | RoaringBitmap::from_lsb0_bytes(0, &self.bits) }
    }
}
