//! The OpenID Connect providers that people may sign in through.
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Secret, lenient};

/// Characters of a provider's name at most.
const LONGEST_NAME: usize = 32;

/// A provider: a Cognito user pool, Google, Keycloak, anything with discovery.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its address as its own discovery document writes it; `/.well-known/openid-configuration` is found below it.
    pub issuer: String,
    /// This store, as the provider calls it.
    pub client_id: String,
    /// What this store proves itself with; none for a public client, which PKCE alone protects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// As people see it; default: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What is asked for; `openid` always is.
    #[serde(default = "scopes", deserialize_with = "lenient::list")]
    pub scopes: Vec<String>,
}

fn scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).to_vec()
}

impl Oidc {
    /// Each setting of a provider that is not as it should be, and why.
    pub(super) fn faults(&self, name: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("oidc.{name}{setting}: {why}"));
            }
        };
        let sound = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        refuse(!sound, "", "a provider's name has 1 to 32 of a-z, 0-9, - and _");
        let issuer = Url::parse(&self.issuer).ok().filter(|url| {
            let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            matches!(url.scheme(), "https" | "http") && url.has_host() && bare
        });
        refuse(
            issuer.is_none(),
            ".issuer",
            "must be an https:// address (http:// where the network is trusted) without a query",
        );
        refuse(self.client_id.is_empty(), ".client_id", "must not be empty");
        let secret = self.client_secret.as_ref().map(Secret::as_str);
        refuse(secret == Some(""), ".client_secret", "must not be empty; leave it out for a public client");
        faults
    }
}
