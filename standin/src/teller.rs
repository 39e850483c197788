//! How events reach a store: once or often, early or late, in any order, or not at all.
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{SECRET, signature};

/// Where a store hears events.
const PATH: &str = "/api/v1/webhooks/stripe";
/// How long a store may take to acknowledge one, as Stripe documents it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How an event is told.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// So often, at once.
    Times(usize),
    /// Later.
    Late(Duration),
    /// Not at all, nor later.
    Lost,
}

/// Tells one store events, signed at the moment; what is not acknowledged is kept to be told again.
pub struct Teller {
    http: reqwest::Client,
    url: String,
    waiting: Mutex<Vec<Value>>,
}

impl Teller {
    /// Of a store at an address.
    pub fn new(url: &str) -> Self {
        Self { http: reqwest::Client::new(), url: format!("{url}{PATH}"), waiting: Mutex::default() }
    }

    /// Tells an event; says whether it was acknowledged.
    pub async fn tell(&self, event: &Value, manner: Manner) -> bool {
        let times = match manner {
            Manner::Lost => return false,
            Manner::Late(by) => {
                tokio::time::sleep(by).await;
                1
            }
            Manner::Times(times) => times,
        };
        let told = futures::future::join_all((0..times).map(|_| self.send(event))).await;
        let acknowledged = told.contains(&true);
        if !acknowledged {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        }
        acknowledged
    }

    /// Tells what was not acknowledged again, the last first; says how many were now.
    pub async fn tell_again(&self) -> usize {
        let mut waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut acknowledged = 0;
        while let Some(event) = waiting.pop() {
            acknowledged += usize::from(self.tell(&event, Manner::Times(1)).await);
        }
        acknowledged
    }

    #[expect(clippy::disallowed_methods, reason = "the store's clock does not exist here")]
    async fn send(&self, event: &Value) -> bool {
        let body = event.to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs().cast_signed());
        let request = self.http.post(&self.url).timeout(PATIENCE);
        let request = request.header("stripe-signature", signature(SECRET, now, &body));
        let reply = request.header("content-type", "application/json").body(body).send().await;
        reply.is_ok_and(|reply| reply.status().is_success())
    }
}
