//! Payment intents: what a buyer pays on the store's own page with Stripe's Elements, and what lies under a checkout session.
//! <https://docs.stripe.com/api/payment_intents>
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Stripe,
    client::{Client, Form},
    limits,
};
use crate::{
    Error, NewPayment,
    provider::{Closing, Received, Session, Standing},
};

/// How the id of every payment intent begins.
const BEGINS: &str = "pi_";
/// Where in a charge stands which country the bank of its card is in.
const CARD_COUNTRY: &str = "/payment_method_details/card/country";

/// A payment intent, as far as it is read here.
#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    id: String,
    /// `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`, `requires_capture`, `canceled`,
    /// `succeeded`.
    status: Option<String>,
    amount_received: Option<i64>,
    pub(super) currency: Option<String>,
    client_secret: Option<String>,
    metadata: Option<HashMap<String, String>>,
    /// Its id, or all of it where it was asked for.
    latest_charge: Option<Value>,
}

/// Whether a reference is that of a payment intent.
pub(super) fn is_intent(reference: &str) -> bool {
    reference.starts_with(BEGINS)
}

impl Stripe {
    pub(super) async fn create_intent(&self, payment: &NewPayment<'_>) -> Result<Session, Error> {
        let form: Form = vec![
            ("amount", limits::to_stripe(payment.amount, payment.currency).to_string()),
            ("currency", payment.currency.to_ascii_lowercase()),
            ("metadata[mist_payment_id]", payment.id.to_string()),
            ("metadata[mist_order]", payment.title.to_owned()),
        ];
        let intent: PaymentIntent = self.client.post("/v1/payment_intents", form, payment.key).await?;
        Ok(Session { reference: intent.id, checkout_url: None })
    }

    /// Cancels an intent, so that nobody pays it any more; one that is being paid is let be.
    pub(super) async fn cancel_intent(&self, reference: &str) -> Result<Closing, Error> {
        let path = format!("/v1/payment_intents/{reference}/cancel");
        match self.client.post_anew::<PaymentIntent>(&path).await {
            Ok(_) => Ok(Closing::Closed),
            Err(Error::Refused { .. }) => Ok(match self.intent(reference).await?.standing() {
                Standing::Closed => Closing::Closed,
                Standing::Open | Standing::Processing | Standing::Received(_) => Closing::Captured,
            }),
            Err(error) => Err(error),
        }
    }

    /// What the buyer's browser pays a payment intent with; none once nobody can pay it. It is a secret of the buyer's.
    pub async fn client_secret(&self, reference: &str) -> Result<Option<String>, Error> {
        if !is_intent(reference) {
            return Ok(None);
        }
        let intent = self.intent(reference).await?;
        let payable = intent.status.as_deref() != Some("canceled");
        Ok(intent.client_secret.filter(|_| payable))
    }

    /// The payment's own id that a payment intent bears, if it is one of this store's.
    pub async fn payment_of(&self, intent: &str) -> Result<Option<String>, Error> {
        let found = self.intent(intent).await?;
        Ok(found.metadata.and_then(|mut metadata| metadata.remove(Self::PAYMENT)))
    }

    /// The country of the card that paid an intent, ISO 3166-1 alpha-2, if it was a card.
    pub async fn card_country(&self, intent: &str) -> Result<Option<String>, Error> {
        let path = format!("/v1/payment_intents/{intent}?expand[]=latest_charge");
        let found: PaymentIntent = self.client.get(&path).await?;
        let country = found.latest_charge.as_ref().and_then(|charge| charge.pointer(CARD_COUNTRY));
        Ok(country.and_then(Value::as_str).map(str::to_owned))
    }

    pub(super) async fn intent(&self, reference: &str) -> Result<PaymentIntent, Error> {
        self.client.get(&format!("/v1/payment_intents/{reference}")).await
    }

    /// What a refund of a payment names, and the currency in which it was paid.
    pub(super) async fn refundable(&self, reference: &str) -> Result<(String, String), Error> {
        let (intent, currency) = if is_intent(reference) {
            let intent = self.intent(reference).await?;
            (intent.id, intent.currency)
        } else {
            let session = self.session(reference).await?;
            let intent = session.payment_intent;
            (intent.ok_or_else(|| Client::refused("a session without a payment"))?, session.currency)
        };
        Ok((intent, currency.unwrap_or_default().to_ascii_uppercase()))
    }
}

impl PaymentIntent {
    /// Where the payment of a session stands that can't be used again: what the bank declined, nobody pays any more.
    pub(super) fn standing_of_used_session(self) -> Standing {
        if self.status.as_deref() == Some("requires_payment_method") {
            return Standing::Closed;
        }
        match self.standing() {
            Standing::Open => Standing::Processing,
            standing => standing,
        }
    }

    pub(super) fn standing(self) -> Standing {
        match self.status.as_deref() {
            Some("canceled") => Standing::Closed,
            Some("processing" | "requires_capture") => Standing::Processing,
            Some("succeeded") => {
                let currency = self.currency.unwrap_or_default().to_ascii_uppercase();
                let amount = limits::from_stripe(self.amount_received.unwrap_or_default(), &currency);
                Standing::Received(Received { amount, currency, reference: Some(self.id) })
            }
            _ => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(status: &str) -> PaymentIntent {
        let text =
            format!(r#"{{"id": "pi_1", "status": "{status}", "amount_received": 1999, "currency": "usd"}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_intent_is_open_until_it_is_paid_or_cancelled() {
        for open in ["requires_payment_method", "requires_confirmation", "requires_action"] {
            assert_eq!(intent(open).standing(), Standing::Open);
        }
        assert_eq!(intent("processing").standing(), Standing::Processing);
        assert_eq!(intent("canceled").standing(), Standing::Closed);
        let received = Received { amount: 1999, currency: "USD".into(), reference: Some("pi_1".into()) };
        assert_eq!(intent("succeeded").standing(), Standing::Received(received));
    }

    #[test]
    fn what_lies_under_a_used_session_is_paid_later_or_never() {
        for never in ["requires_payment_method", "canceled"] {
            assert_eq!(intent(never).standing_of_used_session(), Standing::Closed);
        }
        for later in ["processing", "requires_action", "requires_confirmation"] {
            assert_eq!(intent(later).standing_of_used_session(), Standing::Processing);
        }
        assert!(matches!(intent("succeeded").standing_of_used_session(), Standing::Received(_)));
    }
}
