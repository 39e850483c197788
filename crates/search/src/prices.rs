//! What the documents of a segment cost in a market at a time.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use roaring::RoaringBitmap;
use tantivy::{DocId, columnar::Column};

use crate::{
    document::{SaleWindow, reduced},
    order::Order,
    query::Market,
    schema::places_of,
};

/// Markets whose prices are kept at once.
const MOST_MARKETS: usize = 8;

/// The base prices and the sales of a segment, as they are kept.
pub(crate) struct Prices {
    prices: Column<i64>,
    documents: u32,
    /// By document: those on which a sale runs, ran, or will run.
    sales: Vec<(DocId, Vec<SaleWindow>)>,
    /// When any sale begins or ends, ascending.
    boundaries: Vec<i64>,
    /// Where any price holds: who asks for other markets is answered from one of these.
    places: BTreeSet<i64>,
    views: Mutex<Vec<PlacedView>>,
}

/// The places of a market's price and its fallback, and what everything costs there.
type PlacedView = ((i64, i64), Arc<PriceView>);

/// What everything costs in a market until a sale begins or ends.
pub(crate) struct PriceView {
    /// Inclusive.
    from: i64,
    /// Exclusive.
    until: i64,
    /// Minor units by document; [`Self::NONE`] where it has no price.
    amounts: Vec<i64>,
    /// On which a sale runs.
    pub(crate) on_sale: RoaringBitmap,
    /// By price, then id.
    pub(crate) order: Order,
}

impl PriceView {
    const NONE: i64 = i64::MIN;

    /// What a document costs, minor units.
    pub(crate) fn amount(&self, document: DocId) -> Option<i64> {
        self.amounts.get(document as usize).copied().filter(|amount| *amount != Self::NONE)
    }
}

impl Prices {
    pub(crate) fn load(prices: Column<i64>, sales: &Column<i64>, documents: u32) -> Self {
        let mut loaded = Self {
            prices,
            documents,
            sales: Vec::new(),
            boundaries: Vec::new(),
            places: BTreeSet::new(),
            views: Mutex::default(),
        };
        for document in 0..documents {
            let numbers: Vec<i64> = sales.values_for_doc(document).collect();
            let windows: Vec<SaleWindow> = numbers.chunks_exact(3).filter_map(window).collect();
            if !windows.is_empty() {
                for window in &windows {
                    loaded.boundaries.extend([window.starts_at, window.ends_at]);
                }
                loaded.sales.push((document, windows));
            }
        }
        for document in 0..documents {
            loaded.places.extend(loaded.prices.values_for_doc(document).step_by(2));
        }
        loaded.boundaries.sort_unstable();
        loaded.boundaries.dedup();
        loaded
    }

    /// When a sale begins or ends next.
    pub(crate) fn next_boundary(&self, now: i64) -> Option<i64> {
        let next = self.boundaries.partition_point(|boundary| *boundary <= now);
        self.boundaries.get(next).copied()
    }

    /// What everything costs at a time; made at the first question of each market and after each boundary.
    pub(crate) fn view(&self, market: &Market, now: i64, ids: &[u128]) -> Arc<PriceView> {
        let place = self.places_of(market);
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let known = views.iter().position(|(of, view)| *of == place && view.from <= now && now < view.until);
        if let Some(index) = known {
            let found = views.remove(index);
            let view = Arc::clone(&found.1);
            views.insert(0, found);
            return view;
        }
        let view = Arc::new(self.make(place, now, ids));
        views.retain(|(of, _)| *of != place);
        views.insert(0, (place, Arc::clone(&view)));
        views.truncate(MOST_MARKETS);
        view
    }

    /// Where prices of a market stand. A country without any price of its own is everywhere, and a currency without any
    /// price is nowhere: whoever names markets at random makes no view for each.
    fn places_of(&self, market: &Market) -> (i64, i64) {
        let (own, everywhere) = places_of(market);
        let there = |place: i64| self.places.contains(&place).then_some(place);
        let everywhere = there(everywhere).unwrap_or_default();
        (there(own).unwrap_or(everywhere), everywhere)
    }

    fn make(&self, (own, everywhere): (i64, i64), now: i64, ids: &[u128]) -> PriceView {
        let mut amounts = Vec::with_capacity(self.documents as usize);
        for document in 0..self.documents {
            let (mut found, mut place) = (PriceView::NONE, None);
            for number in self.prices.values_for_doc(document) {
                match place.take() {
                    None => place = Some(number),
                    Some(place) if place == own => {
                        found = number;
                        break;
                    }
                    Some(place) if place == everywhere => found = number,
                    Some(_) => {}
                }
            }
            amounts.push(found);
        }
        let mut on_sale = RoaringBitmap::new();
        for (document, windows) in &self.sales {
            let running = windows.iter().find(|window| window.runs_at(now));
            let amount = amounts.get_mut(*document as usize).filter(|amount| **amount != PriceView::NONE);
            if let (Some(window), Some(amount)) = (running, amount) {
                *amount = reduced(*amount, window.percent.into());
                on_sale.insert(*document);
            }
        }
        let at = self.boundaries.partition_point(|boundary| *boundary <= now);
        let from = at.checked_sub(1).and_then(|index| self.boundaries.get(index)).copied();
        let key = |document: DocId| {
            amounts.get(document as usize).copied().filter(|amount| *amount != PriceView::NONE)
        };
        let order = Order::by(self.documents, ids, key);
        PriceView {
            from: from.unwrap_or(i64::MIN),
            until: self.boundaries.get(at).copied().unwrap_or(i64::MAX),
            amounts,
            on_sale,
            order,
        }
    }
}

fn window(numbers: &[i64]) -> Option<SaleWindow> {
    let [percent, starts_at, ends_at] = *numbers else { return None };
    Some(SaleWindow { percent: u8::try_from(percent).ok()?, starts_at, ends_at })
}
