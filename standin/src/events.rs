//! Events, and how Stripe signs them. <https://docs.stripe.com/webhooks#verify-manually>
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

/// Numbers of the events that were told.
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// An event with an id of its own.
pub fn event(kind: &str, object: Value) -> Value {
    let id = format!("evt_{}", TOLD.fetch_add(1, Ordering::Relaxed));
    json!({"id": id, "object": "event", "type": kind, "livemode": false, "data": {"object": object}})
}

/// `Stripe-Signature` of a body at a time, seconds since 1970.
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(tag))
}
