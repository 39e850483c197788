//! What buyers do at once: check out, with credit and as gifts too, pay at Stripe, cancel, give back, claim; and how Stripe tells
//! of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{Manner, StandIn, Teller};

use super::gifts::Gifts;
use super::journal::{Journal, Said};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, text};
use crate::stripe;

/// Whether the store has told of a session, so that it asks for it by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Yes,
    Perhaps,
}

/// What a buyer does with one order after the other, until the store is gone.
pub(super) struct Worker {
    /// Which of the buyers.
    pub(super) number: usize,
    pub(super) buyer: Caller,
    pub(super) products: Arc<Vec<String>>,
    pub(super) stripe: StandIn,
    pub(super) teller: Arc<Teller>,
    pub(super) journal: Arc<Journal>,
    pub(super) gifts: Arc<Gifts>,
    pub(super) random: Random,
}

impl Worker {
    pub(super) async fn work(mut self) {
        while self.turn().await.is_ok() {}
    }

    /// An error is a lost connection: that is the point.
    async fn turn(&mut self) -> Result<()> {
        match self.random.below(12) {
            0..=5 => self.buy().await,
            6..=8 => self.give_back().await,
            9 => self.cancel().await,
            10 => self.gifts.claim(self.number, &self.buyer, &mut self.random, &self.journal).await,
            _ => self.pay_whatever_is_open().await,
        }
    }

    async fn buy(&mut self) -> Result<()> {
        let body = self.wish()?;
        let key = format!("{:x}", self.random.below(usize::MAX));
        let Some(order) = self.ask("/api/v1/checkout", &key, &body).await? else { return Ok(()) };
        let id = text(&order, "/id")?;
        self.journal.note(self.number, id, Said::Placed);
        // Answered late, it may be paid, or called off by another of the same, by now.
        let Ok(session) = stripe::session(&order) else { return Ok(()) };
        if self.random.below(5) > 0 && self.stripe.try_pay(&session) && self.tell(&session, Known::Yes).await
        {
            self.journal.note(self.number, id, Said::Told);
        }
        Ok(())
    }

    /// One to three products, with or without store credit, for themselves or as a gift.
    fn wish(&mut self) -> Result<Value> {
        let mut items = BTreeSet::new();
        for _ in 0..=self.random.below(3) {
            items.insert(self.random.one_of(self.products.as_slice()).ok_or("no products")?.clone());
        }
        let items: Vec<Value> = items.iter().map(|product| json!({"product_id": product})).collect();
        let mut body = json!({
            "items": items, "accept_immediate_delivery": true, "use_credit": self.random.below(3) == 0,
        });
        if self.random.below(4) == 0
            && let Some(body) = body.as_object_mut()
        {
            body.insert("gift".to_owned(), json!({"email": "friend@example.com"}));
        }
        Ok(body)
    }

    /// Any session that is open may be paid: also one of which the store doesn't know, or of an order that was called off
    /// before it did.
    async fn pay_whatever_is_open(&mut self) -> Result<()> {
        let open: Vec<_> = self.stripe.payments().into_iter().filter(|payment| !payment.captured).collect();
        if let Some(payment) = self.random.one_of(&open)
            && self.stripe.try_pay(&payment.session)
        {
            let session = payment.session.clone();
            self.tell(&session, Known::Perhaps).await;
        }
        Ok(())
    }

    /// All that is left of an order or one product of it, as money or as store credit.
    async fn give_back(&mut self) -> Result<()> {
        let Some(order) = self.one_that_is(&["paid", "partially_refunded"]).await? else { return Ok(()) };
        let id = text(&order, "/id")?;
        let kept = order.pointer("/items").and_then(Value::as_array).into_iter().flatten();
        let kept = kept.filter(|item| item.pointer("/refunded") == Some(&json!(false)));
        let kept: Vec<&str> = kept.filter_map(|item| text(item, "/product_id").ok()).collect();
        let whole = self.random.below(2) == 0;
        let one = self.random.one_of(&kept).copied().filter(|_| !whole);
        let items = one.map_or(kept, |product| vec![product]);
        let body = json!({"reason": "a crash", "items": items, "to_credit": self.random.below(3) == 0});
        let key = format!("{:x}", self.random.below(usize::MAX));
        if let Some(answer) = self.ask(&format!("/api/v1/orders/{id}/refund"), &key, &body).await? {
            let is_whole = text(&answer, "/status")? == "refunded";
            self.journal.note(self.number, id, if is_whole { Said::Refunded } else { Said::PartlyRefunded });
        }
        Ok(())
    }

    async fn cancel(&mut self) -> Result<()> {
        let Some(order) = self.one_that_is(&["pending"]).await? else { return Ok(()) };
        let path = format!("/api/v1/orders/{}/cancel", text(&order, "/id")?);
        self.judge(self.buyer.request(Method::POST, &path).send().await?).await.map(drop)
    }

    /// Tells of a session in one way or another; says whether it was acknowledged. Of one that the store may not know, for it
    /// was killed before it heard of it, an event is never lost for good: Stripe tells for days, and nothing else could.
    async fn tell(&mut self, session: &str, known: Known) -> bool {
        let completed = self.stripe.session_event("checkout.session.completed", session);
        let succeeded = self.stripe.event_of_intent("payment_intent.succeeded", session);
        let once = Manner::Times(1);
        match self.random.below(10) {
            0 | 1 if known == Known::Yes => self.teller.tell(&completed, Manner::Lost).await,
            2 => self.teller.tell(&completed, Manner::Times(3)).await,
            3 => self.teller.tell(&completed, Manner::Late(Duration::from_millis(60))).await,
            4 => self.teller.tell(&succeeded, once).await | self.teller.tell(&completed, once).await,
            _ => self.teller.tell(&completed, once).await,
        }
    }

    /// Asks under a key, and once more where the outcome is unknown; none where it was refused.
    async fn ask(&self, path: &str, key: &str, body: &Value) -> Result<Option<Value>> {
        let request =
            || self.buyer.request(Method::POST, path).header("idempotency-key", key).json(body).send();
        match self.judge(request().await?).await? {
            None => self.judge(request().await?).await,
            answer => Ok(answer),
        }
    }

    /// What was answered; none for what may be refused in such a load.
    async fn judge(&self, reply: reqwest::Response) -> Result<Option<Value>> {
        let status = reply.status();
        let body = reply.text().await?;
        let may = [StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE];
        if status.is_success() {
            return Ok(Some(serde_json::from_str(&body)?));
        }
        if !may.contains(&status) {
            self.journal.violation(format!("{status} {body}"));
        }
        Ok(None)
    }

    async fn one_that_is(&mut self, status: &[&str]) -> Result<Option<Value>> {
        let page = self.buyer.call(Method::GET, "/api/v1/orders?limit=50", None).await?;
        let mut orders = page.pointer("/items").and_then(Value::as_array).cloned().unwrap_or_default();
        orders.retain(|order| text(order, "/status").is_ok_and(|stands| status.contains(&stands)));
        Ok(self.random.one_of(&orders).cloned())
    }
}
