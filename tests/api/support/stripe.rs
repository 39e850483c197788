//! A stand-in for Stripe on loopback: it keeps a ledger of its own and honours idempotency keys as Stripe documents them, can be
//! told to fail, and tells events only when a test lets it.
#![expect(clippy::disallowed_types, reason = "it is a server of its own, not a part of the store")]
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::hmac;
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mist::config::{Config, ProviderName, Secret};
use serde_json::{Map, Value, json};

use super::{Reply, TestApp};

pub const SECRET: &str = "whsec_test";
const KEY: &str = "sk_test_stand_in";

/// The charge of whatever is paid.
const CHARGE: &str = "ch_1";
/// Where the bank of every buyer's card is.
pub const CARD_COUNTRY: &str = "SE";

/// How a call goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is refused before anything is done.
    Status(u16),
    /// It is done, and the answer is lost.
    Dropped,
}

#[derive(Default)]
struct Ledger {
    sessions: HashMap<String, Value>,
    /// Payment intents by id.
    intents: HashMap<String, Value>,
    refunds: Vec<Value>,
    answers: HashMap<String, (Value, u16, Value)>,
    faults: VecDeque<Fault>,
    /// The parameters of the calls that were taken, with the types that describe them.
    calls: Vec<Value>,
    made: usize,
}

/// A running stand-in.
#[derive(Clone)]
pub struct StandIn {
    ledger: Arc<Mutex<Ledger>>,
    url: String,
}

impl StandIn {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stand_in = Self { ledger: Arc::default(), url };
        let router = Router::new()
            .route("/v1/checkout/sessions", post(create))
            .route("/v1/checkout/sessions/{id}", get(show))
            .route("/v1/checkout/sessions/{id}/expire", post(expire))
            .route("/v1/payment_intents", post(create_intent))
            .route("/v1/payment_intents/{id}", get(intent))
            .route("/v1/payment_intents/{id}/cancel", post(cancel_intent))
            .route("/v1/refunds", post(refund))
            .with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stand_in
    }

    /// Lets a store take its money here.
    pub fn configure(&self, config: &mut Config) {
        config.payments.providers = vec![ProviderName::Stripe];
        config.payments.stripe.secret_key = Some(Secret::new(KEY));
        config.payments.stripe.webhook_secret = Some(Secret::new(format!("whsec_new,{SECRET}")));
        config.payments.stripe.publishable_key = Some("pk_test_stand_in".to_owned());
        config.payments.stripe.api_base = self.url.parse().unwrap();
    }

    /// The next calls go wrong, one by one.
    pub fn fail(&self, faults: &[Fault]) {
        self.ledger.lock().unwrap().faults.extend(faults.iter().copied());
    }

    pub fn sessions(&self) -> usize {
        self.ledger.lock().unwrap().sessions.len()
    }

    /// What was given back.
    pub fn refunds(&self) -> Vec<Value> {
        self.ledger.lock().unwrap().refunds.clone()
    }

    /// The calls with their parameters.
    pub fn calls(&self) -> Vec<Value> {
        self.ledger.lock().unwrap().calls.clone()
    }

    /// The buyer pays a session on Stripe's page.
    pub fn pay(&self, session: &str) {
        let mut ledger = self.ledger.lock().unwrap();
        let session = ledger.sessions.get_mut(session).unwrap();
        assert_eq!(session["status"], "open", "nobody pays what is closed");
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        let intent = session["payment_intent"].as_str().unwrap().to_owned();
        let paid = json!({
            "id": intent, "object": "payment_intent", "status": "succeeded", "metadata": session["metadata"],
            "amount_received": session["amount_total"], "currency": session["currency"], "latest_charge": CHARGE,
        });
        ledger.intents.insert(intent, paid);
    }

    /// The buyer pays a payment intent on the store's page; it may take a while until the money is there.
    pub fn pay_intent(&self, intent: &str, status: &str) {
        let mut ledger = self.ledger.lock().unwrap();
        let intent = ledger.intents.get_mut(intent).unwrap();
        assert_ne!(intent["status"], "canceled", "nobody pays what is closed");
        intent["status"] = json!(status);
        intent["latest_charge"] = json!(CHARGE);
        if status == "succeeded" {
            intent["amount_received"] = intent["amount"].clone();
        }
    }

    /// An event about a payment intent as it is now: without its secret, as Stripe's events are not.
    pub fn intent_event(&self, kind: &str, intent: &str) -> Value {
        let object = self.ledger.lock().unwrap().intents[intent].clone();
        event(kind, object)
    }

    /// The payment intents that were made for payments on the store's page.
    pub fn intents(&self) -> Vec<Value> {
        self.ledger.lock().unwrap().intents.values().cloned().collect()
    }

    /// A session becomes another than was asked for.
    pub fn change(&self, session: &str, member: &str, value: Value) {
        self.ledger.lock().unwrap().sessions.get_mut(session).unwrap()[member] = value;
    }

    /// An event about a session as it is now.
    pub fn session_event(&self, kind: &str, session: &str) -> Value {
        let object = self.ledger.lock().unwrap().sessions[session].clone();
        event(kind, object)
    }

    /// The payment intent of a session.
    pub fn intent_of(&self, session: &str) -> String {
        self.ledger.lock().unwrap().sessions[session]["payment_intent"].as_str().unwrap().to_owned()
    }
}

