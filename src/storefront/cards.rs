//! What lists show of products, and what labels are called, kept in memory until the catalog changes: another list of the
//! same products asks the database nothing.
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use uuid::Uuid;

use crate::{
    app::App,
    catalog::{
        self, Market, ProductSummary,
        listing::{self, LabelKind, language_of},
    },
    config,
    error::Result,
    values::Locale,
    web::locale::Wanted,
};

/// Answers may take so many times the bytes of cards.
const ANSWERS_TO_CARDS: u64 = 2;
/// Orders of languages for which the names of labels are kept.
const LANGUAGES: u64 = 64;
/// Names of labels, by slug.
type Names = Arc<HashMap<String, String>>;

/// Whatever is kept. It is read after the index, which forgets here what it is about to show anew.
pub(super) struct Cards {
    cards: Cache<(Arc<str>, Uuid), Arc<Card>>,
    names: Cache<(LabelKind, String), Names>,
    /// How often something was forgotten: what was read before is not kept.
    changes: RwLock<u64>,
    boundary: RwLock<Option<Boundary>>,
}

/// A product in short, as readers of one market and language see it.
struct Card {
    summary: ProductSummary,
    language: Locale,
    /// When its price may be another by the clock alone.
    until: Option<DateTime<Utc>>,
}

/// When a sale begins or ends next, in the catalog of a generation of answers.
#[derive(Clone, Copy)]
struct Boundary {
    generation: u64,
    next: Option<DateTime<Utc>>,
}

impl Cards {
    /// None yet, and in all no more than the settings let.
    pub(super) fn new(settings: &config::Storefront) -> Self {
        let weight = |_: &_, card: &Arc<Card>| card.weight();
        let bytes = settings.cache_bytes / ANSWERS_TO_CARDS;
        Self {
            cards: Cache::builder().max_capacity(bytes).weigher(weight).build(),
            names: Cache::new(LANGUAGES),
            changes: RwLock::default(),
            boundary: RwLock::default(),
        }
    }

    /// Forgets products, before the index shows them anew.
    pub(super) fn forget(&self, products: &[Uuid]) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        *changes += 1;
        let gone: HashSet<Uuid> = products.iter().copied().collect();
        for (key, _) in &self.cards {
            if gone.contains(&key.1) {
                self.cards.invalidate(&*key);
            }
        }
    }

    /// Forgets what labels are called, before the index shows them anew.
    pub(super) fn forget_names(&self) {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        *changes += 1;
        self.names.invalidate_all();
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.forget_names();
        self.cards.invalidate_all();
    }

    fn changes(&self) -> u64 {
        *self.changes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps something that was read when so much had changed, unless more has since.
    fn keep(&self, read_at: u64, insert: impl FnOnce()) {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        if *changes == read_at {
            insert();
        }
    }
}

impl Card {
    /// Bytes, estimated.
    fn weight(&self) -> u32 {
        let summary = &self.summary;
        let words =
            |words: &[String]| words.iter().map(|word| word.len() + size_of::<String>()).sum::<usize>();
        let texts = summary.title.len() + summary.summary.len() + summary.slug.len();
        let makers = [&summary.publisher, &summary.developer, &summary.cover_url];
        let makers: usize = makers.into_iter().flatten().map(String::len).sum();
        let labels = words(&summary.tags) + words(&summary.categories);
        u32::try_from(size_of::<Self>() + texts + makers + labels).unwrap_or(u32::MAX)
    }
}

/// Published products of these ids in their order, as a reader sees them at a moment; and the language of the texts. What
/// is no longer there is left out. Asked after the index, so that it is at least as new.
pub(super) async fn shown(
    app: &App,
    ids: &[Uuid],
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(Vec<ProductSummary>, Locale)> {
    let cards = app.read_model.cards();
    let read_at = cards.changes();
    let languages = wanted.languages().join(",");
    let reader: Arc<str> = format!("{} {} {languages}", market.currency, market.country).into();
    let kept = |id: &Uuid| {
        let card = cards.cards.get(&(Arc::clone(&reader), *id))?;
        card.until.is_none_or(|until| now < until).then_some((*id, card))
    };
    let mut found: HashMap<Uuid, Arc<Card>> = ids.iter().filter_map(kept).collect();
    let missing: Vec<Uuid> = ids.iter().filter(|id| !found.contains_key(id)).copied().collect();
    if !missing.is_empty() {
        let until = next_boundary(app, now).await?;
        for (summary, language) in listing::shown(app, &missing, market, wanted, now).await? {
            let id = summary.id;
            let card = Arc::new(Card { summary, language, until });
            cards.keep(read_at, || cards.cards.insert((Arc::clone(&reader), id), Arc::clone(&card)));
            found.insert(id, card);
        }
    }
    // Each once, whatever is asked for twice.
    let shown: Vec<Arc<Card>> = ids.iter().filter_map(|id| found.remove(id)).collect();
    let texts = shown.iter().map(|card| card.language.clone()).collect();
    let language = language_of(texts, wanted, &app.config.store.locale);
    Ok((shown.into_iter().map(|card| card.summary.clone()).collect(), language))
}

/// What the labels of a kind are called for a reader, by slug. Asked after the index.
pub(super) async fn names(app: &App, kind: LabelKind, wanted: &Wanted) -> Result<Names> {
    let cards = app.read_model.cards();
    let read_at = cards.changes();
    let key = (kind, wanted.languages().join(","));
    if let Some(names) = cards.names.get(&key) {
        return Ok(names);
    }
    let names = Arc::new(listing::names(&app.db.read, kind, wanted, &app.config.store.locale).await?);
    cards.keep(read_at, || cards.names.insert(key, Arc::clone(&names)));
    Ok(names)
}

/// When any price may change by the clock alone.
pub(super) async fn next_boundary(app: &App, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let kept = &app.read_model.cards().boundary;
    let generation = app.answers.generation();
    let known = *kept.read().unwrap_or_else(PoisonError::into_inner);
    let holds = |known: &Boundary| known.generation == generation && known.next.is_none_or(|next| now < next);
    if let Some(known) = known.filter(holds) {
        return Ok(known.next);
    }
    let next = catalog::next_boundary(&app.db.read, now).await?;
    *kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Boundary { generation, next });
    Ok(next)
}
