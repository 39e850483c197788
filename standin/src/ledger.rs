//! What the stand-in knows: sessions, intents, refunds, and what each key was answered.
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// The metadata in which the store names a payment.
const PAYMENT: &str = "mist_payment_id";
/// The charge of whatever is paid.
const CHARGE: &str = "ch_1";
/// Refunds of one answer at most: few, so that whoever reads the first answer alone misses some.
const PAGE: usize = 2;
/// Where the bank of every buyer's card is.
pub const CARD_COUNTRY: &str = "SE";

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) sessions: HashMap<String, Value>,
    /// Payment intents by id: those made for a page of the store's own, and those of sessions once they are paid.
    pub(crate) intents: HashMap<String, Value>,
    pub(crate) refunds: Vec<Value>,
    /// By key: the parameters, the status and the body.
    pub(crate) answers: HashMap<String, (Value, u16, Value)>,
    /// Keys whose first call is not answered yet.
    pub(crate) in_use: HashSet<String>,
    /// The parameters of the calls that were taken, with the types that describe them.
    pub(crate) calls: Vec<Value>,
    /// Whether banks take no refund.
    pub(crate) refunds_fail: bool,
    /// How often each session was looked at.
    pub(crate) looks: HashMap<String, usize>,
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

    pub(crate) fn show(&mut self, id: &str) -> Answer {
        *self.looks.entry(id.to_owned()).or_default() += 1;
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

    pub(crate) fn create_intent(&mut self, asked: &Value) -> Answer {
        self.made += 1;
        let id = format!("pi_{}", self.made);
        let amount: i64 = asked["amount"].as_str().unwrap().parse().unwrap();
        let intent = json!({
            "id": id, "object": "payment_intent", "status": "requires_payment_method", "amount": amount,
            "amount_received": 0, "currency": asked["currency"], "metadata": asked["metadata"],
            "client_secret": format!("{id}_secret_standin"), "latest_charge": null,
        });
        self.intents.insert(id, intent.clone());
        (200, intent)
    }

    pub(crate) fn cancel_intent(&mut self, id: &str) -> Answer {
        let is_over =
            |status: &Value| ["processing", "succeeded", "canceled"].iter().any(|end| status == end);
        match self.intents.get_mut(id) {
            Some(intent) if !is_over(&intent["status"]) => {
                intent["status"] = json!("canceled");
                (200, intent.clone())
            }
            Some(_) => problem(400, "invalid_request_error", "payment_intent_unexpected_state"),
            None => missing(),
        }
    }

    /// An intent, with its charge whole if that is asked for.
    pub(crate) fn intent(&self, id: &str, with_charge: bool) -> Answer {
        let Some(intent) = self.intents.get(id) else { return missing() };
        let mut intent = intent.clone();
        if with_charge && !intent["latest_charge"].is_null() {
            let card = json!({"country": CARD_COUNTRY, "brand": "visa", "last4": "4242"});
            intent["latest_charge"] = json!({
                "id": CHARGE, "object": "charge", "payment_method_details": {"type": "card", "card": card},
            });
        }
        (200, intent)
    }

    /// The buyer pays an intent on the store's page; it may take a while until the money is there.
    pub(crate) fn pay_intent(&mut self, id: &str, status: &str) {
        let intent = self.intents.get_mut(id).unwrap();
        assert_ne!(intent["status"], "canceled", "nobody pays what is closed");
        intent["status"] = json!(status);
        intent["latest_charge"] = json!(CHARGE);
        if status == "succeeded" {
            intent["amount_received"] = intent["amount"].clone();
        }
    }

    pub(crate) fn refund(&mut self, asked: &Value) -> Answer {
        let intent = asked["payment_intent"].as_str().unwrap_or_default();
        let Some(paid) = self.intents.get(intent) else { return missing() };
        let paid = paid["amount_received"].as_i64().unwrap_or_default();
        let amount: i64 = asked["amount"].as_str().unwrap().parse().unwrap();
        if self.refunded(intent) + amount > paid {
            return problem(400, "invalid_request_error", "charge_already_refunded");
        }
        let refund = json!({
            "id": format!("re_{}", self.refunds.len()), "object": "refund",
            "status": if self.refunds_fail { "failed" } else { "succeeded" },
            "amount": amount, "payment_intent": intent, "currency": self.intents[intent]["currency"],
            "metadata": asked["metadata"],
        });
        self.refunds.push(refund.clone());
        (200, refund)
    }

    /// The refunds of an intent, the newest first.
    pub(crate) fn list_refunds(&self, asked: &HashMap<String, String>) -> Answer {
        let member = |name: &str| asked.get(name).map(String::as_str);
        let theirs = self.refunds.iter().rev().filter(|refund| {
            member("payment_intent").is_none_or(|intent| refund["payment_intent"] == intent)
        });
        let behind: Vec<&Value> = match member("starting_after") {
            Some(last) => theirs.skip_while(|refund| refund["id"] != last).skip(1).collect(),
            None => theirs.collect(),
        };
        let most = member("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE).min(PAGE);
        let page: Vec<&Value> = behind.iter().copied().take(most).collect();
        (200, json!({"object": "list", "has_more": behind.len() > page.len(), "data": page}))
    }

    pub(crate) fn pay(&mut self, session: &str) -> bool {
        self.complete(session, "paid", "succeeded")
    }

    /// The buyer goes through with a payment whose money comes later.
    pub(crate) fn pay_later(&mut self, session: &str) -> bool {
        self.complete(session, "unpaid", "processing")
    }

    fn complete(&mut self, session: &str, payment_status: &str, status: &str) -> bool {
        let session = self.sessions.get_mut(session).unwrap();
        if session["status"] != "open" {
            return false;
        }
        session["status"] = json!("complete");
        session["payment_status"] = json!(payment_status);
        let received = if status == "succeeded" { session["amount_total"].clone() } else { json!(0) };
        let intent = session["payment_intent"].as_str().unwrap().to_owned();
        let made = json!({
            "id": intent, "object": "payment_intent", "status": status, "metadata": session["metadata"],
            "amount": session["amount_total"], "amount_received": received,
            "currency": session["currency"], "latest_charge": CHARGE,
        });
        self.intents.insert(intent, made);
        true
    }

    /// How a payment ends whose money comes later: it is there, or never comes.
    pub(crate) fn end_later(&mut self, session: &str, comes: bool) {
        let session = self.sessions.get_mut(session).unwrap();
        assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("unpaid")));
        let intent = self.intents.get_mut(session["payment_intent"].as_str().unwrap()).unwrap();
        if comes {
            session["payment_status"] = json!("paid");
            intent["status"] = json!("succeeded");
            intent["amount_received"] = intent["amount"].clone();
        } else {
            intent["status"] = json!("requires_payment_method");
        }
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
        let theirs = theirs.filter(|refund| refund["status"] != "failed");
        theirs.filter_map(|refund| refund["amount"].as_i64()).sum()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
