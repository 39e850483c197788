//! The folded titles of a segment, each once, in their order.
use tantivy::{
    DocId,
    columnar::{Column, StrColumn},
};

use crate::error::Result;

/// Titles, and which of them each document has.
pub(crate) struct Titles {
    text: String,
    /// Where each title begins, one more than there are titles.
    starts: Vec<u32>,
    /// By document: the place of its title among all.
    ranks: Option<Column<u64>>,
}

impl Titles {
    pub(crate) fn load(column: Option<StrColumn>) -> Result<Self> {
        let mut titles = Self { text: String::new(), starts: vec![0], ranks: None };
        let Some(column) = column else {
            titles.starts.push(0);
            return Ok(titles);
        };
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            titles.text.push_str(&String::from_utf8_lossy(stream.key()));
            titles.starts.push(u32::try_from(titles.text.len()).unwrap_or(u32::MAX));
        }
        titles.ranks = Some(column.ords().clone());
        titles.text.shrink_to_fit();
        titles.starts.shrink_to_fit();
        Ok(titles)
    }

    /// The place of a document's title among all.
    pub(crate) fn rank(&self, document: DocId) -> u32 {
        let rank = self.ranks.as_ref().and_then(|ranks| ranks.first(document));
        rank.and_then(|rank| u32::try_from(rank).ok()).unwrap_or_default()
    }

    /// A document's title.
    pub(crate) fn of(&self, document: DocId) -> &str {
        self.at(self.rank(document) as usize)
    }

    /// Where a title stands: at a place, or before what stands there.
    pub(crate) fn place(&self, title: &str) -> std::result::Result<usize, usize> {
        let (mut from, mut to) = (0, self.starts.len().saturating_sub(1));
        while from < to {
            let middle = from.midpoint(to);
            if self.at(middle) < title {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        let is_there = from + 1 < self.starts.len() && self.at(from) == title;
        if is_there { Ok(from) } else { Err(from) }
    }

    fn at(&self, rank: usize) -> &str {
        let bounds = self.starts.get(rank).zip(self.starts.get(rank + 1));
        bounds.and_then(|(from, to)| self.text.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}
