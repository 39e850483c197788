//! Services of AWS for one test: moto, an implementation of others that recomputes every signature, which `cargo xtask test`
//! installs.
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use mist::config::{Config, MailKind, Secret};
use serde_json::Value;

pub const REGION: &str = "eu-central-1";
/// Whom SES lets send.
pub const SENDER: &str = "store@example.com";

/// Running services, and the key that they believe.
pub struct Server {
    running: Child,
    told: Value,
}

impl Server {
    pub fn start() -> Self {
        let python =
            std::env::var("MIST_TEST_AWS").expect("MIST_TEST_AWS: run this by `cargo xtask test FILTER`");
        let mut running = Command::new(python)
            .arg("tests/aws_server.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(running.stdout.take().unwrap()).lines();
        let told = lines.map(Result::unwrap).find(|line| line.starts_with('{')).expect("moto did not start");
        Self { running, told: serde_json::from_str(&told).unwrap() }
    }

    /// Lets a store send its mail here.
    pub fn configure(&self, config: &mut Config) {
        let told = |name: &str| self.told[name].as_str().unwrap().to_owned();
        config.mail.kind = MailKind::Ses;
        config.mail.from = format!("Mist <{SENDER}>");
        config.mail.ses.region = Some(REGION.to_owned());
        config.mail.ses.endpoint = Some(told("url").parse().unwrap());
        config.mail.ses.access_key_id = Some(told("key"));
        config.mail.ses.secret_access_key = Some(Secret::new(told("secret")));
    }

    /// The mails that were taken.
    pub async fn mails(&self) -> Vec<Value> {
        let url = format!("{}/moto-api/data.json", self.told["url"].as_str().unwrap());
        let data: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        data["ses"]["RawMessage"].as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.kill().unwrap();
        self.running.wait().unwrap();
    }
}
