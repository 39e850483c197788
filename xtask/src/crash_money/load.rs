//! What buyers do at once: check out, pay at Stripe, cancel, give back; and how Stripe tells of it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{Manner, StandIn, Teller};

use super::journal::{Journal, Said};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, text};
use crate::stripe;

/// What a buyer does with one order after the other, until the store is gone.
pub(super) struct Worker {
    /// Which of the buyers.
    pub(super) number: usize,
    pub(super) buyer: Caller,
    pub(super) products: Arc<Vec<String>>,
    pub(super) stripe: StandIn,
    pub(super) teller: Arc<Teller>,
    pub(super) journal: Arc<Journal>,
    pub(super) random: Random,
}

impl Worker {
    pub(super) async fn work(mut self) {
        while self.turn().await.is_ok() {}
    }

    /// An error is a lost connection: that is the point.
    async fn turn(&mut self) -> Result<()> {
        match self.random.below(10) {
            0..=5 => self.buy().await,
            6 | 7 => self.give_back().await,
            8 => self.cancel().await,
            _ => self.pay_whatever_is_open().await,
        }
    }

    async fn buy(&mut self) -> Result<()> {
        let product = self.random.one_of(self.products.as_slice()).ok_or("no products")?.clone();
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let key = format!("{:x}", self.random.below(usize::MAX));
        let Some(order) = self.ask("/api/v1/checkout", &key, &body).await? else { return Ok(()) };
        let id = text(&order, "/id")?;
        self.journal.note(self.number, id, Said::Placed);
        // Answered late, it may be paid, or called off by another of the same, by now.
        let Ok(session) = stripe::session(&order) else { return Ok(()) };
        if self.random.below(5) > 0 && self.stripe.try_pay(&session) && self.tell(&session).await {
            self.journal.note(self.number, id, Said::Told);
        }
        Ok(())
    }

    /// Any session that is open may be paid: also one of which the store doesn't know, or of an order that was called off
    /// before it did.
    async fn pay_whatever_is_open(&mut self) -> Result<()> {
        let open: Vec<_> = self.stripe.payments().into_iter().filter(|payment| !payment.captured).collect();
        if let Some(payment) = self.random.one_of(&open)
            && self.stripe.try_pay(&payment.session)
        {
            let session = payment.session.clone();
            self.tell(&session).await;
        }
        Ok(())
    }

    async fn give_back(&mut self) -> Result<()> {
        let Some(order) = self.one_that_is("paid").await? else { return Ok(()) };
        let key = format!("{:x}", self.random.below(usize::MAX));
        let path = format!("/api/v1/orders/{order}/refund");
        if self.ask(&path, &key, &json!({"reason": "a crash"})).await?.is_some() {
            self.journal.note(self.number, &order, Said::Refunded);
        }
        Ok(())
    }

    async fn cancel(&mut self) -> Result<()> {
        let Some(order) = self.one_that_is("pending").await? else { return Ok(()) };
        let path = format!("/api/v1/orders/{order}/cancel");
        self.judge(self.buyer.request(Method::POST, &path).send().await?).await.map(drop)
    }

    /// Tells of a session in one way or another; says whether it was acknowledged.
    async fn tell(&mut self, session: &str) -> bool {
        let completed = self.stripe.session_event("checkout.session.completed", session);
        let succeeded = self.stripe.event_of_intent("payment_intent.succeeded", session);
        let once = Manner::Times(1);
        match self.random.below(10) {
            0 | 1 => self.teller.tell(&completed, Manner::Lost).await,
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

    async fn one_that_is(&mut self, status: &str) -> Result<Option<String>> {
        let page = self.buyer.call(Method::GET, "/api/v1/orders?limit=50", None).await?;
        let orders = page.pointer("/items").and_then(Value::as_array).cloned().unwrap_or_default();
        let such: Vec<String> = orders
            .iter()
            .filter(|order| text(order, "/status").is_ok_and(|stands| stands == status))
            .filter_map(|order| text(order, "/id").ok().map(str::to_owned))
            .collect();
        Ok(self.random.one_of(&such).cloned())
    }
}
