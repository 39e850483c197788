//! A Stripe of others for one test: localstripe, which `cargo xtask test` installs.
use mist::config::{Config, ProviderName, Secret};
use serde_json::Value;

use super::python::Running;

const KEY: &str = "sk_test_localstripe";

/// A running server.
pub struct Server(Running);

impl Server {
    pub fn start() -> Self {
        Self(Running::start("MIST_TEST_JUDGE", "tests/stripe_server.py"))
    }

    /// Lets a store take its money here.
    pub fn configure(&self, config: &mut Config) {
        config.payments.providers = vec![ProviderName::Stripe];
        config.payments.stripe.secret_key = Some(Secret::new(KEY));
        config.payments.stripe.publishable_key = Some("pk_test_localstripe".to_owned());
        config.payments.stripe.api_base = self.0.text("url").parse().unwrap();
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = reqwest::Client::new().post(format!("{}{path}", self.0.text("url"))).bearer_auth(KEY);
        let reply = request.form(form).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{path}");
        reply.json().await.unwrap()
    }

    /// Its buyer pays an intent with Stripe's test card, whose bank is in France here.
    pub async fn pay(&self, intent: &str) {
        let card = [
            ("type", "card"),
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2040"),
            ("card[cvc]", "123"),
        ];
        let method = self.post("/v1/payment_methods", &card).await;
        let path = format!("/v1/payment_intents/{intent}");
        self.post(&path, &[("payment_method", method["id"].as_str().unwrap())]).await;
        let paid = self.post(&format!("{path}/confirm"), &[]).await;
        assert_eq!(paid["status"], "succeeded");
    }

    /// Something of its ledger.
    pub async fn get(&self, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", self.0.text("url"))).bearer_auth(KEY);
        request.send().await.unwrap().json().await.unwrap()
    }
}
