//! Many buyers, registered once and used in every round: to hash a password for each would be most of a race.

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, PASSWORD, Server, text};

/// The address of a buyer, by number.
pub(super) fn address(number: usize) -> String {
    format!("buyer{number}@example.com")
}

pub(super) struct Buyers {
    nobody: Caller,
    refresh_tokens: Vec<String>,
    pub(super) all: Vec<Caller>,
}

impl Buyers {
    pub(super) async fn register(server: &Server, count: usize) -> Result<Self> {
        let nobody = server.nobody();
        let mut buyers = Self { nobody, refresh_tokens: Vec::new(), all: Vec::new() };
        for number in 0..count {
            let body = json!({"email": address(number), "password": PASSWORD, "display_name": "Somebody"});
            let session = buyers.nobody.call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
            buyers.admit(&session)?;
        }
        Ok(buyers)
    }

    /// Each gets a new token, before the old one is too old.
    pub(super) async fn renew(&mut self) -> Result<()> {
        self.all.clear();
        for token in std::mem::take(&mut self.refresh_tokens) {
            let body = json!({"refresh_token": token});
            let session = self.nobody.call(Method::POST, "/api/v1/auth/refresh", Some(body)).await?;
            self.admit(&session)?;
        }
        Ok(())
    }

    fn admit(&mut self, session: &Value) -> Result<()> {
        self.refresh_tokens.push(text(session, "/refresh_token")?.to_owned());
        self.all.push(self.nobody.signed_in(text(session, "/access_token")?));
        Ok(())
    }
}
