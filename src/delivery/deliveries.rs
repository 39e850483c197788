//! Deliveries: what was really sent is noted beside the stream, never in its way.
//!
//! The bytes of responses are summed per account and file, over every grant since the last whole delivery, so that a
//! download that went on with a new link counts as one. Bytes that were sent twice are summed twice: a delivery may be
//! noted early, never late.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::download_grant::Model as Grant;
use http::StatusCode;
use sea_orm::DatabaseTransaction;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use super::{queries, stamping::Press};
use crate::{
    app::App,
    error::{Refusal, Result},
    library,
    places::{Place, Places},
};

/// Notes that are written at once; the next ones wait.
const SLOTS: usize = 4;

/// Seconds after which a place may be free.
const RETRY: u64 = 5;

const TOO_MANY_TRANSFERS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_transfers",
    "As many downloads of this account are running as may be; wait until one of them ends.",
)
.after(RETRY);

/// What is being sent, and the notes on it that are still to be written.
pub struct Deliveries {
    pending: TaskTracker,
    slots: Arc<Semaphore>,
    sending: Places,
    press: Press,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            pending: TaskTracker::new(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            sending: Places::default(),
            press: Press::default(),
        }
    }
}

impl Deliveries {
    /// While this is held, [`Self::settle`] waits.
    pub(super) fn hold(&self) -> TaskTrackerToken {
        self.pending.token()
    }

    /// What makes copies that say whose they are.
    pub(super) fn press(&self) -> &Press {
        &self.press
    }

    /// Waits until every response has ended and is noted.
    pub async fn settle(&self) {
        self.pending.close();
        self.pending.wait().await;
        self.pending.reopen();
    }
}

/// A response that sends a grant's file.
pub(super) struct Delivery {
    app: App,
    grant: Grant,
    size: u64,
    place: Place,
    token: TaskTrackerToken,
}

impl Delivery {
    /// 429 while the account's others take all of its places.
    pub(super) fn begin(app: &App, grant: Grant, size: u64) -> Result<Self> {
        let most = app.config.delivery.streams_per_account.get();
        let place = app.deliveries.sending.take(grant.account_id, most).ok_or(TOO_MANY_TRANSFERS)?;
        Ok(Self { app: app.clone(), grant, size, place, token: app.deliveries.pending.token() })
    }

    /// The response ended after that many bytes of the file.
    pub(super) fn end(self, sent: u64) {
        drop(self.place);
        // A file without bytes is delivered by any answer.
        if sent == 0 && self.size > 0 {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            tracing::warn!(grant = %self.grant.id, "a delivery could not be noted: the process is ending");
            return;
        };
        runtime.spawn(async move {
            let slots = Arc::clone(&self.app.deliveries.slots);
            let _slot = slots.acquire().await;
            if let Err(error) = note(&self.app, &self.grant, self.size, sent).await {
                tracing::warn!(%error, grant = %self.grant.id, sent, "a delivery could not be noted");
            }
            drop(self.token);
        });
    }
}

/// Notes that so many bytes of a grant's file of `size` bytes were sent.
pub(super) async fn note(app: &App, grant: &Grant, size: u64, sent: u64) -> Result<()> {
    let (size, sent) = (signed(size), signed(sent));
    app.db.write(async |tx| note_in(tx, grant, size, sent, app.clock.now()).await).await
}

/// The same inside the caller's transaction.
pub(super) async fn note_in(
    tx: &DatabaseTransaction,
    grant: &Grant,
    size: i64,
    sent: i64,
    at: DateTime<Utc>,
) -> Result<()> {
    // Two responses that end at once see each other's bytes.
    library::lock_owned(tx, grant.account_id, grant.product_id).await?;
    queries::add_bytes(tx, grant.id, sent, size).await?;
    let whole = queries::bytes_since_delivery(tx, grant).await? >= size;
    if whole && queries::deliver(tx, grant.id, at).await? {
        library::note_download(tx, grant.account_id, grant.product_id, at).await?;
    }
    Ok(())
}

/// Notes that a file is delivered by a link that leads past the store; false when it is no longer owned.
pub(super) async fn note_whole(app: &App, grant: &Grant, size: u64) -> Result<bool> {
    let size = signed(size);
    app.db
        .write(async |tx| {
            if !library::lock_owned(tx, grant.account_id, grant.product_id).await? {
                return Ok(false);
            }
            let now = app.clock.now();
            if app.config.delivery.count_by_logs {
                // Logs come hours later: for refunds the link itself must count.
                library::note_download(tx, grant.account_id, grant.product_id, now).await?;
                return Ok(true);
            }
            queries::add_bytes(tx, grant.id, size, size).await?;
            if queries::deliver(tx, grant.id, now).await? {
                library::note_download(tx, grant.account_id, grant.product_id, now).await?;
            }
            Ok(true)
        })
        .await
}

/// Sizes in the database are signed; no file comes near the end of them.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
