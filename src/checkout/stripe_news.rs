//! What of Stripe's events concerns an order: taken out of them, so that nothing of a person is kept.
use payments::{Event, Stripe};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// The money is there.
    Received,
    /// It will not come: the session is used up.
    Failed,
    /// The buyer may try again.
    Declined,
    /// Nobody can pay it any more.
    Expired,
    /// The payment intent was cancelled.
    Cancelled,
    /// The bank asks the money back.
    Disputed,
    /// The store keeps the money.
    DisputeWon,
    /// The bank took the money.
    DisputeLost,
    /// In all so much was given back.
    Refunded,
    /// Money that was to go back could not be sent.
    RefundFailed,
}

impl What {
    /// Whether it tells of what becomes of money after it was received.
    pub(super) const fn is_of_money_received(self) -> bool {
        matches!(self, Self::Disputed | Self::DisputeWon | Self::DisputeLost | Self::Refunded)
    }
}

/// What of an event concerns an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct News {
    pub(super) what: What,
    /// Whether it is about real money.
    pub(super) live: bool,
    /// The payment, as the store named it to Stripe.
    pub(super) payment: Option<Uuid>,
    /// The checkout session.
    pub(super) session: Option<String>,
    /// The payment intent.
    pub(super) intent: Option<String>,
    /// Minor units as ISO 4217 counts them.
    pub(super) amount: Option<i64>,
    /// ISO 4217, upper case.
    pub(super) currency: Option<String>,
    /// The dispute. What an older copy of the store kept names none.
    #[serde(default)]
    pub(super) dispute: Option<String>,
    /// The key under which the store asked for the refund, likewise.
    #[serde(default)]
    pub(super) refund: Option<String>,
}

/// What of an event concerns an order; none for what is of no interest.
pub(super) fn news(event: &Event) -> Option<News> {
    let object = event.object();
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let paid = text("payment_status").is_some_and(|status| status != "unpaid");
    let (what, amount) = match event.kind.as_str() {
        // One that is paid later tells so by an event of its own.
        "checkout.session.completed" if !paid => return None,
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            (What::Received, "amount_total")
        }
        "checkout.session.async_payment_failed" => (What::Failed, "amount_total"),
        "checkout.session.expired" => (What::Expired, "amount_total"),
        "payment_intent.succeeded" => (What::Received, "amount_received"),
        "payment_intent.payment_failed" => (What::Declined, "amount"),
        "payment_intent.canceled" => (What::Cancelled, "amount"),
        "charge.dispute.created" => (What::Disputed, "amount"),
        "charge.dispute.closed" if text("status") == Some("lost") => (What::DisputeLost, "amount"),
        "charge.dispute.closed" => (What::DisputeWon, "amount"),
        "charge.refunded" => (What::Refunded, "amount_refunded"),
        "refund.failed" => (What::RefundFailed, "amount"),
        _ => return None,
    };
    let session = event.kind.starts_with("checkout.session.");
    let intent = event.kind.starts_with("payment_intent.");
    let dispute = event.kind.starts_with("charge.dispute.");
    let id = |here: bool| text("id").filter(|_| here).map(str::to_owned);
    let currency = text("currency").map(str::to_ascii_uppercase);
    let amount = object.get(amount).and_then(Value::as_i64);
    let named = |name: &str| object.pointer(&format!("/metadata/{name}")).and_then(Value::as_str);
    Some(News {
        what,
        live: event.livemode,
        payment: named(Stripe::PAYMENT).and_then(|id| id.parse().ok()),
        session: id(session),
        intent: id(intent).or_else(|| text("payment_intent").map(str::to_owned)),
        amount: amount.zip(currency.as_deref()).map(|(amount, currency)| Stripe::counted(amount, currency)),
        currency,
        dispute: id(dispute),
        refund: named(Stripe::REFUND).map(str::to_owned),
    })
}
