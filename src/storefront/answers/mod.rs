//! Answers to strangers, kept in memory as they went over the wire, for as long as the catalog is what it was.
mod asked;
mod encoding;
mod front;
mod kept;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

pub use front::Front;

use crate::config;
use asked::Asked;
use kept::Kept;

/// Answers to strangers; clones are the same. An answer is given again only while the generation in which it was made
/// lasts: every change of the catalog begins another, one of this copy's own before its writer hears of it.
#[derive(Clone)]
pub struct Answers(Arc<Parts>);

struct Parts {
    kept: Cache<Asked, Arc<Kept>>,
    generation: AtomicU64,
}

impl Answers {
    /// None yet, and in all no more than the settings let.
    pub fn new(settings: &config::Storefront) -> Self {
        let kept = Cache::builder()
            .max_capacity(settings.cache_bytes)
            .weigher(|asked: &Asked, kept: &Arc<Kept>| asked.weight().saturating_add(kept.weight()))
            .build();
        Self(Arc::new(Parts { kept, generation: AtomicU64::new(0) }))
    }

    /// Ends every answer that was made before.
    pub fn begin_generation(&self) {
        self.0.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Which state of the catalog is read from now on. Asked before reading: what is read then is at least as new.
    pub(super) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// The answer that still holds.
    fn get(&self, asked: &Asked, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        let generation = self.generation();
        self.0.kept.get(asked).filter(|kept| kept.generation == generation && now < kept.until)
    }

    fn keep(&self, asked: Asked, kept: Arc<Kept>) {
        if kept.generation == self.generation() {
            self.0.kept.insert(asked, kept);
        }
    }

    /// Sets the gauges of what is kept.
    pub fn measure(&self) {
        metrics::gauge!("mist_answers_kept_bytes").set(self.0.kept.weighted_size() as f64);
        metrics::gauge!("mist_answers_generation").set(self.generation() as f64);
    }
}
