//! How many documents bear each label, or cost so much.
use std::{cmp::Ordering, iter};

use roaring::RoaringBitmap;

use crate::{
    filters::Fitting,
    prices::PriceView,
    query::{Bucket, Counts, Facet},
    segment::Segment,
};

/// The counts of a facet over all segments.
pub(crate) struct Tally<'a> {
    facet: &'a Facet,
    /// In the order of the labels.
    labels: Vec<(&'a str, u64)>,
    buckets: Vec<u64>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(facet: &'a Facet) -> Self {
        let buckets = if let Facet::Price(bounds) = facet { vec![0; bounds.len()] } else { Vec::new() };
        Self { facet, labels: Vec::new(), buckets }
    }

    /// Counts what fits in a segment, were the facet's own filter off.
    pub(crate) fn add(&mut self, segment: &'a Segment, fitting: &Fitting<'_>, prices: &PriceView) {
        let of = fitting.without(self.facet);
        let columns = &segment.columns;
        let column = match self.facet {
            Facet::Kind => &columns.kind,
            Facet::Tag => &columns.tag,
            Facet::Category => &columns.category,
            Facet::Platform => &columns.platform,
            Facet::Language => &columns.language,
            Facet::Price(bounds) => return count_prices(&mut self.buckets, bounds, &of, prices),
        };
        self.labels = sum(&self.labels, &column.count(&of));
    }

    pub(crate) fn counts(self) -> Counts {
        let Facet::Price(bounds) = self.facet else {
            let labels = self.labels.into_iter();
            return Counts::Labels(labels.map(|(label, count)| (label.to_owned(), count)).collect());
        };
        let above = bounds.iter().skip(1).copied().map(Some).chain([None]);
        let buckets = bounds.iter().zip(above).zip(self.buckets);
        Counts::Buckets(buckets.map(|((from, to), count)| Bucket { from: *from, to, count }).collect())
    }
}

/// The counts of two lists together, each in the order of its labels.
fn sum<'a>(left: &[(&'a str, u64)], right: &[(&'a str, u64)]) -> Vec<(&'a str, u64)> {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    iter::from_fn(|| {
        let order = match (left.peek(), right.peek()) {
            (Some((one, _)), Some((other, _))) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => left.next(),
            Ordering::Greater => right.next(),
            Ordering::Equal => {
                left.next().zip(right.next()).map(|((label, one), (_, other))| (label, one + other))
            }
        }
    })
    .collect()
}

fn count_prices(counts: &mut [u64], bounds: &[i64], of: &RoaringBitmap, prices: &PriceView) {
    for (amount, times) in prices.histogram(of) {
        let at = bounds.partition_point(|bound| *bound <= amount);
        if let Some(count) = at.checked_sub(1).and_then(|index| counts.get_mut(index)) {
            *count += times;
        }
    }
}
