//! One log line when the database goes away and one when it is back, however many statements fail in between.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::DbErr;

/// Whether the database is away, as far as this runner knows.
#[derive(Debug, Default)]
pub(crate) struct Outage(AtomicBool);

impl Outage {
    /// A statement failed.
    pub(crate) fn seen(&self, error: &DbErr) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the job queue can't reach its database; it waits and tries again");
        }
    }

    /// A statement worked.
    pub(crate) fn over(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the job queue reaches its database again");
        }
    }
}
