//! Filters by numbers: what costs, was released, or is rated between two bounds.
use roaring::RoaringBitmap;
use tantivy::DocId;

use crate::{
    prices::PriceView,
    query::{By, Filters},
    segment::Columns,
    stretch::Stretch,
};

/// A filter by a number.
pub(crate) struct Span<'a> {
    of: Of<'a>,
    stretch: Stretch<'a>,
}

/// Whose number is looked at, and the bounds.
enum Of<'a> {
    Prices(&'a PriceView, &'a Filters),
    Days(&'a Columns, &'a Filters),
    Stars(&'a Columns, f64),
}

/// The filters by numbers of a question.
pub(crate) fn of<'a>(columns: &'a Columns, prices: &'a PriceView, filters: &'a Filters) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    if filters.price_min.is_some() || filters.price_max.is_some() || filters.free.is_some() {
        spans.push(Span { of: Of::Prices(prices, filters), stretch: priced(prices, filters) });
    }
    let dated = filters.released_after.is_some() || filters.released_before.is_some();
    if let Some(order) = dated.then(|| columns.order(By::ReleaseDate)).flatten() {
        let (first, last) = days(filters);
        let day = |document| columns.release_date(document).unwrap_or_default();
        let stretch =
            Stretch::between(order, |document| day(document) < first, |document| day(document) > last);
        spans.push(Span { of: Of::Days(columns, filters), stretch });
    }
    let rated = filters.rating_min.and_then(|least| Some((least, columns.order(By::Rating)?)));
    if let Some((least, order)) = rated {
        let stretch = Stretch::between(order, |document| !has_stars(columns, document, least), |_| false);
        spans.push(Span { of: Of::Stars(columns, least), stretch });
    }
    spans
}

impl Span<'_> {
    pub(crate) fn is_of_prices(&self) -> bool {
        matches!(self.of, Of::Prices(..))
    }

    /// How many fit.
    pub(crate) fn len(&self) -> usize {
        self.stretch.len()
    }

    /// How many documents must be looked at for the bitmap.
    pub(crate) fn cost(&self) -> u64 {
        self.stretch.cost()
    }

    /// Who fits.
    pub(crate) fn bits(&self) -> &RoaringBitmap {
        self.stretch.bits()
    }

    /// Whether a document fits.
    pub(crate) fn fits(&self, document: DocId) -> bool {
        match self.of {
            Of::Prices(prices, filters) => prices.amount(document).is_some_and(|amount| {
                let (least, most) = amounts(filters);
                let free = filters.free.is_none_or(|free| free == (amount == 0));
                least <= amount && amount <= most && free
            }),
            Of::Days(columns, filters) => columns.release_date(document).is_some_and(|day| {
                let (first, last) = days(filters);
                first <= day && day <= last
            }),
            Of::Stars(columns, least) => has_stars(columns, document, least),
        }
    }
}

fn priced<'a>(prices: &'a PriceView, filters: &Filters) -> Stretch<'a> {
    let between = |least, most| {
        let amount = |document| prices.amount(document).unwrap_or_default();
        Stretch::between(
            &prices.order,
            move |document| amount(document) < least,
            move |document| amount(document) > most,
        )
    };
    let (least, most) = amounts(filters);
    match filters.free {
        None => between(least, most),
        Some(true) => between(least.max(0), most.min(0)),
        Some(false) => between(least, most).except(&between(0, 0)),
    }
}

fn amounts(filters: &Filters) -> (i64, i64) {
    (filters.price_min.unwrap_or(i64::MIN), filters.price_max.unwrap_or(i64::MAX))
}

fn days(filters: &Filters) -> (i64, i64) {
    let bound = |day: Option<i32>, none| day.map_or(none, i64::from);
    (bound(filters.released_after, i64::MIN), bound(filters.released_before, i64::MAX))
}

fn has_stars(columns: &Columns, document: DocId, least: f64) -> bool {
    f64::from_bits(columns.rating(document).0.cast_unsigned()) >= least
}
