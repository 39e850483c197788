//! Refunds, each once: by its key while Stripe remembers that, and for good by the key that is kept with the refund.
//! <https://docs.stripe.com/api/refunds>, <https://docs.stripe.com/api/idempotent_requests>
use std::collections::HashMap;

use serde::Deserialize;

use super::{Stripe, limits};
use crate::{Error, NewRefund, RefundStanding};

/// Refunds of one answer.
const PAGE: usize = 100;

/// A refund, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Refund {
    id: String,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`.
    status: Option<String>,
    metadata: Option<HashMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct Refunds {
    data: Vec<Refund>,
    #[serde(default)]
    has_more: bool,
}

impl Stripe {
    pub(crate) async fn refund(&self, refund: &NewRefund<'_>) -> Result<RefundStanding, Error> {
        let (intent, currency) = self.refundable(refund.reference).await?;
        if refund.is_old
            && let Some(made) = self.made(&intent, refund.key).await?
        {
            return Ok(made);
        }
        let form = vec![
            ("payment_intent", intent.clone()),
            ("amount", limits::to_stripe(refund.amount, &currency).to_string()),
            ("metadata[mist_refund_key]", refund.key.to_owned()),
        ];
        match self.client.post::<Refund>("/v1/refunds", form, refund.key).await {
            Ok(made) => Ok(made.standing()),
            // Perhaps because it was given back before, under a key that is forgotten.
            Err(refused @ Error::Refused { .. }) => self.made(&intent, refund.key).await?.ok_or(refused),
            Err(error) => Err(error),
        }
    }

    /// Where the refund of an intent stands that bears a key, if there is one.
    async fn made(&self, intent: &str, key: &str) -> Result<Option<RefundStanding>, Error> {
        let mut path = first_page(intent);
        loop {
            let page: Refunds = self.client.get(&path).await?;
            if let Some(made) = page.data.iter().find(|made| made.bears(key)) {
                return Ok(Some(made.standing()));
            }
            match page.data.last() {
                Some(last) if page.has_more => {
                    path = format!("{}&starting_after={}", first_page(intent), last.id);
                }
                _ => return Ok(None),
            }
        }
    }
}

fn first_page(intent: &str) -> String {
    format!("/v1/refunds?payment_intent={intent}&limit={PAGE}")
}

impl Refund {
    fn bears(&self, key: &str) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.get(Stripe::REFUND)).is_some_and(|own| own == key)
    }

    fn standing(&self) -> RefundStanding {
        match self.status.as_deref() {
            Some("failed" | "canceled") => RefundStanding::Failed,
            _ => RefundStanding::Accepted,
        }
    }
}
