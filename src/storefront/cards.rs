//! What lists show of products, and what labels are called, kept in memory until the catalog changes: another list of the
//! same products asks the database nothing.
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use uuid::Uuid;

use crate::{
    app::App,
    catalog::{
        self, Market, ProductSummary,
        listing::{self, Label, LabelKind, language_of},
    },
    config,
    error::Result,
    values::Locale,
    web::locale::Wanted,
};

/// Cards, and pages of products, may take this part of the bytes that answers may.
pub(super) const SHARE: u64 = 4;
/// Orders of languages for which the names of labels are kept.
const LANGUAGES: u64 = 64;
/// Labels by slug, as a reader sees them.
type Labels = Arc<BTreeMap<String, Label>>;

/// Products whose changes are remembered one by one; beyond them all cards are forgotten.
const MOST_CHANGED: usize = 10_000;

/// Whatever is kept. It is read after the index, which forgets here what it is about to show anew.
pub(super) struct Cards {
    cards: Cache<(Arc<str>, Uuid), Arc<Card>>,
    names: Cache<(LabelKind, String), (u64, Labels)>,
    changes: RwLock<Changes>,
    boundary: RwLock<Option<Boundary>>,
}

/// What was forgotten when, counted. What was read before is no longer shown.
#[derive(Default)]
struct Changes {
    count: u64,
    /// Everything.
    all: u64,
    /// What labels are called.
    names: u64,
    products: HashMap<Uuid, u64>,
}

/// A product in short, as readers of one market and language see it.
struct Card {
    /// After how many changes it was read.
    read_at: u64,
    summary: ProductSummary,
    language: Locale,
    /// When its price may be another by the clock alone.
    until: Option<DateTime<Utc>>,
}

/// When a sale begins or ends next, as it was looked up after so many changes, at a moment.
#[derive(Clone, Copy)]
struct Boundary {
    generation: u64,
    changes: u64,
    since: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
}

impl Cards {
    /// None yet, and in all no more than the settings let.
    pub(super) fn new(settings: &config::Storefront) -> Self {
        let weight = |(reader, _): &(Arc<str>, Uuid), card: &Arc<Card>| card.weight(reader);
        Self {
            cards: Cache::builder().max_capacity(settings.cache_bytes / SHARE).weigher(weight).build(),
            names: Cache::new(LANGUAGES),
            changes: RwLock::default(),
            boundary: RwLock::default(),
        }
    }

    /// Forgets products, before the index shows them anew.
    pub(super) fn forget(&self, products: &[Uuid]) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.count += 1;
        let count = changes.count;
        if changes.products.len() + products.len() > MOST_CHANGED {
            changes.products.clear();
            changes.all = count;
        } else {
            changes.products.extend(products.iter().map(|id| (*id, count)));
        }
    }

    /// Forgets what labels are called, before the index shows them anew.
    pub(super) fn forget_names(&self) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.count += 1;
        changes.names = changes.count;
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        changes.count += 1;
        *changes =
            Changes { count: changes.count, all: changes.count, names: changes.count, ..Changes::default() };
        self.cards.invalidate_all();
    }

    fn changes(&self) -> RwLockReadGuard<'_, Changes> {
        self.changes.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    fn shows(&self, id: Uuid, card: &Card) -> bool {
        card.read_at >= self.all.max(self.products.get(&id).copied().unwrap_or_default())
    }
}

impl Card {
    /// Bytes with those of its key, estimated.
    fn weight(&self, reader: &str) -> u32 {
        let summary = &self.summary;
        let words =
            |words: &[String]| words.iter().map(|word| word.len() + size_of::<String>()).sum::<usize>();
        let texts = summary.title.len() + summary.summary.len() + summary.slug.len();
        let makers = [&summary.publisher, &summary.developer, &summary.cover_url];
        let makers: usize = makers.into_iter().flatten().map(String::len).sum();
        let labels = words(&summary.tags) + words(&summary.categories);
        u32::try_from(size_of::<Self>() + reader.len() + texts + makers + labels).unwrap_or(u32::MAX)
    }
}

/// Whoever sees the same prices and texts.
pub(super) fn reader(market: &Market, wanted: &Wanted) -> Arc<str> {
    format!("{} {} {}", market.currency, market.country, wanted.languages().join(",")).into()
}

/// Published products of these ids, each named once, in their order, as a reader sees them at a moment; and the language of the texts. What
/// is no longer there is left out. Asked after the index, so that it is at least as new.
pub(super) async fn shown(
    app: &App,
    ids: &[Uuid],
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(Vec<ProductSummary>, Locale)> {
    let cards = app.read_model.cards();
    let reader = reader(market, wanted);
    let (read_at, mut found): (u64, Vec<Option<Arc<Card>>>) = {
        let changes = cards.changes();
        let kept = |id: &Uuid| {
            let card = cards.cards.get(&(Arc::clone(&reader), *id))?;
            let holds = changes.shows(*id, &card) && card.until.is_none_or(|until| now < until);
            holds.then_some(card)
        };
        (changes.count, ids.iter().map(kept).collect())
    };
    let missing = ids.iter().zip(&found).filter(|(_, card)| card.is_none());
    let missing: Vec<Uuid> = missing.map(|(id, _)| *id).collect();
    if !missing.is_empty() {
        let until = next_boundary(app, now).await?;
        let mut read = HashMap::new();
        for (summary, language) in listing::shown(app, &missing, market, wanted, now).await? {
            let id = summary.id;
            let card = Arc::new(Card { read_at, summary, language, until });
            cards.cards.insert((Arc::clone(&reader), id), Arc::clone(&card));
            read.insert(id, card);
        }
        for (id, card) in ids.iter().zip(&mut found) {
            *card = card.take().or_else(|| read.remove(id));
        }
    }
    let shown: Vec<Arc<Card>> = found.into_iter().flatten().collect();
    let texts = shown.iter().map(|card| card.language.clone()).collect();
    let language = language_of(texts, wanted, &app.config.store.locale);
    Ok((shown.into_iter().map(|card| card.summary.clone()).collect(), language))
}

/// The labels of a kind as a reader sees them, by slug. Asked after the index.
pub(super) async fn names(app: &App, kind: LabelKind, wanted: &Wanted) -> Result<Labels> {
    let cards = app.read_model.cards();
    let (read_at, changed) = {
        let changes = cards.changes();
        (changes.count, changes.names)
    };
    let key = (kind, wanted.languages().join(","));
    if let Some((_, names)) = cards.names.get(&key).filter(|(known_at, _)| *known_at >= changed) {
        return Ok(names);
    }
    let names = Arc::new(listing::labels(&app.db.read, kind, wanted, &app.config.store.locale).await?);
    cards.names.insert(key, (read_at, Arc::clone(&names)));
    Ok(names)
}

/// When any price may change by the clock alone.
pub(super) async fn next_boundary(app: &App, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let cards = app.read_model.cards();
    let (generation, changes) = (app.answers.generation(), cards.changes().count);
    let known = *cards.boundary.read().unwrap_or_else(PoisonError::into_inner);
    let holds = |known: &Boundary| {
        let is_new = known.generation == generation && known.changes == changes;
        is_new && known.since <= now && known.next.is_none_or(|next| now < next)
    };
    if let Some(known) = known.filter(holds) {
        return Ok(known.next);
    }
    let next = catalog::next_boundary(&app.db.read, now).await?;
    let found = Boundary { generation, changes, since: now, next };
    *cards.boundary.write().unwrap_or_else(PoisonError::into_inner) = Some(found);
    Ok(next)
}
