//! What the documents of a segment cost in a market at a time.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use roaring::RoaringBitmap;
use tantivy::{DocId, columnar::BytesColumn};

use crate::{
    document::{SaleWindow, reduced},
    error::Result,
    money,
    numbers::Numbers,
    order::Order,
    query::Market,
};

/// Markets whose prices are kept at once.
const MOST_MARKETS: usize = 8;

/// The base prices and the sales of a segment, as they are kept.
pub(crate) struct Prices {
    /// The lists of prices that occur, and which of them each document has.
    lists: Option<BytesColumn>,
    documents: u32,
    /// The lists of sales that occur.
    sales: Vec<Vec<SaleWindow>>,
    /// By document: those on which a sale runs, ran, or will run, with which list.
    on_sale: Vec<(DocId, u32)>,
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
    /// Minor units.
    amounts: Numbers,
    /// What has a price.
    pub(crate) priced: RoaringBitmap,
    /// Of that, on which a sale runs.
    pub(crate) on_sale: RoaringBitmap,
    /// By price, then id.
    pub(crate) order: Order,
}

impl PriceView {
    /// What a document costs, minor units.
    pub(crate) fn amount(&self, document: DocId) -> Option<i64> {
        self.amounts.get(document)
    }

    /// The amounts that these documents cost, with how many do; those of no price are left out.
    pub(crate) fn histogram(&self, of: &RoaringBitmap) -> Vec<(i64, u64)> {
        self.amounts.histogram(of)
    }
}

impl Prices {
    pub(crate) fn load(
        lists: Option<BytesColumn>,
        sales: Option<&BytesColumn>,
        documents: u32,
    ) -> Result<Self> {
        let mut loaded = Self {
            lists,
            documents,
            sales: Vec::new(),
            on_sale: Vec::new(),
            boundaries: Vec::new(),
            places: BTreeSet::new(),
            views: Mutex::default(),
        };
        if let Some(lists) = &loaded.lists {
            let mut stream = lists.dictionary().stream()?;
            while stream.advance() {
                loaded.places.extend(money::prices(stream.key()).map(|(place, _)| place));
            }
        }
        if let Some(column) = sales {
            let mut stream = column.dictionary().stream()?;
            while stream.advance() {
                let windows = money::sales(stream.key());
                loaded
                    .boundaries
                    .extend(windows.iter().flat_map(|window| [window.starts_at, window.ends_at]));
                loaded.sales.push(windows);
            }
            for document in 0..documents {
                if let Some(list) = column.ords().first(document) {
                    loaded.on_sale.push((document, u32::try_from(list).unwrap_or(u32::MAX)));
                }
            }
        }
        loaded.boundaries.sort_unstable();
        loaded.boundaries.dedup();
        loaded.boundaries.shrink_to_fit();
        loaded.on_sale.shrink_to_fit();
        Ok(loaded)
    }

    /// When a sale begins or ends next.
    pub(crate) fn next_boundary(&self, now: i64) -> Option<i64> {
        let next = self.boundaries.partition_point(|boundary| *boundary <= now);
        self.boundaries.get(next).copied()
    }

    /// What everything costs at a time; made at the first question of each market and after each boundary.
    pub(crate) fn view(&self, market: &Market, now: i64, by_id: &[DocId]) -> Result<Arc<PriceView>> {
        let place = self.places_of(market);
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let known = views.iter().position(|(of, view)| *of == place && view.from <= now && now < view.until);
        if let Some(index) = known {
            let found = views.remove(index);
            let view = Arc::clone(&found.1);
            views.insert(0, found);
            return Ok(view);
        }
        let view = Arc::new(self.make(place, now, by_id)?);
        views.retain(|(of, _)| *of != place);
        views.insert(0, (place, Arc::clone(&view)));
        views.truncate(MOST_MARKETS);
        Ok(view)
    }

    /// Where prices of a market stand. A country without any price of its own is everywhere, and a currency without any
    /// price is nowhere: whoever names markets at random makes no view for each.
    fn places_of(&self, market: &Market) -> (i64, i64) {
        let (own, everywhere) = money::places_of(market);
        let there = |place: i64| self.places.contains(&place).then_some(place);
        let everywhere = there(everywhere).unwrap_or_default();
        (there(own).unwrap_or(everywhere), everywhere)
    }

    fn make(&self, (own, everywhere): (i64, i64), now: i64, by_id: &[DocId]) -> Result<PriceView> {
        let mut amounts = self.base(own, everywhere)?;
        let mut on_sale = RoaringBitmap::new();
        for (document, list) in &self.on_sale {
            let windows = self.sales.get(*list as usize).map(Vec::as_slice).unwrap_or_default();
            let running = windows.iter().find(|window| window.runs_at(now));
            let amount = amounts.get_mut(*document as usize).and_then(Option::as_mut);
            if let (Some(window), Some(amount)) = (running, amount) {
                *amount = reduced(*amount, window.percent.into());
                on_sale.insert(*document);
            }
        }
        let at = self.boundaries.partition_point(|boundary| *boundary <= now);
        let from = at.checked_sub(1).and_then(|index| self.boundaries.get(index)).copied();
        let amounts = Numbers::of(amounts);
        let priced = (0..self.documents).filter(|document| amounts.key(*document).is_some());
        let priced = RoaringBitmap::from_sorted_iter(priced).unwrap_or_default();
        let order = Order::by(by_id, |document| amounts.key(document));
        Ok(PriceView {
            from: from.unwrap_or(i64::MIN),
            until: self.boundaries.get(at).copied().unwrap_or(i64::MAX),
            amounts,
            priced,
            on_sale,
            order,
        })
    }

    /// What each document costs without a sale.
    fn base(&self, own: i64, everywhere: i64) -> Result<Vec<Option<i64>>> {
        let Some(lists) = &self.lists else { return Ok(vec![None; self.documents as usize]) };
        let mut of_lists = Vec::with_capacity(lists.num_terms());
        let mut stream = lists.dictionary().stream()?;
        while stream.advance() {
            let at = |wanted| money::prices(stream.key()).find(|(place, _)| *place == wanted);
            of_lists.push(at(own).or_else(|| at(everywhere)).map(|(_, amount)| amount));
        }
        let amount = |list: u64| of_lists.get(usize::try_from(list).ok()?).copied().flatten();
        let ordinals = lists.ords();
        Ok((0..self.documents).map(|document| ordinals.first(document).and_then(amount)).collect())
    }
}
