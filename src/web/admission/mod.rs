//! Who is let in: how often each may ask, and how many requests are worked on at once.
//!
//! What is answered from memory costs less than to be counted, and is neither counted nor kept waiting.
mod allowance;
mod arrival;
mod class;
mod room;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::{
    allowance::{Ledger, Standing, Who},
    class::Class,
    room::Rooms,
};
use super::peer;
use crate::{app::App, clock::Clock, config::Config, error::Result};

/// How much is left of what was counted: draft-ietf-httpapi-ratelimit-headers-10.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What is counted.
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// In the answer to who was sent away: of which room it was.
#[derive(Clone, Copy)]
pub struct Shed(pub &'static str);

/// What has been asked, and what is being worked on.
pub struct Admission {
    ledger: Ledger,
    rooms: Rooms,
    /// Of what is still being sent.
    memory: Semaphore,
}

impl Admission {
    /// As the settings say.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self { ledger: Ledger::new(clock), rooms: Rooms::new(config.load), memory: arrival::memory() }
    }
}

/// What a request is counted as, and the least that is left to who asks.
#[derive(Clone)]
struct Counted {
    class: Class,
    standing: Arc<Mutex<Option<Standing>>>,
}

impl Counted {
    fn note(&self, standing: Standing) {
        let mut least = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if least.as_ref().is_none_or(|least| standing.left < least.left) {
            *least = Some(standing);
        }
    }
}

/// Counts a request to its address: 429 `too_many_requests` with `Retry-After` beyond what that may ask. Answers to who is
/// counted say how much is left.
pub async fn counted(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let class = Class::of(&request);
    let address = match peer::address(&app, request.extensions(), request.headers()) {
        Ok(address) => address,
        Err(error) => return error.into_response(),
    };
    let settings = &app.config.rate_limits;
    if settings.exempt.iter().any(|network| network.contains(&address)) {
        return next.run(request).await;
    }
    let counted = Counted { class, standing: Arc::default() };
    let mut response = match take(&app, &counted, Who::at(address)) {
        Err(error) => error.into_response(),
        Ok(()) => {
            request.extensions_mut().insert(counted.clone());
            next.run(request).await
        }
    };
    let standing = counted.standing.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(standing) = &*standing {
        tell(response.headers_mut(), standing);
    }
    drop(standing);
    response
}

/// Counts a request to who turned out to ask, an account or an API key; 429 `too_many_requests` as above.
pub fn count_account(app: &App, parts: &Parts, id: Uuid) -> Result<()> {
    match parts.extensions.get::<Counted>() {
        Some(counted) => take(app, counted, Who::Account(id)),
        None => Ok(()),
    }
}

fn take(app: &App, counted: &Counted, who: Who) -> Result<()> {
    let settings = &app.config.rate_limits;
    let allowances = if matches!(who, Who::Account(_)) { settings.per_account } else { settings.per_address };
    let Some(rate) = counted.class.rate(&allowances) else { return Ok(()) };
    match app.admission.ledger.take(counted.class, who, rate) {
        Ok(standing) => {
            counted.note(standing);
            Ok(())
        }
        Err(standing) => {
            metrics::counter!("mist_rate_limited_total", "class" => counted.class.name()).increment(1);
            let refusal = allowance::TOO_MANY_REQUESTS.after(standing.seconds);
            counted.note(standing);
            Err(refusal.into())
        }
    }
}

fn tell(headers: &mut HeaderMap, standing: &Standing) {
    for (name, text) in [(RATE_LIMIT, standing.told()), (RATE_LIMIT_POLICY, standing.policy())] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}

/// Waits until there is room for a request of its class: 503 `overloaded` with `Retry-After` at once where that would take too
/// long. Who asks whether the store is up never waits, and what is still being sent takes no place.
pub async fn admitted(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(room) = app.admission.rooms.of(Class::of(&request)) else { return next.run(request).await };
    let settings = &app.config.http;
    let limit = Duration::from_secs(settings.request_timeout);
    let request = match arrival::arrived(request, &app.admission.memory, settings.max_body_bytes, limit).await
    {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    match room.enter().await {
        Ok(_place) => next.run(request).await,
        Err(error) => {
            let mut response = error.into_response();
            response.extensions_mut().insert(Shed(room.name()));
            response
        }
    }
}
