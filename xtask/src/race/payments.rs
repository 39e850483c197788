//! What Stripe tells: at once with the buyer's return, twenty times, after a restart, in every order; and refunds at once.

use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{Manner, StandIn, Teller};

use super::checkouts::{self, CENTS, Wish};
use crate::process::Result;
use crate::server::{Caller, text};
use crate::stripe;

/// How often one event is told at once.
const TIMES: usize = 20;
/// How often a buyer who comes back from Stripe looks at once.
const LOOKS: usize = 5;
/// Refunds of one order at once.
const REFUNDS: usize = 10;
/// How long an event may take until it is applied.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks for it.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How disputes end, and what their orders are then.
pub(super) const VERDICTS: [(&str, &str); 2] = [("won", "paid"), ("lost", "refunded")];

/// The orders in which a payment, its dispute and the end of that can be told.
pub(super) const DISPUTED: [[usize; 3]; 6] =
    [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The orders in which four things can be told.
pub(super) fn permutations() -> Vec<[usize; 4]> {
    let mut all = Vec::new();
    for code in 0..256_usize {
        let order = [code / 64, code / 16 % 4, code / 4 % 4, code % 4];
        if (0..4).all(|one| order.contains(&one)) {
            all.push(order);
        }
    }
    all
}

/// The stand-in, who tells of it, and what was told.
pub(super) struct Till {
    stripe: StandIn,
    teller: Teller,
    told: Vec<Value>,
}

impl Till {
    pub(super) fn new(stripe: StandIn, store: &str) -> Self {
        Self { stripe, teller: Teller::new(store), told: Vec::new() }
    }

    /// The event of a payment and another of the same, while its buyer comes back and looks.
    pub(super) async fn with_the_return(&mut self, buyer: &Caller, product: &str) -> Result<()> {
        let (order, session) = self.paid(buyer, product).await?;
        let first = self.stripe.session_event("checkout.session.completed", &session);
        let second = self.stripe.event_of_intent("payment_intent.succeeded", &session);
        let path = format!("/api/v1/orders/{}", text(&order, "/id")?);
        let looks = (0..LOOKS).map(|_| async {
            let page = buyer.request(Method::GET, "/checkout/thank-you").send().await?;
            if !page.status().is_success() {
                return Err(format!("the return page: {}", page.status()).into());
            }
            buyer.call(Method::GET, &path, None).await
        });
        let told =
            join(self.teller.tell(&first, Manner::Times(1)), self.teller.tell(&second, Manner::Times(1)));
        let (looks, told) = join(join_all(looks), told).await;
        for look in looks {
            look?;
        }
        if told != (true, true) {
            return Err("an event was not acknowledged".into());
        }
        self.settles(buyer, &order, product).await
    }

    /// One event many times at once.
    pub(super) async fn often(&mut self, buyer: &Caller, product: &str) -> Result<()> {
        let (order, session) = self.paid(buyer, product).await?;
        let event = self.stripe.session_event("checkout.session.completed", &session);
        if !self.teller.tell(&event, Manner::Times(TIMES)).await {
            return Err("the event was not acknowledged".into());
        }
        self.told.push(event);
        self.settles(buyer, &order, product).await
    }

    /// What was told often, once more: after a restart.
    pub(super) async fn again(&mut self) -> Result<u32> {
        let mut count = 0;
        for event in std::mem::take(&mut self.told) {
            if !self.teller.tell(&event, Manner::Times(1)).await {
                return Err("an event was not acknowledged after a restart".into());
            }
            count += 1;
        }
        Ok(count)
    }

    /// Created, processing, succeeded and refunded, told in that order.
    pub(super) async fn in_order(&self, buyer: &Caller, product: &str, order: [usize; 4]) -> Result<()> {
        let (bought, session) = self.paid(buyer, product).await?;
        let events = [
            self.stripe.event_of_intent("payment_intent.created", &session),
            self.stripe.event_of_intent("payment_intent.processing", &session),
            self.stripe.session_event("checkout.session.completed", &session),
            // Given back in Stripe's own dashboard: it is flagged, and the order stays what it is.
            self.stripe.refund_event(&session, i64::from(CENTS)),
        ];
        for event in order.iter().filter_map(|one| events.get(*one)) {
            if !self.teller.tell(event, Manner::Times(1)).await {
                return Err("an event was not acknowledged".into());
            }
        }
        self.settles(buyer, &bought, product).await.map_err(|error| format!("{order:?}: {error}").into())
    }

    /// A payment, its dispute and the verdict, told in that order.
    pub(super) async fn disputed(
        &self,
        buyer: &Caller,
        product: &str,
        order: [usize; 3],
        (verdict, status): (&str, &str),
    ) -> Result<()> {
        let (bought, session) = self.paid(buyer, product).await?;
        let (dispute, cents) = (format!("dp_{session}"), i64::from(CENTS));
        let of =
            |kind: &str, status: &str| self.stripe.dispute_event(kind, &session, &dispute, cents, status);
        let events = [
            self.stripe.session_event("checkout.session.completed", &session),
            of("charge.dispute.created", "needs_response"),
            of("charge.dispute.closed", verdict),
        ];
        for event in order.iter().filter_map(|one| events.get(*one)) {
            if !self.teller.tell(event, Manner::Times(1)).await {
                return Err("an event was not acknowledged".into());
            }
        }
        let path = format!("/api/v1/orders/{}", text(&bought, "/id")?);
        let until = Instant::now() + PATIENCE;
        while text(&buyer.call(Method::GET, &path, None).await?, "/status")? != status {
            if Instant::now() >= until {
                return Err(
                    format!("{order:?}: a dispute that was {verdict} left its order otherwise").into()
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Ten full refunds at once: the money goes back once.
    pub(super) async fn refunds(&self, buyer: &Caller, product: &str) -> Result<()> {
        let (order, session) = self.paid(buyer, product).await?;
        let event = self.stripe.session_event("checkout.session.completed", &session);
        self.teller.tell(&event, Manner::Times(1)).await;
        self.settles(buyer, &order, product).await?;
        let path = format!("/api/v1/orders/{}/refund", text(&order, "/id")?);
        let body = json!({"reason": "a race"});
        let requests = (0..REFUNDS).map(|_| buyer.request(Method::POST, &path).json(&body).send());
        let mut refunded = 0;
        for reply in join_all(requests).await {
            let reply = reply?;
            match reply.status() {
                StatusCode::OK => refunded += 1,
                StatusCode::CONFLICT => {}
                status => return Err(format!("{status} {}", reply.text().await?).into()),
            }
        }
        if refunded != 1 {
            return Err(format!("an order was refunded {refunded} times").into());
        }
        let until = Instant::now() + PATIENCE;
        loop {
            match self.refunded(&session) {
                amount if amount == i64::from(CENTS) => return Ok(()),
                0 if Instant::now() < until => tokio::time::sleep(LOOK_EVERY).await,
                amount => return Err(format!("{amount} of {CENTS} went back").into()),
            }
        }
    }

    /// An order that its buyer has paid at Stripe, of which the store knows nothing yet.
    async fn paid(&self, buyer: &Caller, product: &str) -> Result<(Value, String)> {
        let wish = Wish { provider: Some("stripe"), ..Wish::default() };
        let order = checkouts::order(buyer, product, wish).await?;
        let session = stripe::session(&order)?;
        if !self.stripe.try_pay(&session) {
            return Err("the session was closed".into());
        }
        Ok((order, session))
    }

    /// Waits until an order is paid, and sees that its product is owned and no money went back.
    async fn settles(&self, buyer: &Caller, order: &Value, product: &str) -> Result<()> {
        let path = format!("/api/v1/orders/{}", text(order, "/id")?);
        let until = Instant::now() + PATIENCE;
        loop {
            let found = buyer.call(Method::GET, &path, None).await?;
            match text(&found, "/status")? {
                "paid" => break,
                "pending" if Instant::now() < until => tokio::time::sleep(LOOK_EVERY).await,
                status => return Err(format!("a payment that was told left its order {status}").into()),
            }
        }
        buyer.call(Method::GET, &format!("/api/v1/library/{product}"), None).await?;
        let id = text(order, "/payment/id")?;
        let theirs: Vec<_> =
            self.stripe.payments().into_iter().filter(|payment| payment.payment_id == id).collect();
        match theirs.as_slice() {
            [payment] if payment.captured && payment.refunded == 0 => Ok(()),
            other => Err(format!("Stripe has {other:?}").into()),
        }
    }

    fn refunded(&self, session: &str) -> i64 {
        let found = self.stripe.payments().into_iter().find(|payment| payment.session == session);
        found.map_or(0, |payment| payment.refunded)
    }
}

#[cfg(test)]
mod tests {
    use super::permutations;

    #[test]
    fn four_things_have_24_orders() {
        let all = permutations();
        assert_eq!((all.len(), all.first(), all.last()), (24, Some(&[0, 1, 2, 3]), Some(&[3, 2, 1, 0])));
    }
}
