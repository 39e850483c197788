//! What the stand-in knows: sessions, intents, refunds, and what each key was answered.
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// The metadata in which the store names a payment.
const PAYMENT: &str = "mist_payment_id";

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: HashMap<String, Value>,
    /// Paid payment intents by id: their metadata, and what was paid.
    pub(crate) intents: HashMap<String, (Value, i64)>,
    pub(crate) refunds: Vec<Value>,
    /// By key: the parameters, the status and the body.
    pub(crate) answers: HashMap<String, (Value, u16, Value)>,
    /// Keys whose first call is not answered yet.
    pub(crate) in_use: HashSet<String>,
    /// The parameters of the calls that were taken, with the types that describe them.
    pub(crate) calls: Vec<Value>,
    made: usize,
}

/// A checkout session as its own ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// `cs_…`.
    pub session: String,
    /// The store's own id of it.
    pub payment_id: String,
    /// As Stripe counts it.
    pub amount: i64,
    /// ISO 4217, upper case.
    pub currency: String,
    /// Whether the buyer paid it.
    pub captured: bool,
    /// As Stripe counts it.
    pub refunded: i64,
}

pub(crate) type Answer = (u16, Value);

pub(crate) fn problem(status: u16, kind: &str, code: &str) -> Answer {
    (status, json!({"error": {"type": kind, "code": code, "message": "no"}}))
}

fn missing() -> Answer {
    problem(404, "invalid_request_error", "resource_missing")
}

impl Ledger {
    pub(crate) fn create(&mut self, asked: &Value) -> Answer {
        self.made += 1;
        let (id, intent) = (format!("cs_test_{}", self.made), format!("pi_{}", self.made));
        let price = &asked["line_items"][0]["price_data"];
        let amount: i64 = price["unit_amount"].as_str().unwrap().parse().unwrap();
        let session = json!({
            "id": id, "object": "checkout.session", "url": format!("https://checkout.stripe.com/c/pay/{id}"),
            "status": "open", "payment_status": "unpaid", "amount_total": amount, "currency": price["currency"],
            "payment_intent": intent, "metadata": asked["metadata"], "client_reference_id": asked["client_reference_id"],
            "customer_details": {"email": "buyer@example.com"},
        });
        self.sessions.insert(id, session.clone());
        (200, session)
    }

    pub(crate) fn show(&self, id: &str) -> Answer {
        self.sessions.get(id).map_or_else(missing, |session| (200, session.clone()))
    }

    pub(crate) fn expire(&mut self, id: &str) -> Answer {
        match self.sessions.get_mut(id) {
            Some(session) if session["status"] == "open" => {
                session["status"] = json!("expired");
                session["url"] = Value::Null;
                (200, session.clone())
            }
            Some(_) => problem(400, "invalid_request_error", "resource_not_open"),
            None => missing(),
        }
    }

    pub(crate) fn intent(&self, id: &str) -> Answer {
        self.intents.get(id).map_or_else(missing, |(metadata, _)| {
            (200, json!({"id": id, "object": "payment_intent", "metadata": metadata}))
        })
    }

    pub(crate) fn refund(&mut self, asked: &Value) -> Answer {
        let intent = asked["payment_intent"].as_str().unwrap_or_default();
        let Some((_, paid)) = self.intents.get(intent) else { return missing() };
        let amount: i64 = asked["amount"].as_str().unwrap().parse().unwrap();
        if self.refunded(intent) + amount > *paid {
            return problem(400, "invalid_request_error", "charge_already_refunded");
        }
        let refund = json!({
            "id": format!("re_{}", self.refunds.len()), "object": "refund", "status": "succeeded",
            "amount": amount, "payment_intent": intent,
        });
        self.refunds.push(refund.clone());
        (200, refund)
    }

    pub(crate) fn pay(&mut self, session: &str) -> bool {
        let session = self.sessions.get_mut(session).unwrap();
        if session["status"] != "open" {
            return false;
        }
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        let intent = session["payment_intent"].as_str().unwrap().to_owned();
        let paid = session["amount_total"].as_i64().unwrap();
        self.intents.insert(intent, (session["metadata"].clone(), paid));
        true
    }

    pub(crate) fn payments(&self) -> Vec<Payment> {
        let payment = |session: &Value| Payment {
            session: text(&session["id"]),
            payment_id: text(&session["metadata"][PAYMENT]),
            amount: session["amount_total"].as_i64().unwrap_or_default(),
            currency: text(&session["currency"]).to_ascii_uppercase(),
            captured: session["payment_status"] == "paid",
            refunded: self.refunded(&text(&session["payment_intent"])),
        };
        self.sessions.values().map(payment).collect()
    }

    fn refunded(&self, intent: &str) -> i64 {
        let theirs = self.refunds.iter().filter(|refund| refund["payment_intent"] == intent);
        theirs.filter_map(|refund| refund["amount"].as_i64()).sum()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
