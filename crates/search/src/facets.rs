//! How many documents bear each label, or cost so much.
use std::collections::BTreeMap;

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
    labels: BTreeMap<String, u64>,
    buckets: Vec<u64>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(facet: &'a Facet) -> Self {
        let buckets = if let Facet::Price(bounds) = facet { vec![0; bounds.len()] } else { Vec::new() };
        Self { facet, labels: BTreeMap::new(), buckets }
    }

    /// Counts what fits in a segment, were the facet's own filter off.
    pub(crate) fn add(&mut self, segment: &Segment, fitting: &Fitting<'_>, prices: &PriceView) {
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
        let mut add = |label: &str, count| match self.labels.get_mut(label) {
            Some(total) => *total += count,
            None => {
                self.labels.insert(label.to_owned(), count);
            }
        };
        if of.len() == u64::from(columns.documents) {
            column.count_all(&mut add);
        } else {
            column.count(&of, &mut add);
        }
    }

    pub(crate) fn counts(self) -> Counts {
        let Facet::Price(bounds) = self.facet else {
            return Counts::Labels(self.labels.into_iter().collect());
        };
        let above = bounds.iter().skip(1).copied().map(Some).chain([None]);
        let buckets = bounds.iter().zip(above).zip(self.buckets);
        Counts::Buckets(buckets.map(|((from, to), count)| Bucket { from: *from, to, count }).collect())
    }
}

fn count_prices(counts: &mut [u64], bounds: &[i64], of: &RoaringBitmap, prices: &PriceView) {
    for amount in of.iter().filter_map(|document| prices.amount(document)) {
        let at = bounds.partition_point(|bound| *bound <= amount);
        if let Some(count) = at.checked_sub(1).and_then(|index| counts.get_mut(index)) {
            *count += 1;
        }
    }
}
