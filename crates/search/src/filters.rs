//! Which documents of a segment fit, with every filter or without a facet's own.
use std::borrow::Cow;

use roaring::RoaringBitmap;

use crate::{
    prices::PriceView,
    query::{Facet, Filters, Machine},
    schema::OF_PLATFORM,
    segment::{Columns, Segment},
    spans::{self, Span},
};

/// What a look at one candidate costs, in documents of a span that are put into a bitmap.
const EACH: u64 = 4;

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
    parts: Vec<(Part, Cow<'a, RoaringBitmap>)>,
    spans: Vec<Span<'a>>,
    all: Cow<'a, RoaringBitmap>,
}

impl<'a> Fitting<'a> {
    /// Applies filters, and what the words matched, to a segment.
    pub(crate) fn of(
        segment: &'a Segment,
        filters: &'a Filters,
        prices: &'a PriceView,
        matched: Option<&'a RoaringBitmap>,
    ) -> Self {
        let mut parts = labelled(&segment.columns, filters);
        if let Some(matched) = matched {
            parts.push((Part::Other, Cow::Borrowed(matched)));
        }
        match filters.on_sale {
            Some(true) => parts.push((Part::Other, Cow::Borrowed(&prices.on_sale))),
            Some(false) => parts.push((Part::Other, Cow::Owned(&prices.priced - &prices.on_sale))),
            None => {}
        }
        if let Some(alive) = &segment.alive {
            parts.push((Part::Other, Cow::Borrowed(alive)));
        }
        // The fewest first: what is and-ed afterwards only shrinks.
        parts.sort_by_key(|(_, fits)| fits.len());
        let mut spans = spans::of(&segment.columns, prices, filters);
        spans.sort_by_key(Span::len);
        let mut fitting = Self { segment, parts, spans, all: Cow::Borrowed(segment.all()) };
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
        let filtered = self.parts.iter().any(|(part, _)| *part == own)
            || (own == Part::Price && self.spans.iter().any(Span::is_of_prices));
        if filtered { self.combined(Some(own)) } else { Cow::Borrowed(&self.all) }
    }

    fn combined(&self, left_out: Option<Part>) -> Cow<'a, RoaringBitmap> {
        let kept = self.parts.iter().filter(|(part, _)| Some(*part) != left_out);
        let mut all: Option<Cow<'a, RoaringBitmap>> = None;
        for (_, fits) in kept {
            all = Some(match all {
                None => fits.clone(),
                Some(Cow::Borrowed(all)) => Cow::Owned(all & fits.as_ref()),
                Some(Cow::Owned(all)) => Cow::Owned(all & fits.as_ref()),
            });
        }
        let left_out = |span: &&Span<'_>| !(span.is_of_prices() && left_out == Some(Part::Price));
        for span in self.spans.iter().filter(left_out) {
            all = Some(Cow::Owned(match all {
                None => span.bits().clone(),
                Some(all) if all.len() * EACH < span.cost() => {
                    let fits = all.iter().filter(|document| span.fits(*document));
                    RoaringBitmap::from_sorted_iter(fits).unwrap_or_default()
                }
                Some(all) => all.as_ref() & span.bits(),
            }));
        }
        all.unwrap_or(Cow::Borrowed(self.segment.all()))
    }
}

fn labelled<'a>(columns: &'a Columns, filters: &Filters) -> Vec<(Part, Cow<'a, RoaringBitmap>)> {
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
        parts.push((Part::Other, Cow::Owned(runs_on(columns, machine))));
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
