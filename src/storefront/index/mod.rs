//! The read model of the public catalog: this copy's own index of what the tables say, which follows the event log.
mod document;
mod follow;
mod home;
mod question;
mod rebuild;
mod standing;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use search::{Index, Snapshot};
use tokio::time::timeout;
use uuid::Uuid;

pub(super) use document::{day, letters};
pub use follow::follow;
pub(super) use question::ask;
pub use rebuild::{open, rebuild};
pub use standing::{IndexStanding, ask_to_rebuild, indexes};

use super::{cards::Cards, pages::Pages};
use crate::{
    app::App,
    config::Config,
    db::Told,
    error::{Error, Result},
};
use home::Home;

/// How long a read waits at most for what this copy has written before it, which takes a few milliseconds unless the
/// disk or the processor is overloaded; then it shows what there is.
const SETTLE: Duration = Duration::from_secs(5);
/// The kinds of events after which the catalog reads differently, by how they begin.
const CHANGES: [&str; 6] = ["product.", "category.", "tag.", "build.", "sale.", "review."];

/// This copy's index of the public catalog; clones are the same.
#[derive(Clone)]
pub struct ReadModel(Arc<Parts>);

struct Parts {
    home: Home,
    index: RwLock<Option<Arc<Index>>>,
    /// What this copy has written and the index doesn't show yet.
    told: Mutex<Vec<Told>>,
    /// The last event of the log that the index shows.
    place: AtomicI64,
    /// What is shown of products beside the index.
    cards: Cards,
    /// What pages of products say.
    pages: Pages,
    /// Held by whoever follows the log.
    following: tokio::sync::Mutex<()>,
    /// Held by whoever changes the index; the events that it shows although their place is still to come.
    turn: tokio::sync::Mutex<HashSet<Uuid>>,
}

impl ReadModel {
    /// Takes a folder for it; there is no index yet.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self(Arc::new(Parts {
            home: Home::take(&config.folder("index"))?,
            index: RwLock::default(),
            told: Mutex::default(),
            place: AtomicI64::new(0),
            cards: Cards::new(&config.storefront),
            pages: Pages::new(&config.storefront),
            following: tokio::sync::Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })))
    }

    /// What is called after each of this copy's writes, with what it did. Says whether the catalog changed.
    pub fn after_write(&self, told: Vec<Told>) -> bool {
        let changes: Vec<Told> = told.into_iter().filter(|told| changes_catalog(&told.kind)).collect();
        let any = !changes.is_empty();
        self.told().extend(changes);
        any
    }

    /// Whether there is an index to answer from.
    pub fn is_ready(&self) -> bool {
        self.index().is_some()
    }

    /// The catalog as it is, with everything this copy has written; 503 before the first index is built.
    pub(super) async fn snapshot(&self, app: &App) -> Result<Arc<Snapshot>> {
        if !self.told().is_empty() {
            // On a task of its own: who hangs up leaves nothing half done.
            let settling = app.clone();
            match timeout(SETTLE, tokio::spawn(async move { follow::settle(&settling).await })).await {
                Ok(settled) => settled.map_err(Error::unexpected)??,
                Err(_) => {
                    tracing::warn!("a read did not wait for the index to show the last write");
                    // So that its answer is not kept.
                    app.answers.begin_generation();
                }
            }
        }
        let index =
            self.index().ok_or_else(|| Error::unavailable("the index of the catalog is being built"))?;
        Ok(index.snapshot())
    }

    /// Sets the gauges of the index; `newest` is the number of the newest event.
    pub fn measure(&self, newest: i64) {
        let documents = self.index().map_or(0, |index| index.snapshot().documents());
        metrics::gauge!("mist_index_documents").set(documents as f64);
        let place = self.place();
        metrics::gauge!("mist_index_place").set(place as f64);
        metrics::gauge!("mist_index_behind").set((newest - place).max(0) as f64);
    }

    /// What is shown of products beside the index.
    pub(super) fn cards(&self) -> &Cards {
        &self.0.cards
    }

    /// What pages of products say.
    pub(super) fn pages(&self) -> &Pages {
        &self.0.pages
    }

    fn index(&self) -> Option<Arc<Index>> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_index(&self, index: Arc<Index>, place: i64) {
        *self.0.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index);
        self.0.place.store(place, Ordering::Release);
    }

    fn place(&self) -> i64 {
        self.0.place.load(Ordering::Acquire)
    }

    fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn changes_catalog(kind: &str) -> bool {
    CHANGES.iter().any(|beginning| kind.starts_with(beginning))
}
