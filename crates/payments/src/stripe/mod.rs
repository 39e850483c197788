//! Stripe: hosted checkout pages, payments on the store's own page, refunds, and signed events. <https://docs.stripe.com/api>
mod client;
mod event;
mod intents;
mod limits;
mod refunds;
mod signature;

use client::{Client, Form};
pub use event::Event;
use serde::Deserialize;
pub use signature::InvalidSignature;

use crate::{
    Closing, Error, NewPayment,
    provider::{Received, Session, Standing},
};

/// How Stripe is reached.
#[derive(Clone)]
pub struct Settings {
    /// `sk_…` or `rk_…`.
    pub secret_key: String,
    /// `whsec_…`, more than one while they are rolled; none refuse every event.
    pub webhook_secrets: Vec<String>,
    /// Such as `https://api.stripe.com`.
    pub api_base: String,
}

/// Takes money by Stripe's hosted checkout.
#[derive(Clone, Debug)]
pub struct Stripe {
    client: Client,
    webhook_secrets: Vec<String>,
    live: bool,
}

/// A checkout session, as far as it is read here.
#[derive(Debug, Deserialize)]
struct CheckoutSession {
    id: String,
    url: Option<String>,
    /// `open`, `complete`, `expired`.
    status: Option<String>,
    /// `paid`, `unpaid`, `no_payment_required`.
    payment_status: String,
    amount_total: Option<i64>,
    currency: Option<String>,
    payment_intent: Option<String>,
}

impl Stripe {
    /// The name it is configured and stored by.
    pub const NAME: &'static str = "stripe";
    /// The name under which a payment's own id is kept with what Stripe makes for it.
    pub const PAYMENT: &'static str = "mist_payment_id";
    /// The name under which the key of a refund is kept with it.
    pub const REFUND: &'static str = "mist_refund_key";

    /// With a key that begins as Stripe's do; none when its client can't be made.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Self {
            live: is_live(&settings.secret_key),
            client: Client::new(settings.secret_key, &settings.api_base)?,
            webhook_secrets: settings.webhook_secrets,
        })
    }

    /// Whether its key moves real money.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Whether Stripe takes such an amount: minor units, ISO 4217.
    pub fn takes(amount: i64, currency: &str) -> bool {
        limits::takes(amount, currency)
    }

    /// The least that Stripe takes and that is no less than an amount: minor units, ISO 4217.
    pub fn at_least(amount: i64, currency: &str) -> i64 {
        limits::at_least(amount, currency)
    }

    /// Of what the amounts that Stripe takes in a currency are multiples, minor units.
    pub fn step(currency: &str) -> i64 {
        limits::step(currency)
    }

    /// An amount of an event as ISO 4217 counts it.
    pub fn counted(amount: i64, currency: &str) -> i64 {
        limits::from_stripe(amount, currency)
    }

    /// Reads an event from the bytes it came in, if its signature is one of ours and not older than five minutes.
    pub fn event(&self, signature: &str, body: &[u8], now: i64) -> Result<Event, InvalidSignature> {
        signature::verify(&self.webhook_secrets, signature, body, now)?;
        serde_json::from_slice(body).map_err(|_| InvalidSignature)
    }

    pub(crate) async fn create(&self, payment: &NewPayment<'_>) -> Result<Session, Error> {
        if payment.elements {
            return self.create_intent(payment).await;
        }
        let id = payment.id.to_string();
        let amount = limits::to_stripe(payment.amount, payment.currency).to_string();
        let expires_at = limits::expiry(payment.asked_at, payment.expires_at).to_string();
        let currency = payment.currency.to_ascii_lowercase();
        let mut form: Form = vec![
            ("mode", "payment".into()),
            ("client_reference_id", id.clone()),
            ("metadata[mist_payment_id]", id.clone()),
            ("payment_intent_data[metadata][mist_payment_id]", id),
            ("expires_at", expires_at),
            ("line_items[0][quantity]", "1".into()),
            ("line_items[0][price_data][currency]", currency),
            ("line_items[0][price_data][unit_amount]", amount),
            ("line_items[0][price_data][product_data][name]", payment.title.to_owned()),
        ];
        form.extend(payment.success_url.map(|url| ("success_url", url.to_owned())));
        form.extend(payment.cancel_url.map(|url| ("cancel_url", url.to_owned())));
        let session: CheckoutSession = self.client.post("/v1/checkout/sessions", form, payment.key).await?;
        let url = session.url.ok_or_else(|| Client::unknown("a session without an address"))?;
        Ok(Session { reference: session.id, checkout_url: Some(url) })
    }

    pub(crate) async fn cancel(&self, reference: &str) -> Result<Closing, Error> {
        if intents::is_intent(reference) {
            return self.cancel_intent(reference).await;
        }
        let path = format!("/v1/checkout/sessions/{reference}/expire");
        match self.client.post_anew::<CheckoutSession>(&path).await {
            Ok(_) => Ok(Closing::Closed),
            // It is no longer open: paid, being paid, or closed before.
            Err(Error::Refused { .. }) => Ok(match self.look(reference).await? {
                Standing::Closed => Closing::Closed,
                Standing::Open | Standing::Processing | Standing::Received(_) => Closing::Captured,
            }),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn look(&self, reference: &str) -> Result<Standing, Error> {
        if intents::is_intent(reference) {
            return Ok(self.intent(reference).await?.standing());
        }
        let session = self.session(reference).await?;
        match session.paid_later_by() {
            Some(intent) => Ok(self.intent(intent).await?.standing_of_used_session()),
            None => Ok(session.standing()),
        }
    }

    async fn session(&self, reference: &str) -> Result<CheckoutSession, Error> {
        self.client.get(&format!("/v1/checkout/sessions/{reference}")).await
    }
}

impl CheckoutSession {
    /// The intent of a session that its buyer went through and whose money was not there yet: whether it will come is the
    /// intent's to tell, for the session says the same of money on its way and of money that never comes.
    fn paid_later_by(&self) -> Option<&str> {
        let is_used = self.status.as_deref() == Some("complete") && self.payment_status == "unpaid";
        self.payment_intent.as_deref().filter(|_| is_used)
    }

    fn standing(self) -> Standing {
        match (self.status.as_deref(), self.payment_status.as_str()) {
            (Some("expired"), _) => Standing::Closed,
            (Some("complete"), "paid" | "no_payment_required") => {
                let currency = self.currency.unwrap_or_default().to_ascii_uppercase();
                let amount = limits::from_stripe(self.amount_total.unwrap_or_default(), &currency);
                Standing::Received(Received { amount, currency, reference: self.payment_intent })
            }
            (Some("complete"), _) => Standing::Processing,
            _ => Standing::Open,
        }
    }
}

/// Whether a key moves real money.
fn is_live(key: &str) -> bool {
    ["sk_live_", "rk_live_"].iter().any(|prefix| key.starts_with(prefix))
}
