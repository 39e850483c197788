//! The first documents of an order among those that fit, from behind a place.
use std::{cmp::Ordering, collections::BinaryHeap};

use roaring::RoaringBitmap;
use tantivy::DocId;

use crate::{
    matching::Matched,
    prices::PriceView,
    query::{By, Hit, Key, Place, Sort},
    segment::Segment,
};

/// Of how many documents one must fit for an order to be walked until enough are found.
const SPARSE: u64 = 64;

/// An order of a segment's documents.
pub(crate) struct Ranking<'a> {
    pub(crate) segment: &'a Segment,
    pub(crate) prices: &'a PriceView,
    pub(crate) matched: Option<&'a Matched>,
    pub(crate) sort: Sort,
    pub(crate) after: Option<&'a Place>,
}

impl Ranking<'_> {
    /// Up to `limit` hits.
    pub(crate) fn first(&self, fitting: &RoaringBitmap, limit: usize) -> Vec<Hit> {
        if self.sort.by == By::Relevance {
            return self.by_relevance(fitting, limit);
        }
        let order = match self.sort.by {
            By::Price => Some(&self.prices.order),
            by => self.segment.columns.order(by),
        };
        let dense = fitting.len().saturating_mul(SPARSE) >= u64::from(self.segment.columns.documents);
        match order.filter(|_| dense) {
            Some(order) => {
                let passed = |document| self.after.is_some_and(|after| !self.is_behind(document, after));
                let walk = order.walk(self.sort.descending, passed);
                walk.filter(|document| fitting.contains(*document))
                    .take(limit)
                    .map(|document| self.hit(document, self.key(document)))
                    .collect()
            }
            None => self.selected(fitting.iter().map(|document| (document, self.key(document))), limit),
        }
    }

    fn by_relevance(&self, fitting: &RoaringBitmap, limit: usize) -> Vec<Hit> {
        let Some(matched) = self.matched else { return Vec::new() };
        let tiers: Vec<(i64, &RoaringBitmap)> = match self.sort.descending {
            true => matched.tiers().collect(),
            false => matched.tiers().rev().collect(),
        };
        let mut hits = Vec::new();
        for (tier, documents) in tiers {
            let left = limit.saturating_sub(hits.len());
            if left == 0 {
                break;
            }
            let both = documents & fitting;
            let keyed = both
                .iter()
                .map(|document| (document, Some(Key::Pair(tier, self.segment.columns.popularity(document)))));
            hits.extend(self.selected(keyed, left));
        }
        hits
    }

    /// The first of documents in no order.
    fn selected(&self, documents: impl Iterator<Item = (DocId, Option<Key>)>, limit: usize) -> Vec<Hit> {
        let mut worst_first: BinaryHeap<Ranked> = BinaryHeap::with_capacity(limit.saturating_add(1));
        for (document, key) in documents {
            let hit = self.hit(document, key);
            if self.after.is_some_and(|after| compare(self.sort, &hit.place, after) != Ordering::Greater) {
                continue;
            }
            let ranked = Ranked { sort: self.sort, hit };
            if worst_first.len() < limit {
                worst_first.push(ranked);
            } else if worst_first.peek().is_some_and(|worst| ranked < *worst) {
                worst_first.pop();
                worst_first.push(ranked);
            }
        }
        worst_first.into_sorted_vec().into_iter().map(|ranked| ranked.hit).collect()
    }

    fn is_behind(&self, document: DocId, after: &Place) -> bool {
        let place = self.hit(document, self.key(document)).place;
        compare(self.sort, &place, after) == Ordering::Greater
    }

    fn key(&self, document: DocId) -> Option<Key> {
        match self.sort.by {
            By::Price => self.prices.amount(document).map(Key::Number),
            by => self.segment.columns.key(by, document),
        }
    }

    fn hit(&self, document: DocId, key: Option<Key>) -> Hit {
        let id = self.segment.columns.id(document);
        Hit { id, place: Place { key, id } }
    }
}

struct Ranked {
    sort: Sort,
    hit: Hit,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.sort, &self.hit.place, &other.hit.place)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

/// Which of two places comes first; what has no key comes last in both directions.
pub(crate) fn compare(sort: Sort, left: &Place, right: &Place) -> Ordering {
    let directed = |order: Ordering| if sort.descending { order.reverse() } else { order };
    match (&left.key, &right.key) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (left_key, right_key) => directed(left_key.cmp(right_key).then_with(|| left.id.cmp(&right.id))),
    }
}
