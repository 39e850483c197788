//! The stand-in for Stripe beside a store of the tests: events are signed at the moment of its clock.
use mist::config::{Config, ProviderName, Secret};
use serde_json::Value;
pub use standin::{CARD_COUNTRY, Fault, SECRET, StandIn, event, signature};

use super::{Reply, TestApp};

/// Lets a store take its money at a stand-in.
pub fn configure(stripe: &StandIn, config: &mut Config) {
    config.payments.providers = vec![ProviderName::Stripe];
    config.payments.stripe.secret_key = Some(Secret::new(standin::KEY));
    config.payments.stripe.webhook_secret = Some(Secret::new(format!("whsec_new,{SECRET}")));
    config.payments.stripe.publishable_key = Some("pk_test_stand_in".to_owned());
    config.payments.stripe.api_base = stripe.url().parse().unwrap();
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
