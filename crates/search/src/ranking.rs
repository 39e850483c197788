//! The first documents of an order among those that fit, from behind a place.
use std::{cmp::Ordering, collections::BinaryHeap};

use roaring::RoaringBitmap;
use tantivy::DocId;
use uuid::Uuid;

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

/// What orders the documents of one segment as their keys do; none of what has no key.
type Rank = Option<(i64, i64)>;
/// What orders those of one rank, before their ids do.
type Tie = (i64, i64);

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
            None => {
                let ranked = fitting.iter().map(|document| (document, self.rank(document)));
                let after = self.after.map(|after| (self.rank_of(after), Tie::default(), after.id));
                let selected = self.selected(ranked, after, limit).into_iter();
                selected.map(|document| self.hit(document, self.key(document))).collect()
            }
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
            hits.extend(self.in_tier(tier, &(documents & fitting), left));
        }
        hits
    }

    /// Up to `limit` hits of documents that the words match equally well.
    pub(crate) fn in_tier(&self, tier: i64, documents: &RoaringBitmap, limit: usize) -> Vec<Hit> {
        let after = match self.after.map(|after| (after, &after.key)) {
            None => None,
            Some((after, Some(Key::Fit(last, popularity, average, count)))) => {
                match self.directed(tier.cmp(last)) {
                    Ordering::Less => return Vec::new(),
                    Ordering::Equal => Some((Some((*popularity, 0)), (*average, *count), after.id)),
                    Ordering::Greater => None,
                }
            }
            // No place of this order.
            Some(_) => return Vec::new(),
        };
        let popularity = |document| self.segment.columns.popularity(document);
        let ranked = documents.iter().map(|document| (document, Some((popularity(document), 0))));
        let selected = self.selected(ranked, after, limit).into_iter();
        let key = |document| {
            let (average, count) = self.tie(document);
            Some(Key::Fit(tier, popularity(document), average, count))
        };
        selected.map(|document| self.hit(document, key(document))).collect()
    }

    /// The first of documents in no order, from behind a place. What breaks ties, and ids, are looked at only where they
    /// decide.
    fn selected(
        &self,
        documents: impl Iterator<Item = (DocId, Rank)>,
        after: Option<(Rank, Tie, Uuid)>,
        limit: usize,
    ) -> Vec<DocId> {
        let mut worst_first: BinaryHeap<Candidate> = BinaryHeap::new();
        let id = |document| self.segment.columns.id(document);
        let sort = self.sort;
        for (document, rank) in documents {
            if let Some((last, tie, of)) = after {
                let order = compare_ranks(sort, rank, last)
                    .then_with(|| directed(sort, self.tie(document).cmp(&tie)))
                    .then_with(|| directed(sort, id(document).cmp(&of)));
                if order != Ordering::Greater {
                    continue;
                }
            }
            if worst_first.len() < limit {
                let (tie, id) = (self.tie(document), id(document));
                worst_first.push(Candidate { sort, rank, tie, id, document });
                continue;
            }
            let Some(mut worst) = worst_first.peek_mut() else { continue };
            let order = compare_ranks(sort, rank, worst.rank)
                .then_with(|| directed(sort, self.tie(document).cmp(&worst.tie)));
            if order == Ordering::Greater {
                continue;
            }
            let (tie, id) = (self.tie(document), id(document));
            let candidate = Candidate { sort, rank, tie, id, document };
            if candidate < *worst {
                *worst = candidate;
            }
        }
        worst_first.into_sorted_vec().into_iter().map(|candidate| candidate.document).collect()
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

    fn rank(&self, document: DocId) -> Rank {
        let columns = &self.segment.columns;
        let number = match self.sort.by {
            By::Title => i64::from(columns.titles.rank(document)) * 2,
            By::Rating => return Some(columns.rating(document)),
            By::Price => self.prices.amount(document)?,
            By::ReleaseDate => columns.release_date(document)?,
            By::CreatedAt => columns.created_at(document),
            By::PublishedAt => columns.published_at(document),
            By::Popularity | By::Relevance => columns.popularity(document),
        };
        Some((number, 0))
    }

    /// The stars of a document where words decide; nothing where what else decides says all but the id.
    fn tie(&self, document: DocId) -> Tie {
        match self.sort.by {
            By::Relevance => self.segment.columns.rating(document),
            _ => Tie::default(),
        }
    }

    /// Where a place would stand in this segment.
    fn rank_of(&self, place: &Place) -> Rank {
        let rank = |rank: usize| i64::try_from(rank).unwrap_or(i64::MAX) * 2;
        Some(match place.key.as_ref()? {
            Key::Number(number) => (*number, 0),
            Key::Pair(first, second) | Key::Fit(first, second, ..) => (*first, *second),
            Key::Text(title) => match self.segment.columns.titles.place(title) {
                Ok(there) => (rank(there), 0),
                // Between two titles.
                Err(next) => (rank(next) - 1, 0),
            },
        })
    }

    fn directed(&self, order: Ordering) -> Ordering {
        directed(self.sort, order)
    }

    fn hit(&self, document: DocId, key: Option<Key>) -> Hit {
        let id = self.segment.columns.id(document);
        Hit { id, place: Place { key, id } }
    }
}

struct Candidate {
    sort: Sort,
    rank: Rank,
    tie: Tie,
    id: Uuid,
    document: DocId,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_ranks(self.sort, self.rank, other.rank)
            .then_with(|| directed(self.sort, self.tie.cmp(&other.tie)))
            .then_with(|| directed(self.sort, self.id.cmp(&other.id)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

fn directed(sort: Sort, order: Ordering) -> Ordering {
    if sort.descending { order.reverse() } else { order }
}

fn compare_ranks(sort: Sort, left: Rank, right: Rank) -> Ordering {
    match (left, right) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (left, right) => directed(sort, left.cmp(&right)),
    }
}

/// Which of two places comes first; what has no key comes last in both directions.
pub(crate) fn compare(sort: Sort, left: &Place, right: &Place) -> Ordering {
    match (&left.key, &right.key) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (left_key, right_key) => directed(sort, left_key.cmp(right_key).then_with(|| left.id.cmp(&right.id))),
    }
}