/// Numbers of the events that were told.
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// An event with an id of its own.
pub fn event(kind: &str, object: Value) -> Value {
    let id = format!("evt_{}", TOLD.fetch_add(1, Ordering::Relaxed));
    json!({"id": id, "object": "event", "type": kind, "livemode": false, "data": {"object": object}})
}

/// `Stripe-Signature` of a body at a time.
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(tag))
}

/// Tells a store an event, signed at its moment.
pub async fn tell(app: &TestApp, event: &Value) -> Reply {
    let body = event.to_string();
    let signed = signature(SECRET, app.clock.now().timestamp(), &body);
    let request = app.nobody().request(reqwest::Method::POST, "/api/v1/webhooks/stripe");
    Reply::of(
        request.header("stripe-signature", signed).header("content-type", "application/json").body(body),
    )
    .await
}

/// `a[b][0][c]=d` as the tree it means.
fn tree(form: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
        let mut place = &mut root;
        for part in name.split(['[', ']']).filter(|part| !part.is_empty()) {
            if !place.is_object() {
                *place = json!({});
            }
            place = place.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
        }
        *place = json!(value);
    }
    listed(root)
}

/// Members that are numbered are a list.
fn listed(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    if members.contains_key("0") {
        return Value::Array(members.into_iter().map(|(_, value)| listed(value)).collect());
    }
    Value::Object(members.into_iter().map(|(name, value)| (name, listed(value))).collect())
}

fn problem(status: u16, kind: &str, code: &str) -> (u16, Value) {
    (status, json!({"error": {"type": kind, "code": code, "message": "no"}}))
}

impl StandIn {
    /// Answers a call: a fault, what the same key was answered, or what the work makes of it.
    fn answer(
        &self,
        headers: &HeaderMap,
        (module, name, parameters): (&str, &str, Value),
        work: impl FnOnce(&mut Ledger, &Value) -> (u16, Value),
    ) -> Response {
        let mut ledger = self.ledger.lock().unwrap();
        let text = |name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        assert_eq!(text("authorization"), format!("Bearer {KEY}"));
        assert!(!text("stripe-version").is_empty(), "the version is pinned");
        let fault = ledger.faults.pop_front();
        if let Some(Fault::Status(status)) = fault {
            let (status, body) = problem(status, "api_error", "told_to");
            return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
        }
        let key = text("idempotency-key");
        let known = ledger.answers.get(&key).filter(|_| !key.is_empty()).cloned();
        let (status, body) = match known {
            Some((first, _, _)) if first != parameters => {
                problem(400, "idempotency_error", "other_parameters")
            }
            Some((_, status, body)) => (status, body),
            None => {
                if !name.is_empty() {
                    ledger.calls.push(json!({"module": module, "type": name, "parameters": parameters}));
                }
                let (status, body) = work(&mut ledger, &parameters);
                if !key.is_empty() {
                    ledger.answers.insert(key, (parameters, status, body.clone()));
                }
                (status, body)
            }
        };
        let status = StatusCode::from_u16(status).unwrap();
        if matches!(fault, Some(Fault::Dropped)) {
            let lost = futures::stream::once(async { Err::<String, _>(std::io::Error::other("lost")) });
            return (status, Body::from_stream(lost)).into_response();
        }
        (status, Json(body)).into_response()
    }
}

