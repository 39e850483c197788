//! The documents of some ids, to be taken out: looked for in the columns of the ids. A dictionary of ids would be a fifth of
//! the index on disk, and a commit, which is all that needs them, spends a few milliseconds without.
use std::{collections::BTreeSet, sync::Arc};

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED,
    query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight},
};
use uuid::Uuid;

use crate::schema::IDS;

/// Ids above which every document is looked at, instead of looking for each of them.
const FEW: usize = 4;

/// Whatever has one of these ids.
#[derive(Clone, Debug)]
pub(crate) struct OfIds(Arc<BTreeSet<(u64, u64)>>);

impl OfIds {
    pub(crate) fn new(ids: impl Iterator<Item = Uuid>) -> Self {
        Self(Arc::new(ids.map(|id| id.as_u64_pair()).collect()))
    }

    fn documents(&self, reader: &SegmentReader) -> tantivy::Result<Vec<DocId>> {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return Ok(Vec::new()) };
        let [high, low] = IDS;
        let (high, low) = (reader.fast_fields().u64(high)?, reader.fast_fields().u64(low)?);
        let mut candidates = Vec::new();
        let mut add = |range| {
            let mut some = Vec::new();
            high.get_docids_for_value_range(range, 0..reader.max_doc(), &mut some);
            candidates.append(&mut some);
        };
        if self.0.len() > FEW {
            add(first.0..=last.0);
        } else {
            self.0.iter().for_each(|(half, _)| add(*half..=*half));
        }
        let id = |document| high.first(document).zip(low.first(document));
        candidates.retain(|document| id(*document).is_some_and(|id| self.0.contains(&id)));
        candidates.sort_unstable();
        candidates.dedup();
        Ok(candidates)
    }
}

impl Query for OfIds {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for OfIds {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(Listed { documents: self.documents(reader)?, at: 0 }, boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("one of some ids", 1.0))
    }
}

/// Documents in a list, ascending.
struct Listed {
    documents: Vec<DocId>,
    at: usize,
}

impl DocSet for Listed {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.documents.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }
}
