//! What became of what a provider told, or of what looking there found; and how people are told who must look at it.
use entity::payment;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::{app::App, error::Result, events::Event};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done, now or before.
    Applied,
    /// It changes nothing.
    Ignored,
    /// Its money goes back: nothing waits for it.
    Returned,
    /// It is about no payment of this store, or about two.
    UnknownPayment,
    /// It is about play money where the store takes real, or the other way round.
    OtherMode,
    /// Its amount or currency is not what the order asks: it goes back.
    WrongAmount,
    /// More was given back at the provider than by the store.
    RefundedElsewhere,
    /// Money that was to go back could not be sent.
    RefundFailed,
    /// Money that no order waits for could not be sent back.
    ReturnFailed,
    /// The bank asks, or took, another amount than the order still holds.
    DisputedAmount,
    /// The bank asks money back of which some became store credit already.
    DisputedCredit,
    /// The store keeps that money: what was taken of the credit meanwhile is the buyer's again.
    DisputedCreditWon,
}

impl Outcome {
    const ALL: [Self; 12] = [
        Self::Applied,
        Self::Ignored,
        Self::Returned,
        Self::UnknownPayment,
        Self::OtherMode,
        Self::WrongAmount,
        Self::RefundedElsewhere,
        Self::RefundFailed,
        Self::ReturnFailed,
        Self::DisputedAmount,
        Self::DisputedCredit,
        Self::DisputedCreditWon,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Returned => "returned",
            Self::UnknownPayment => "unknown_payment",
            Self::OtherMode => "other_mode",
            Self::WrongAmount => "wrong_amount",
            Self::RefundedElsewhere => "refunded_elsewhere",
            Self::RefundFailed => "refund_failed",
            Self::ReturnFailed => "return_failed",
            Self::DisputedAmount => "disputed_amount",
            Self::DisputedCredit => "disputed_credit",
            Self::DisputedCreditWon => "disputed_credit_won",
        }
    }

    /// Whether people must look at it.
    pub(super) const fn is_flagged(self) -> bool {
        !matches!(self, Self::Applied | Self::Ignored | Self::Returned)
    }

    /// Tells people to look at it, if they must: with the payment that it is about, or else with what was told.
    pub(super) async fn flag(
        self,
        app: &App,
        tx: &impl ConnectionTrait,
        about: Option<&payment::Model>,
        told: Uuid,
    ) -> Result<()> {
        if !self.is_flagged() {
            return Ok(());
        }
        let mut event = Event::new("payment.flagged", about.map_or(told, |payment| payment.id));
        event = event.with("reason", self.as_str());
        if let Some(payment) = about {
            event = event.with("order_id", payment.order_id.to_string());
            queries::insert_flag(tx, app.clock.new_id(), payment, self.as_str(), app.clock.now()).await?;
        }
        Ok(event.record(tx, &app.clock).await?)
    }

    /// Counts it.
    pub(super) fn count(self) {
        self.counter().increment(1);
    }

    fn counter(self) -> metrics::Counter {
        metrics::counter!("mist_provider_events_total", "outcome" => self.as_str())
    }

    /// Counts what was found without an event, and logs it, if people must look at it.
    pub(super) fn note(self, payment: Uuid) {
        if self.is_flagged() {
            self.count();
            tracing::warn!(%payment, outcome = self.as_str(), "a payment needs a look");
        }
    }
}

/// Shows what is counted before the first of it: an alert sees what grows, and nothing grows that was not there.
pub fn measure() {
    for outcome in Outcome::ALL {
        outcome.counter().increment(0);
    }
    for name in ["mist_orders_placed_total", "mist_orders_paid_total"] {
        metrics::counter!(name).increment(0);
    }
}
