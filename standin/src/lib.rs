//! A stand-in for Stripe on loopback: it keeps a ledger of its own, honours idempotency keys as Stripe documents them, can be
//! told to fail, and tells signed events when it is told to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a stand-in that errs must fail loudly"
)]

mod api;
mod events;
mod faults;
mod form;
mod ledger;
mod teller;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

pub use events::{event, signature};
pub use faults::Fault;
use faults::Faults;
use ledger::Ledger;
pub use ledger::{CARD_COUNTRY, Payment};
pub use teller::{Manner, Teller};

/// The secret key that it asks for.
pub const KEY: &str = "sk_test_stand_in";
/// What its events are signed with.
pub const SECRET: &str = "whsec_test";

/// A running stand-in; copies are the same one.
#[derive(Clone)]
pub struct StandIn {
    ledger: Arc<Mutex<Ledger>>,
    faults: Arc<Mutex<Faults>>,
    released: Arc<Notify>,
    url: String,
}

impl StandIn {
    /// On a free port, for as long as the runtime lives.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stand_in = Self { ledger: Arc::default(), faults: Arc::default(), released: Arc::default(), url };
        let router = api::router(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stand_in
    }

    /// Where its API is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next calls go wrong, one by one.
    pub fn fail(&self, faults: &[Fault]) {
        self.faults().next(faults);
    }

    /// Of so many calls about one goes wrong, in a way that follows from the seed; 0: none does.
    pub fn fail_now_and_then(&self, one_in: u64, seed: u64) {
        self.faults().now_and_then(one_in, seed);
    }

    /// While it is away every call is refused.
    pub fn be_away(&self, away: bool) {
        self.faults().away = away;
    }

    /// Forgets what every key was answered, as Stripe may after a day.
    pub fn forget_keys(&self) {
        self.ledger().answers.clear();
    }

    /// Whether refunds that are asked for from now on fail.
    pub fn fail_refunds(&self, fail: bool) {
        self.ledger().refunds_fail = fail;
    }

    /// Calls that hang are answered.
    pub fn release(&self) {
        self.released.notify_waiters();
    }

    /// How many checkout sessions there are.
    pub fn sessions(&self) -> usize {
        self.ledger().sessions.len()
    }

    /// What was given back.
    pub fn refunds(&self) -> Vec<Value> {
        self.ledger().refunds.clone()
    }

    /// The calls with their parameters.
    pub fn calls(&self) -> Vec<Value> {
        self.ledger().calls.clone()
    }

    /// Every checkout session as its own ledger knows it.
    pub fn payments(&self) -> Vec<Payment> {
        self.ledger().payments()
    }

    /// The buyer pays a session on Stripe's page.
    pub fn pay(&self, session: &str) {
        assert!(self.try_pay(session), "nobody pays what is closed");
    }

    /// The same where the session may be closed by now; says whether it was open.
    pub fn try_pay(&self, session: &str) -> bool {
        self.ledger().pay(session)
    }

    /// The buyer goes through with a payment on Stripe's page whose money comes later.
    pub fn pay_later(&self, session: &str) {
        assert!(self.ledger().pay_later(session), "nobody pays what is closed");
    }

    /// How a payment ends whose money comes later: it is there, or never comes.
    pub fn end_later(&self, session: &str, comes: bool) {
        self.ledger().end_later(session, comes);
    }

    /// How often a session was looked at.
    pub fn looks(&self, session: &str) -> usize {
        self.ledger().looks.get(session).copied().unwrap_or_default()
    }

    /// A session becomes another than was asked for.
    pub fn change(&self, session: &str, member: &str, value: Value) {
        self.ledger().sessions.get_mut(session).unwrap()[member] = value;
    }

    /// An event about a session as it is now.
    pub fn session_event(&self, kind: &str, session: &str) -> Value {
        let object = self.ledger().sessions[session].clone();
        event(kind, object)
    }

    /// The buyer pays a payment intent on the store's page; it may take a while until the money is there.
    pub fn pay_intent(&self, intent: &str, status: &str) {
        self.ledger().pay_intent(intent, status);
    }

    /// An event about a payment intent as it is now.
    pub fn intent_event(&self, kind: &str, intent: &str) -> Value {
        let object = self.ledger().intents[intent].clone();
        event(kind, object)
    }

    /// The payment intents that were made or paid.
    pub fn intents(&self) -> Vec<Value> {
        self.ledger().intents.values().cloned().collect()
    }

    /// An event about the payment intent of a session: `payment_intent.created`, `.processing`, `.succeeded`.
    pub fn event_of_intent(&self, kind: &str, session: &str) -> Value {
        let session = self.ledger().sessions[session].clone();
        let status = kind.rsplit('.').next().unwrap_or_default();
        let received = if status == "succeeded" { session["amount_total"].clone() } else { json!(0) };
        let object = json!({
            "id": session["payment_intent"], "object": "payment_intent", "status": status,
            "amount": session["amount_total"], "amount_received": received, "currency": session["currency"],
            "metadata": session["metadata"],
        });
        event(kind, object)
    }

    /// An event about the charge of a session, of which so much was given back.
    pub fn refund_event(&self, session: &str, amount: i64) -> Value {
        let session = self.ledger().sessions[session].clone();
        let object = json!({
            "id": format!("ch_{}", session["payment_intent"].as_str().unwrap()), "object": "charge",
            "payment_intent": session["payment_intent"], "amount": session["amount_total"],
            "amount_refunded": amount, "currency": session["currency"], "metadata": session["metadata"],
        });
        event("charge.refunded", object)
    }

    /// An event about a dispute of the money of a session, of so much, as Stripe counts it.
    pub fn dispute_event(
        &self,
        kind: &str,
        session: &str,
        dispute: &str,
        amount: i64,
        status: &str,
    ) -> Value {
        let session = self.ledger().sessions[session].clone();
        let object = json!({
            "id": dispute, "object": "dispute", "payment_intent": session["payment_intent"], "amount": amount,
            "currency": session["currency"], "status": status,
        });
        event(kind, object)
    }

    /// The payment intent of a session.
    pub fn intent_of(&self, session: &str) -> String {
        self.ledger().sessions[session]["payment_intent"].as_str().unwrap().to_owned()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a call hangs.
    async fn hang(&self, most: Duration) {
        let _ = tokio::time::timeout(most, self.released.notified()).await;
    }
}
