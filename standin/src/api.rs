//! The part of Stripe's API that a store calls. <https://docs.stripe.com/api>
#![expect(clippy::disallowed_types, reason = "it is a server of its own, not a part of the store")]
use std::collections::HashMap;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    Fault, KEY, StandIn,
    form::tree,
    ledger::{Answer, Ledger, problem},
};

pub(crate) fn router(stand_in: StandIn) -> Router {
    Router::new()
        .route("/v1/checkout/sessions", post(create))
        .route("/v1/checkout/sessions/{id}", get(show))
        .route("/v1/checkout/sessions/{id}/expire", post(expire))
        .route("/v1/payment_intents", post(create_intent))
        .route("/v1/payment_intents/{id}", get(intent))
        .route("/v1/payment_intents/{id}/cancel", post(cancel_intent))
        .route("/v1/refunds", post(refund).get(refunds))
        .with_state(stand_in)
}

/// A call: the module and the name of the type that describes its parameters, and those.
struct Call(&'static str, &'static str, Value);

impl Call {
    /// One that changes nothing and has no parameters.
    const fn reading() -> Self {
        Self("", "", Value::Null)
    }
}

impl StandIn {
    /// Answers a call: a fault, what the same key was answered, or what the work makes of it.
    async fn answer(
        &self,
        headers: &HeaderMap,
        call: Call,
        work: impl FnOnce(&mut Ledger, &Value) -> Answer,
    ) -> Response {
        let text = |name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        assert_eq!(text("authorization"), format!("Bearer {KEY}"));
        assert!(!text("stripe-version").is_empty(), "the version is pinned");
        let fault = self.faults().take();
        if let Some(Fault::Status(status)) = fault {
            return written(problem(status, "api_error", "told_to"));
        }
        let key = text("idempotency-key");
        let answer = self.work(&key, call, work);
        if let Some(wait) = fault.and_then(Fault::wait) {
            self.ledger().in_use.insert(key.clone());
            let stand_in = self.clone();
            // It goes on although the caller hangs up, as Stripe does.
            let waited = tokio::spawn(async move {
                stand_in.hang(wait).await;
                stand_in.ledger().in_use.remove(&key);
            });
            let _ = waited.await;
        }
        if matches!(fault, Some(Fault::Dropped)) {
            let lost = futures::stream::once(async { Err::<String, _>(std::io::Error::other("lost")) });
            return (StatusCode::OK, Body::from_stream(lost)).into_response();
        }
        written(answer)
    }

    fn work(
        &self,
        key: &str,
        Call(module, name, parameters): Call,
        work: impl FnOnce(&mut Ledger, &Value) -> Answer,
    ) -> Answer {
        let mut ledger = self.ledger();
        if key.is_empty() {
            if !name.is_empty() {
                ledger.calls.push(json!({"module": module, "type": name, "parameters": parameters}));
            }
            return work(&mut ledger, &parameters);
        }
        if ledger.in_use.contains(key) {
            return problem(409, "idempotency_error", "idempotency_key_in_use");
        }
        match ledger.answers.get(key).cloned() {
            Some((first, ..)) if first != parameters => problem(400, "idempotency_error", "other_parameters"),
            Some((_, status, body)) => (status, body),
            None => {
                ledger.calls.push(json!({"module": module, "type": name, "parameters": parameters}));
                let (status, body) = work(&mut ledger, &parameters);
                ledger.answers.insert(key.to_owned(), (parameters, status, body.clone()));
                (status, body)
            }
        }
    }
}

fn written((status, body): Answer) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn create(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = Call("checkout._session_create_params", "SessionCreateParams", tree(&form));
    stand_in.answer(&headers, call, Ledger::create).await
}

async fn show(State(stand_in): State<StandIn>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    stand_in.answer(&headers, Call::reading(), |ledger, _| ledger.show(&id)).await
}

async fn expire(State(stand_in): State<StandIn>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let call = Call("checkout._session_expire_params", "SessionExpireParams", json!({}));
    stand_in.answer(&headers, call, |ledger, _| ledger.expire(&id)).await
}

async fn create_intent(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = Call("_payment_intent_create_params", "PaymentIntentCreateParams", tree(&form));
    stand_in.answer(&headers, call, Ledger::create_intent).await
}

async fn cancel_intent(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
    form: String,
) -> Response {
    let call = Call("_payment_intent_cancel_params", "PaymentIntentCancelParams", tree(&form));
    stand_in.answer(&headers, call, |ledger, _| ledger.cancel_intent(&id)).await
}

async fn intent(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let with_charge = asked.get("expand[]").is_some_and(|member| member == "latest_charge");
    stand_in.answer(&headers, Call::reading(), |ledger, _| ledger.intent(&id, with_charge)).await
}

async fn refund(State(stand_in): State<StandIn>, headers: HeaderMap, form: String) -> Response {
    let call = Call("_refund_create_params", "RefundCreateParams", tree(&form));
    stand_in.answer(&headers, call, Ledger::refund).await
}

async fn refunds(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    stand_in.answer(&headers, Call::reading(), |ledger, _| ledger.list_refunds(&asked)).await
}
