//! What somebody may have meant whose words are found nowhere.
use std::collections::BTreeMap;

use tantivy::{Term, query::FuzzyTermQuery};

use crate::{
    analysis::is_unspaced, error::Result, matching::typos_of, postings::begins_any, query::Words,
    segment::Segment,
};

/// Words of an index that are compared with one at most.
const MOST_CANDIDATES: usize = 512;

/// The same words, each that begins no word of any document in the nearest spelling that some title has; none where nothing
/// would change. What is written without spaces has no words that could be spelt otherwise.
pub(crate) fn meant(segments: &[Segment], words: &Words) -> Result<Option<Words>> {
    if words.text.chars().any(is_unspaced) {
        return Ok(None);
    }
    let mut meant = Vec::new();
    for word in &words.words {
        let nearest = if is_known(segments, word)? { None } else { nearest(segments, word)? };
        meant.push(nearest.unwrap_or_else(|| word.clone()));
    }
    Ok((meant != words.words).then(|| Words { text: meant.join(" "), words: meant }))
}

/// Whether some document has a word that begins so.
fn is_known(segments: &[Segment], word: &str) -> Result<bool> {
    for segment in segments {
        for field in [segment.fields.title, segment.fields.words] {
            if begins_any(&*segment.reader.inverted_index(field)?, word)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The word of the most titles among those that are spelt much like this one.
fn nearest(segments: &[Segment], word: &str) -> Result<Option<String>> {
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    for distance in 1..=typos_of(word).max(1) {
        for segment in segments {
            let field = segment.fields.title;
            let index = segment.reader.inverted_index(field)?;
            let query = FuzzyTermQuery::new(Term::from_field_text(field, word), distance, true);
            let automaton = query.automaton()?;
            let mut terms = index.terms().search(automaton).into_stream()?;
            let mut left = MOST_CANDIDATES;
            while left > 0 && terms.advance() {
                let term = String::from_utf8_lossy(terms.key()).into_owned();
                *known.entry(term).or_default() += u64::from(terms.value().doc_freq);
                left -= 1;
            }
        }
        if !known.is_empty() {
            let most = known.into_iter().max_by_key(|(_, documents)| *documents);
            return Ok(most.map(|(term, _)| term));
        }
    }
    Ok(None)
}
