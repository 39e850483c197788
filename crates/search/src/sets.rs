//! Which labels of a kind each document of a segment bears. Those that bear the same share one set of them.
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use roaring::RoaringBitmap;
#[cfg(test)]
use tantivy::DocId;

use crate::numbers::{Ranks, narrowed};

/// Sets of labels, by document.
pub(crate) struct Sets {
    /// By document: its set.
    of: Ranks,
    labels: Lists,
}

impl Sets {
    pub(crate) fn none() -> Self {
        Self { of: Ranks::of(std::iter::empty(), 0), labels: Lists::default() }
    }

    /// How many different ones there are.
    fn len(&self) -> usize {
        self.labels.starts.len()
    }

    /// How often each of so many labels is borne by these documents.
    pub(crate) fn count(&self, of: &RoaringBitmap, labels: usize) -> Vec<u32> {
        let mut counts = vec![0_u32; labels];
        let add = |counts: &mut Vec<u32>, set: u32, times: u32| {
            for label in self.labels.get(set) {
                if let Some(count) = counts.get_mut(*label as usize) {
                    *count += times;
                }
            }
        };
        if self.len() as u64 > of.len() {
            self.of.each(of, |set| add(&mut counts, set, 1));
            return counts;
        }
        let mut times = vec![0_u32; self.len()];
        self.of.each(of, |set| {
            if let Some(times) = times.get_mut(set as usize) {
                *times += 1;
            }
        });
        for (set, times) in (0..).zip(times).filter(|(_, times)| *times > 0) {
            add(&mut counts, set, times);
        }
        counts
    }

    /// How much it costs to count so many documents, in steps of one.
    pub(crate) fn cost(&self, documents: u64) -> u64 {
        let sets = self.len() as u64;
        let labels = self.labels.all.len() as u64 / sets.max(1) + 1;
        if sets > documents { documents * (1 + labels) } else { documents + sets * labels }
    }
}

/// Lists of labels, one after another.
#[derive(Default)]
struct Lists {
    starts: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    fn get(&self, number: u32) -> &[u32] {
        let index = number as usize;
        let Some(from) = self.starts.get(index) else { return &[] };
        let to = self.starts.get(index + 1).map_or(self.all.len(), |to| *to as usize);
        self.all.get(*from as usize..to).unwrap_or_default()
    }

    fn add(&mut self, labels: &[u32]) -> u32 {
        self.starts.push(narrowed(self.all.len()));
        self.all.extend_from_slice(labels);
        narrowed(self.starts.len() - 1)
    }
}

/// Finds for each document the set that it shares.
#[derive(Default)]
pub(crate) struct Builder {
    of: Vec<u32>,
    labels: Lists,
    known: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Builder {
    /// Adds the labels of the next document, in their order.
    pub(crate) fn push(&mut self, labels: &[u32]) {
        let hash = self.hasher.hash_one(labels);
        let known = self.known.get(&hash).copied().filter(|set| self.labels.get(*set) == labels);
        let set = known.unwrap_or_else(|| {
            let set = self.labels.add(labels);
            self.known.insert(hash, set);
            set
        });
        self.of.push(set);
    }

    pub(crate) fn build(self) -> Sets {
        let Self { of, mut labels, .. } = self;
        labels.starts.shrink_to_fit();
        labels.all.shrink_to_fit();
        let greatest = labels.starts.len().saturating_sub(1);
        Sets { of: Ranks::of(of.into_iter(), greatest), labels }
    }
}

/// Which document bears what, for tests of whoever counts.
#[cfg(test)]
impl Sets {
    pub(crate) fn of(&self, document: DocId) -> &[u32] {
        self.of.get(document).map_or(&[], |set| self.labels.get(set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_share_what_is_the_same_and_are_counted_either_way() {
        let labels = |document: u32| [document % 3, 3 + document % 2];
        let mut builder = Builder::default();
        (0..600).for_each(|document| builder.push(&labels(document)));
        let sets = builder.build();
        assert_eq!(sets.len(), 6);
        assert_eq!(sets.of(7), [1, 4]);
        for of in [RoaringBitmap::from_iter([1, 2, 5]), RoaringBitmap::from_iter(100..600)] {
            let mut expected = vec![0; 5];
            for document in &of {
                labels(document).iter().for_each(|label| expected[*label as usize] += 1);
            }
            assert_eq!(sets.count(&of, 5), expected);
        }
    }
}
