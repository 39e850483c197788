//! What a dispute about an order asks for: the order itself, what was delivered of it, and who signed in near it.
use chrono::{DateTime, Duration, Utc};
use entity::audit_entry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    checkout::{self, OrderEvidence},
    delivery::{self, DownloadEvidence},
    error::Result,
};

/// Sign-ins so long before and after an order are near it.
const NEAR: Duration = Duration::days(7);
/// Sign-ins that are shown at most.
const MOST_SIGN_INS: u64 = 100;
/// What of the audit log tells that somebody signed in, or tried to.
const SIGN_INS: [&str; 3] = ["session.started", "session.new_device", "account.sign_in_failed"];

/// What a dispute about an order asks for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Evidence {
    #[serde(flatten)]
    order: OrderEvidence,
    /// Downloads of what the order sold, by its buyer or, of a gift, by whoever claimed it; from the first.
    downloads: Vec<DownloadEvidence>,
    /// Sign-ins of the buyer, tried ones too, in the week before the order and the week after it, from the first; 100 at
    /// most.
    sign_ins: Vec<SignIn>,
    /// UTC.
    made_at: DateTime<Utc>,
}

/// A sign-in, or an attempt at one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignIn {
    /// UTC.
    at: DateTime<Utc>,
    /// `session.started`, `session.new_device` or `account.sign_in_failed`.
    action: String,
    /// From where, while that is kept.
    #[schema(required)]
    ip: Option<String>,
}

/// What there is on an order; 404.
pub(super) async fn of(app: &App, order: Uuid) -> Result<Evidence> {
    let order = checkout::evidence(app, order).await?;
    let (account, at) = (order.account(), order.placed_at());
    let near = (at - NEAR, at + NEAR);
    let sign_in = |row: audit_entry::Model| SignIn { at: row.at, action: row.action, ip: row.ip };
    let sign_ins = queries::entries_near(&app.db.read, account, &SIGN_INS, near, MOST_SIGN_INS).await?;
    let downloads = match order.owner() {
        Some(owner) => delivery::evidence(app, owner, &order.products()).await?,
        None => Vec::new(),
    };
    Ok(Evidence {
        downloads,
        sign_ins: sign_ins.into_iter().map(sign_in).collect(),
        made_at: app.clock.now(),
        order,
    })
}
