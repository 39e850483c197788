//! The documents of words: of one, of all that begin so, of all that are spelt much like one.
use roaring::RoaringBitmap;
use tantivy::{
    InvertedIndexReader, Term,
    postings::TermInfo,
    query::{DfaWrapper, FuzzyTermQuery},
    schema::{Field, IndexRecordOption},
};

use crate::error::Result;

/// Words of the index that the beginning of a word stands for at most.
const MOST_EXPANSIONS: usize = 4096;
/// Documents from which a list is made; above it, one bit for each of the segment.
const LISTED: usize = 4096;

/// The documents that every word finds.
pub(crate) fn each<T>(
    words: &[T],
    mut find: impl FnMut(&T) -> Result<RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let mut all: Option<RoaringBitmap> = None;
    for word in words {
        let found = find(word)?;
        let common = match all {
            None => found,
            Some(so_far) => so_far & found,
        };
        if common.is_empty() {
            return Ok(common);
        }
        all = Some(common);
    }
    Ok(all.unwrap_or_default())
}

/// The documents with a word.
pub(crate) fn exact(index: &InvertedIndexReader, field: Field, word: &str) -> Result<RoaringBitmap> {
    let mut documents = Gathered::default();
    if let Some(info) = index.get_term_info(&Term::from_field_text(field, word))? {
        documents.add(index, &info)?;
    }
    Ok(documents.into_bitmap())
}

/// The documents with a word that begins so.
pub(crate) fn beginning(index: &InvertedIndexReader, start: &str) -> Result<RoaringBitmap> {
    let mut documents = Gathered::default();
    let mut terms = index.terms().range().ge(start.as_bytes()).into_stream()?;
    let mut left = MOST_EXPANSIONS;
    while left > 0 && terms.advance() && terms.key().starts_with(start.as_bytes()) {
        documents.add(index, terms.value())?;
        left -= 1;
    }
    Ok(documents.into_bitmap())
}

/// Whether there is any word that begins so.
pub(crate) fn begins_any(index: &InvertedIndexReader, start: &str) -> Result<bool> {
    let mut terms = index.terms().range().ge(start.as_bytes()).into_stream()?;
    Ok(terms.advance() && terms.key().starts_with(start.as_bytes()))
}

/// What a word that is spelt otherwise looks like; made once for all segments.
pub(crate) struct Spelling(DfaWrapper);

impl Spelling {
    /// That of a word of which so many letters may be wrong; `begun` where only its beginning need be there.
    pub(crate) fn of(field: Field, word: &str, distance: u8, begun: bool) -> Result<Self> {
        let term = Term::from_field_text(field, word);
        let query = match begun {
            true => FuzzyTermQuery::new_prefix(term, distance, true),
            false => FuzzyTermQuery::new(term, distance, true),
        };
        Ok(Self(query.automaton()?))
    }

    /// The documents with a word that is spelt so.
    pub(crate) fn find(&self, index: &InvertedIndexReader) -> Result<RoaringBitmap> {
        let mut documents = Gathered::default();
        let mut terms = index.terms().search(&self.0).into_stream()?;
        let mut left = MOST_EXPANSIONS;
        while left > 0 && terms.advance() {
            documents.add(index, terms.value())?;
            left -= 1;
        }
        Ok(documents.into_bitmap())
    }
}

/// The documents of words, gathered in whichever form is quicker.
#[derive(Default)]
struct Gathered {
    list: Vec<u32>,
    bits: Vec<u8>,
}

impl Gathered {
    fn add(&mut self, index: &InvertedIndexReader, info: &TermInfo) -> Result<()> {
        let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        let many = self.list.len() + info.doc_freq as usize > LISTED;
        while postings.block_len() > 0 {
            match many {
                true => postings.docs().iter().for_each(|document| self.set(*document)),
                false => self.list.extend_from_slice(postings.docs()),
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
