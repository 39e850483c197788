//! What a store that was restored keeps to itself: its outside was told it already, by the store that was backed up.
use crate::{accounts, app::App, checkout, error::Result, notifications, webhooks};

/// Why those jobs are dead.
const REASON: &str =
    "parked by mist restore: whoever it is for may have got it before the backup was restored";

/// What was parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Mails: dead jobs, until somebody retries them.
    pub mails: u64,
    /// Events for the topic: the same.
    pub published: u64,
    /// Deliveries of webhooks: failed, until somebody has them sent again.
    pub deliveries: u64,
}

/// The kinds of jobs from which somebody gets mail; each slice adds its own.
pub fn mailing() -> Vec<&'static str> {
    accounts::mailing().chain(checkout::MAILING).chain(notifications::MAILING).collect()
}

/// Parks every mail and webhook that waits, and those that follow from what no reader of the event log has seen yet.
pub async fn park(app: &App) -> Result<Parked> {
    super::follow_events(app).await?;
    let kinds = mailing();
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let mails = queue::park(tx, &kinds, now, REASON).await?;
            let published = queue::park(tx, &[webhooks::PUBLISH], now, REASON).await?;
            Ok(Parked { mails, published, deliveries: webhooks::park(tx, now).await? })
        })
        .await
}
