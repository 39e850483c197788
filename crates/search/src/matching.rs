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
const TWO_TYPOS: usize = 8;
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

    /// Documents whose titles have words that are spelt much like these.
    pub(crate) fn misspelt(&self, segment: &Segment, matched: &mut Matched) -> Result<()> {
        let (fields, words) = (segment.fields, self.words.words.as_slice());
        let whole = segment.reader.inverted_index(fields.title_whole)?;
        let text = &self.words.text;
        if text.chars().count() >= ONE_TYPO {
            matched.add(35, like(&whole, fields.title_whole, text, 1, false)?);
        }
        if words.is_empty() {
            return Ok(());
        }
        let title = segment.reader.inverted_index(fields.title)?;
        for (tier, distance, begun) in [(30, 1, false), (28, 1, true), (25, 2, false), (22, 2, true)] {
            let close = |word: &String| {
                let typos = typos_of(word).min(distance);
                let mut documents = beginning(&title, word)?;
                if typos > 0 {
                    documents |= like(&title, fields.title, word, typos, begun)?;
                }
                Ok(documents)
            };
            matched.add(tier, each(words, close)?);
        }
        if text.chars().count() >= TWO_TYPOS {
            matched.add(20, like(&whole, fields.title_whole, text, 2, false)?);
        }
        Ok(())
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
    let mut documents = RoaringBitmap::new();
    if let Some(info) = index.get_term_info(&Term::from_field_text(field, word))? {
        collect(index, &info, &mut documents)?;
    }
    Ok(documents)
}

/// The documents with a word that begins so.
fn beginning(index: &InvertedIndexReader, start: &str) -> Result<RoaringBitmap> {
    let mut documents = RoaringBitmap::new();
    let mut terms = index.terms().range().ge(start.as_bytes()).into_stream()?;
    let mut left = MOST_EXPANSIONS;
    while left > 0 && terms.advance() && terms.key().starts_with(start.as_bytes()) {
        let info = terms.value().clone();
        collect(index, &info, &mut documents)?;
        left -= 1;
    }
    Ok(documents)
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
    let mut documents = RoaringBitmap::new();
    let automaton = query.automaton()?;
    let mut terms = index.terms().search(automaton).into_stream()?;
    let mut left = MOST_EXPANSIONS;
    while left > 0 && terms.advance() {
        let info = terms.value().clone();
        collect(index, &info, &mut documents)?;
        left -= 1;
    }
    Ok(documents)
}

fn collect(index: &InvertedIndexReader, info: &TermInfo, into: &mut RoaringBitmap) -> Result<()> {
    let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    let mut documents = Vec::with_capacity(info.doc_freq as usize);
    while postings.doc() != TERMINATED {
        documents.push(postings.doc());
        postings.advance();
    }
    // They come in their order.
    *into |= RoaringBitmap::from_sorted_iter(documents).unwrap_or_default();
    Ok(())
}
