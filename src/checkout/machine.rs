//! The states of an order, and the one way from one to the next.
use chrono::{DateTime, Utc};
use entity::order::{self, Status};
use sea_orm::ConnectionTrait;

use super::queries;
use crate::{
    clock::Clock,
    error::{Error, Result},
};

/// Where an order may go from where it stands. It begins as pending.
pub(super) const fn next(from: Status) -> &'static [Status] {
    use Status::{Cancelled, Disputed, Expired, Failed, Paid, PartiallyRefunded, Pending, Refunded};
    match from {
        Pending => &[Paid, Failed, Cancelled, Expired],
        Paid => &[PartiallyRefunded, Refunded, Disputed],
        PartiallyRefunded => &[Refunded, Disputed],
        Disputed => &[Paid, PartiallyRefunded, Refunded],
        Refunded | Failed | Cancelled | Expired => &[],
    }
}

/// Whether money was captured for an order that stands there.
pub(super) const fn is_captured(status: Status) -> bool {
    matches!(status, Status::Paid | Status::PartiallyRefunded | Status::Refunded | Status::Disputed)
}

/// Moves an order on and writes its history; false when it no longer stands where the caller saw it.
pub(super) async fn advance(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    order: &order::Model,
    to: Status,
) -> Result<bool> {
    advance_at(tx, clock, order, to, clock.now()).await
}

/// The same at a moment that the caller tells others of.
pub(super) async fn advance_at(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    order: &order::Model,
    to: Status,
    now: DateTime<Utc>,
) -> Result<bool> {
    if !next(order.status).contains(&to) {
        return Err(Error::unexpected(format!("no order goes from {:?} to {to:?}", order.status)));
    }
    let moved = queries::move_order(tx, order.id, order.status, to, now).await?;
    if moved {
        queries::insert_transition(tx, clock.new_id(), order.id, Some(order.status), to, now).await?;
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_stays_closed_and_what_is_paid_is_never_unpaid() {
        for closed in [Status::Refunded, Status::Failed, Status::Cancelled, Status::Expired] {
            assert!(next(closed).is_empty());
        }
        for captured in [Status::Paid, Status::PartiallyRefunded, Status::Refunded, Status::Disputed] {
            assert!(is_captured(captured));
            assert!(next(captured).iter().all(|to| is_captured(*to)));
        }
    }
}
