//! Which documents of a segment fit, with every filter or without a facet's own.
use std::borrow::Cow;

use roaring::RoaringBitmap;
use tantivy::DocId;

use crate::{
    prices::PriceView,
    query::{Facet, Filters, Machine},
    schema::OF_PLATFORM,
    segment::{Columns, Segment},
};

/// The platform of what runs on all of them.
const EVERY_PLATFORM: &str = "any";

/// A filter that a facet may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Kind,
    Tag,
    Category,
    Platform,
    Language,
    Price,
    /// No facet's own.
    Other,
}

impl Part {
    fn of(facet: &Facet) -> Self {
        match facet {
            Facet::Kind => Self::Kind,
            Facet::Tag => Self::Tag,
            Facet::Category => Self::Category,
            Facet::Platform => Self::Platform,
            Facet::Language => Self::Language,
            Facet::Price(_) => Self::Price,
        }
    }
}

/// The filters of a question, applied to a segment.
pub(crate) struct Fitting<'a> {
    segment: &'a Segment,
    filters: &'a Filters,
    prices: &'a PriceView,
    parts: Vec<(Part, RoaringBitmap)>,
    all: RoaringBitmap,
}

impl<'a> Fitting<'a> {
    /// Applies filters, and what the words matched, to a segment.
    pub(crate) fn of(
        segment: &'a Segment,
        filters: &'a Filters,
        prices: &'a PriceView,
        matched: Option<&RoaringBitmap>,
    ) -> Self {
        let mut parts = labelled(&segment.columns, filters);
        if let Some(matched) = matched {
            parts.push((Part::Other, matched.clone()));
        }
        if let Some(on_sale) = filters.on_sale {
            let running = prices.on_sale.clone();
            parts.push((Part::Other, if on_sale { running } else { segment.all() - running }));
        }
        let mut fitting = Self { segment, filters, prices, parts, all: RoaringBitmap::new() };
        fitting.all = fitting.combined(None);
        fitting
    }

    /// Those that fit.
    pub(crate) fn all(&self) -> &RoaringBitmap {
        &self.all
    }

    /// Those that fit if a facet's own filter were off.
    pub(crate) fn without(&self, facet: &Facet) -> Cow<'_, RoaringBitmap> {
        let own = Part::of(facet);
        let filtered = self.parts.iter().any(|(part, _)| *part == own);
        if filtered || (own == Part::Price && has_prices(self.filters)) {
            Cow::Owned(self.combined(Some(own)))
        } else {
            Cow::Borrowed(&self.all)
        }
    }

    fn combined(&self, left_out: Option<Part>) -> RoaringBitmap {
        let mut kept: Vec<&RoaringBitmap> =
            self.parts.iter().filter(|(part, _)| Some(*part) != left_out).map(|(_, fits)| fits).collect();
        kept.extend(self.segment.alive.as_deref());
        // The fewest first: what is and-ed afterwards only shrinks.
        kept.sort_unstable_by_key(|fits| fits.len());
        let mut kept = kept.into_iter();
        let mut all = kept.next().cloned().unwrap_or_else(|| self.segment.all());
        for fits in kept {
            all &= fits;
        }
        let dates = has_dates(self.filters);
        let prices = has_prices(self.filters) && left_out != Some(Part::Price);
        if !dates && !prices {
            return all;
        }
        let fits = |document: &DocId| {
            (!dates || dates_fit(&self.segment.columns, *document, self.filters))
                && (!prices || price_fits(self.prices.amount(*document), self.filters))
        };
        RoaringBitmap::from_sorted_iter(all.iter().filter(fits)).unwrap_or_default()
    }
}

fn labelled(columns: &Columns, filters: &Filters) -> Vec<(Part, RoaringBitmap)> {
    let mut parts = Vec::new();
    for (part, wanted, column) in [
        (Part::Kind, &filters.kinds, &columns.kind),
        (Part::Category, &filters.categories, &columns.category),
        (Part::Platform, &filters.platforms, &columns.platform),
        (Part::Language, &filters.languages, &columns.language),
        (Part::Other, &filters.publishers, &columns.publisher),
    ] {
        if !wanted.is_empty() {
            parts.push((part, column.any(wanted)));
        }
    }
    if let Some(machine) = &filters.machine {
        parts.push((Part::Other, runs_on(columns, machine)));
    }
    if !filters.tags.is_empty() {
        parts.push((Part::Tag, columns.tag.all(&filters.tags)));
    }
    parts
}

/// What runs on a machine: it is for one of its platforms, or for any, and is not known to need more memory there.
fn runs_on(columns: &Columns, machine: &Machine) -> RoaringBitmap {
    let asked = |platform: &str| {
        machine.platforms.is_empty()
            || platform == EVERY_PLATFORM
            || machine.platforms.iter().any(|one| one == platform)
    };
    let mut runs = RoaringBitmap::new();
    for (platform, bearers) in columns.platform.labels().filter(|(platform, _)| asked(platform)) {
        let mut fits = bearers.clone();
        for (need, needy) in columns.need.labels() {
            let Some((of, memory)) = need.split_once(OF_PLATFORM) else { continue };
            let memory: i64 = memory.parse().unwrap_or_default();
            if of == platform && machine.memory.is_some_and(|has| memory > has) {
                fits -= needy;
            }
        }
        runs |= fits;
    }
    runs
}

fn has_prices(filters: &Filters) -> bool {
    filters.price_min.is_some() || filters.price_max.is_some() || filters.free.is_some()
}

fn has_dates(filters: &Filters) -> bool {
    filters.released_after.is_some() || filters.released_before.is_some() || filters.rating_min.is_some()
}

fn price_fits(amount: Option<i64>, filters: &Filters) -> bool {
    amount.is_some_and(|amount| {
        filters.price_min.is_none_or(|least| amount >= least)
            && filters.price_max.is_none_or(|most| amount <= most)
            && filters.free.is_none_or(|free| free == (amount == 0))
    })
}

fn dates_fit(columns: &Columns, document: DocId, filters: &Filters) -> bool {
    let day = columns.release_date(document);
    let stars = |least: f64| f64::from_bits(columns.rating(document).0.cast_unsigned()) >= least;
    filters.released_after.is_none_or(|first| day.is_some_and(|day| day >= first))
        && filters.released_before.is_none_or(|last| day.is_some_and(|day| day <= last))
        && filters.rating_min.is_none_or(stars)
}
