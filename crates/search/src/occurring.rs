//! Labels by what they are called: which of them occur, and how often.
use std::collections::HashMap;

use roaring::RoaringBitmap;
use uuid::Uuid;

use crate::{segment::Segment, snapshot::Snapshot};

/// Labels that stand on their own, without a question about documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Tags.
    Tag,
    /// Categories; each counts what stands below it.
    Category,
    /// Publishers, folded.
    Publisher,
}

/// A label that some document bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurring {
    /// As documents bear it.
    pub label: String,
    /// How many do.
    pub documents: u64,
    /// One of them.
    pub bearer: Uuid,
}

impl Snapshot {
    /// The labels that fit, at most `limit` of them: those that most documents bear, then by label.
    pub fn occurring(&self, named: Named, limit: usize, fits: impl Fn(&str) -> bool) -> Vec<Occurring> {
        let mut found: HashMap<&str, Occurring> = HashMap::new();
        for segment in self.segments() {
            let column = match named {
                Named::Tag => &segment.columns.tag,
                Named::Category => &segment.columns.category,
                Named::Publisher => &segment.columns.publisher,
            };
            for (label, bearers) in column.labels().filter(|(label, _)| fits(label)) {
                let Some((documents, bearer)) = alive(segment, bearers) else { continue };
                let known = found.entry(label).or_insert_with(|| Occurring {
                    label: label.to_owned(),
                    documents: 0,
                    bearer,
                });
                known.documents += documents;
            }
        }
        let mut found: Vec<Occurring> = found.into_values().collect();
        found.sort_by(|left, right| {
            right.documents.cmp(&left.documents).then_with(|| left.label.cmp(&right.label))
        });
        found.truncate(limit);
        found
    }
}

/// How many of these documents are still there, and the first of them.
fn alive(segment: &Segment, bearers: &RoaringBitmap) -> Option<(u64, Uuid)> {
    let count = match &segment.alive {
        Some(alive) => bearers.intersection_len(alive),
        None => bearers.len(),
    };
    let there = |document: &u32| segment.alive.as_ref().is_none_or(|alive| alive.contains(*document));
    let first = bearers.iter().find(there)?;
    Some((count, segment.columns.id(first)))
}