async fn create(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = ("checkout._session_create_params", "SessionCreateParams", tree(&form));
    stand_in.answer(&headers, call, |ledger, asked| {
        ledger.made += 1;
        let (id, intent) = (format!("cs_test_{}", ledger.made), format!("pi_{}", ledger.made));
        let price = &asked["line_items"][0]["price_data"];
        let amount: i64 = price["unit_amount"].as_str().unwrap().parse().unwrap();
        let session = json!({
            "id": id, "object": "checkout.session", "url": format!("https://checkout.stripe.com/c/pay/{id}"),
            "status": "open", "payment_status": "unpaid", "amount_total": amount, "currency": price["currency"],
            "payment_intent": intent, "metadata": asked["metadata"], "client_reference_id": asked["client_reference_id"],
            "customer_details": {"email": "buyer@example.com"},
        });
        ledger.sessions.insert(id, session.clone());
        (200, session)
    })
}

async fn show(State(stand_in): State<StandIn>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    stand_in.answer(&headers, ("", "", Value::Null), |ledger, _| match ledger.sessions.get(&id) {
        Some(session) => (200, session.clone()),
        None => problem(404, "invalid_request_error", "resource_missing"),
    })
}

async fn expire(State(stand_in): State<StandIn>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let call = ("checkout._session_expire_params", "SessionExpireParams", json!({}));
    stand_in.answer(&headers, call, |ledger, _| match ledger.sessions.get_mut(&id) {
        Some(session) if session["status"] == "open" => {
            session["status"] = json!("expired");
            session["url"] = Value::Null;
            (200, session.clone())
        }
        Some(_) => problem(400, "invalid_request_error", "resource_not_open"),
        None => problem(404, "invalid_request_error", "resource_missing"),
    })
}

async fn create_intent(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = ("_payment_intent_create_params", "PaymentIntentCreateParams", tree(&form));
    stand_in.answer(&headers, call, |ledger, asked| {
        ledger.made += 1;
        let id = format!("pi_{}", ledger.made);
        let amount: i64 = asked["amount"].as_str().unwrap().parse().unwrap();
        let intent = json!({
            "id": id, "object": "payment_intent", "status": "requires_payment_method", "amount": amount,
            "amount_received": 0, "currency": asked["currency"], "metadata": asked["metadata"],
            "client_secret": format!("{id}_secret_standin"), "latest_charge": null,
        });
        ledger.intents.insert(id, intent.clone());
        (200, intent)
    })
}

async fn cancel_intent(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
    form: String,
) -> Response {
    let call = ("_payment_intent_cancel_params", "PaymentIntentCancelParams", tree(&form));
    stand_in.answer(&headers, call, |ledger, _| match ledger.intents.get_mut(&id) {
        Some(intent)
            if !["processing", "succeeded", "canceled"].iter().any(|end| intent["status"] == *end) =>
        {
            intent["status"] = json!("canceled");
            (200, intent.clone())
        }
        Some(_) => problem(400, "invalid_request_error", "payment_intent_unexpected_state"),
        None => problem(404, "invalid_request_error", "resource_missing"),
    })
}

async fn intent(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    stand_in.answer(&headers, ("", "", Value::Null), |ledger, _| match ledger.intents.get(&id) {
        Some(intent) => {
            let mut intent = intent.clone();
            if asked.get("expand[]").is_some_and(|member| member == "latest_charge") && !intent["latest_charge"].is_null() {
                let card = json!({"country": CARD_COUNTRY, "brand": "visa", "last4": "4242"});
                intent["latest_charge"] =
                    json!({"id": CHARGE, "object": "charge", "payment_method_details": {"type": "card", "card": card}});
            }
            (200, intent)
        }
        None => problem(404, "invalid_request_error", "resource_missing"),
    })
}

async fn refund(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = ("_refund_create_params", "RefundCreateParams", tree(&form));
    stand_in.answer(&headers, call, |ledger, asked| {
        if !ledger.intents.contains_key(asked["payment_intent"].as_str().unwrap_or_default()) {
            return problem(404, "invalid_request_error", "resource_missing");
        }
        let amount: i64 = asked["amount"].as_str().unwrap().parse().unwrap();
        let refund = json!({
            "id": format!("re_{}", ledger.refunds.len()), "object": "refund", "status": "succeeded",
            "amount": amount, "payment_intent": asked["payment_intent"],
        });
        ledger.refunds.push(refund.clone());
        (200, refund)
    })
}
