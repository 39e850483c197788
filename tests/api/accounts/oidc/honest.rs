//! A store whose provider tells the truth about one person.
use mist::config::Config;
use serde_json::{Value, json};

use super::{
    EXCHANGE,
    fake::{Fake, Key},
    signed_in, start,
};
use crate::support::{Client, Reply, TestApp};

/// Where a frontend waits for the code.
pub(super) const FRONTEND: &str = "https://app.example.com/";

pub(super) struct Honest {
    pub(super) app: TestApp,
    fake: Fake,
    key: Key,
}

impl Honest {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let key = Key::new("first");
        let fake = Fake::new(&key).await;
        Self { app: fake.store_with(settings).await, fake, key }
    }

    /// The callback's answer to Ada, who has nowhere to return to.
    pub(super) async fn callback(&self) -> Reply {
        self.answer(&start("fake"), true).await
    }

    /// The same to somebody whose address is Ada's by their own word alone.
    pub(super) async fn unproven(&self) -> Reply {
        self.answer(&start("fake"), false).await
    }

    /// Ada, signed in.
    pub(super) async fn ada(&self) -> Client {
        signed_in(&self.app, &self.callback().await)
    }

    /// A code for Ada's frontend.
    pub(super) async fn code(&self) -> String {
        let reply = self.answer(&format!("{}?return_to={FRONTEND}", start("fake")), true).await;
        let code = reply.header("location").strip_prefix(&format!("{FRONTEND}#code="));
        code.unwrap_or_else(|| panic!("{} {}", reply.status, reply.text())).to_owned()
    }

    pub(super) async fn exchange(&self, code: &str, totp: Option<&str>) -> Reply {
        let mut body = json!({"code": code});
        if let Some(totp) = totp {
            body["totp_code"] = Value::from(totp);
        }
        self.app.nobody().post(EXCHANGE, body).await
    }

    async fn answer(&self, path: &str, proven: bool) -> Reply {
        let mut claims = self.fake.claims(&self.app);
        claims["email_verified"] = Value::from(proven);
        let sign = |nonce: &str| {
            claims["nonce"] = Value::from(nonce);
            self.key.sign(&claims)
        };
        self.fake.answer_to(&self.app, path, "code=any", sign).await
    }
}
