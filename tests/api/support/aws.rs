//! Services of AWS for one test: moto, an implementation of others that recomputes every signature, which `cargo xtask test`
//! installs.
use mist::config::{Config, MailKind, Secret};
use serde_json::{Value, json};

use super::python::Running;

pub const REGION: &str = "eu-central-1";
/// Whom SES lets send.
pub const SENDER: &str = "store@example.com";

/// Running services, and the key that they believe.
pub struct Server(Running);

impl Server {
    pub fn start() -> Self {
        Self(Running::start("MIST_TEST_AWS", "tests/aws_server.py"))
    }

    /// Lets a store send its mail here.
    pub fn configure(&self, config: &mut Config) {
        let told = |name: &str| self.0.text(name).to_owned();
        config.mail.kind = MailKind::Ses;
        config.mail.from = format!("Mist <{SENDER}>");
        config.mail.ses.region = Some(REGION.to_owned());
        config.mail.ses.endpoint = Some(told("url").parse().unwrap());
        config.mail.ses.access_key_id = Some(told("key"));
        config.mail.ses.secret_access_key = Some(Secret::new(told("secret")));
    }

    /// Has a store publish its events to a topic.
    pub fn publish(&self, config: &mut Config, arn: &str) {
        let told = |name: &str| self.0.text(name).to_owned();
        config.topic.arn = Some(arn.to_owned());
        config.topic.endpoint = Some(told("url").parse().unwrap());
        config.topic.access_key_id = Some(told("key"));
        config.topic.secret_access_key = Some(Secret::new(told("secret")));
    }

    /// A call by Amazon's own library.
    pub fn call(&self, service: &str, operation: &str, with: Value) -> Value {
        self.0.ask(&json!({"service": service, "operation": operation, "with": with}))
    }

    /// The mails that were taken.
    pub async fn mails(&self) -> Vec<Value> {
        let url = format!("{}/moto-api/data.json", self.0.text("url"));
        let data: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        data["ses"]["RawMessage"].as_array().cloned().unwrap_or_default()
    }
}
