//! The labels of one kind in a segment: which documents bear each, and which each document bears.
use std::borrow::Cow;

use roaring::RoaringBitmap;
use tantivy::columnar::StrColumn;

use crate::{
    error::Result,
    sets::{Builder, Sets},
};

/// What a look at one word of a bitmap costs, in parts of what it costs to look at one document.
const WORDS_PER_DOCUMENT: u64 = 4;

/// The labels of one kind.
pub(crate) struct LabelColumn {
    documents: u32,
    /// In their order.
    terms: Vec<String>,
    bearers: Vec<RoaringBitmap>,
    /// What it costs to intersect each label's bearers with something, in documents that are looked at.
    cost: u64,
    sets: Sets,
}

impl LabelColumn {
    /// Loads a column; `counted` where documents are to be counted by it.
    pub(crate) fn load(column: Option<StrColumn>, documents: u32, counted: bool) -> Result<Self> {
        let mut loaded =
            Self { documents, terms: Vec::new(), bearers: Vec::new(), cost: 0, sets: Sets::none() };
        let Some(column) = column else { return Ok(loaded) };
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            loaded.terms.push(String::from_utf8_lossy(stream.key()).into_owned());
        }
        let mut bearers = vec![RoaringBitmap::new(); loaded.terms.len()];
        let (mut sets, mut labels) = (Builder::default(), Vec::new());
        for document in 0..documents {
            labels.clear();
            let ordinals = column.term_ords(document);
            labels.extend(ordinals.map(|ordinal| u32::try_from(ordinal).unwrap_or(u32::MAX)));
            for label in &labels {
                if let Some(bearers) = bearers.get_mut(*label as usize) {
                    bearers.insert(document);
                }
            }
            if counted {
                sets.push(&labels);
            }
        }
        // A clone takes no more than it needs.
        loaded.bearers = bearers.iter().map(RoaringBitmap::clone).collect();
        let words = u64::from(documents).div_ceil(64 * WORDS_PER_DOCUMENT);
        loaded.cost = loaded.bearers.iter().map(|bearers| bearers.len().min(words)).sum();
        loaded.sets = sets.build();
        Ok(loaded)
    }

    /// Every label with who bears it, in their order.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &RoaringBitmap)> {
        self.terms.iter().map(String::as_str).zip(&self.bearers)
    }

    /// Who bears a label; none where nobody does.
    pub(crate) fn bearers(&self, label: &str) -> Option<&RoaringBitmap> {
        let index = self.terms.binary_search_by(|term| term.as_str().cmp(label)).ok()?;
        self.bearers.get(index)
    }

    /// Who bears any of these.
    pub(crate) fn any(&self, labels: &[String]) -> Cow<'_, RoaringBitmap> {
        let mut all: Option<Cow<'_, RoaringBitmap>> = None;
        for bearers in labels.iter().filter_map(|label| self.bearers(label)) {
            all = Some(match all {
                None => Cow::Borrowed(bearers),
                Some(all) => Cow::Owned(all.as_ref() | bearers),
            });
        }
        all.unwrap_or_default()
    }

    /// Who bears all of these.
    pub(crate) fn all(&self, labels: &[String]) -> Cow<'_, RoaringBitmap> {
        let mut all: Option<Cow<'_, RoaringBitmap>> = None;
        for label in labels {
            let Some(bearers) = self.bearers(label) else { return Cow::default() };
            all = Some(match all {
                None => Cow::Borrowed(bearers),
                Some(all) => Cow::Owned(all.as_ref() & bearers),
            });
        }
        all.unwrap_or_default()
    }

    /// How many of these documents bear each label, of those that occur, in the order of the labels.
    pub(crate) fn count(&self, of: &RoaringBitmap) -> Vec<(&str, u64)> {
        let left = u64::from(self.documents).saturating_sub(of.len());
        let least = of.len().min(left);
        let counts: Vec<u64> = if self.sets.cost(least) > self.cost {
            self.bearers.iter().map(|bearers| bearers.intersection_len(of)).collect()
        } else if of.len() <= left {
            self.sets.count(of, self.terms.len()).into_iter().map(u64::from).collect()
        } else {
            // Quicker to see what is missing.
            let mut others = RoaringBitmap::new();
            others.insert_range(0..self.documents);
            others -= of;
            let others = self.sets.count(&others, self.terms.len());
            self.bearers.iter().zip(others).map(|(bearers, other)| bearers.len() - u64::from(other)).collect()
        };
        let terms = self.terms.iter().map(String::as_str);
        terms.zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}
