//! The labels of one kind in a segment: which documents bear each, and which each document bears.
use roaring::RoaringBitmap;
use tantivy::{DocId, columnar::StrColumn};

use crate::error::Result;

/// Documents up to which counting goes through each of them; above it, through each label.
const FEW: u64 = 150_000;

/// The labels of one kind.
pub(crate) struct LabelColumn {
    /// In their order.
    terms: Vec<String>,
    bearers: Vec<RoaringBitmap>,
    /// Where a document's labels begin, one more than there are documents.
    starts: Vec<u32>,
    ordinals: Vec<u32>,
}

impl LabelColumn {
    /// Loads a column; `listed` where documents are to be counted by it.
    pub(crate) fn load(column: Option<StrColumn>, documents: u32, listed: bool) -> Result<Self> {
        let mut loaded =
            Self { terms: Vec::new(), bearers: Vec::new(), starts: Vec::new(), ordinals: Vec::new() };
        let Some(column) = column else { return Ok(loaded) };
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            loaded.terms.push(String::from_utf8_lossy(stream.key()).into_owned());
        }
        loaded.bearers = vec![RoaringBitmap::new(); loaded.terms.len()];
        if listed {
            loaded.starts.reserve(documents as usize + 1);
            loaded.starts.push(0);
        }
        for document in 0..documents {
            for ordinal in column.term_ords(document) {
                let index = usize::try_from(ordinal).unwrap_or(usize::MAX);
                if let Some(bearers) = loaded.bearers.get_mut(index) {
                    bearers.insert(document);
                    if listed {
                        loaded.ordinals.push(u32::try_from(ordinal).unwrap_or(u32::MAX));
                    }
                }
            }
            if listed {
                loaded.starts.push(u32::try_from(loaded.ordinals.len()).unwrap_or(u32::MAX));
            }
        }
        loaded.ordinals.shrink_to_fit();
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
    pub(crate) fn any(&self, labels: &[String]) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for bearers in labels.iter().filter_map(|label| self.bearers(label)) {
            all |= bearers;
        }
        all
    }

    /// Who bears all of these.
    pub(crate) fn all(&self, labels: &[String]) -> RoaringBitmap {
        let mut all: Option<RoaringBitmap> = None;
        for label in labels {
            let Some(bearers) = self.bearers(label) else { return RoaringBitmap::new() };
            all = Some(all.map_or_else(|| bearers.clone(), |so_far| so_far & bearers));
        }
        all.unwrap_or_default()
    }

    /// How many documents bear each label, of those that occur.
    pub(crate) fn count_all<'a>(&'a self, add: &mut impl FnMut(&'a str, u64)) {
        for (term, bearers) in self.terms.iter().zip(&self.bearers) {
            add(term, bearers.len());
        }
    }

    /// How many of these documents bear each label, of those that occur.
    pub(crate) fn count<'a>(&'a self, of: &RoaringBitmap, add: &mut impl FnMut(&'a str, u64)) {
        if of.len() > FEW {
            for (term, bearers) in self.terms.iter().zip(&self.bearers) {
                let count = bearers.intersection_len(of);
                if count > 0 {
                    add(term, count);
                }
            }
            return;
        }
        let mut counts = vec![0_u32; self.terms.len()];
        for document in of {
            for ordinal in self.ordinals(document) {
                if let Some(count) = counts.get_mut(*ordinal as usize) {
                    *count += 1;
                }
            }
        }
        for (term, count) in self.terms.iter().zip(counts).filter(|(_, count)| *count > 0) {
            add(term, count.into());
        }
    }

    fn ordinals(&self, document: DocId) -> &[u32] {
        let index = document as usize;
        let bounds = self.starts.get(index).zip(self.starts.get(index + 1));
        bounds.and_then(|(from, to)| self.ordinals.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}
