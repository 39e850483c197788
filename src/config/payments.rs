//! Who takes the money.
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Secret, lenient};

/// Who takes the money.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// The first is used unless the buyer names another.
    #[serde(deserialize_with = "lenient::list")]
    pub providers: Vec<ProviderName>,
    /// Stripe.
    pub stripe: Stripe,
}

impl Default for Payments {
    fn default() -> Self {
        Self { providers: vec![ProviderName::Mock], stripe: Stripe::default() }
    }
}

/// Stripe.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stripe {
    /// `sk_…`, or a restricted `rk_…` that may write checkout sessions and refunds and read payment intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<Secret>,
    /// `whsec_…`, several between commas while they are rolled; without one every event is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<Secret>,
    /// `pk_…`, which browsers show Stripe's Elements with: no secret. Without one there are no Elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishable_key: Option<String>,
    /// Where its API is.
    pub api_base: Url,
}

/// Where Stripe's API is.
const API_BASE: &str = "https://api.stripe.com";

impl Default for Stripe {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant that the tests parse")]
        let api_base = Url::parse(API_BASE).expect("an address");
        Self { secret_key: None, webhook_secret: None, publishable_key: None, api_base }
    }
}

impl Stripe {
    /// The secrets by which events may be signed.
    pub fn webhook_secrets(&self) -> Vec<String> {
        let text = self.webhook_secret.as_ref().map_or("", Secret::as_str);
        text.split(',').map(str::trim).filter(|secret| !secret.is_empty()).map(str::to_owned).collect()
    }
}

impl Payments {
    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("payments.{setting}: {why}"));
            }
        };
        refuse(self.providers.is_empty(), "providers", "names none");
        let key = self.stripe.secret_key.as_ref().map_or("", Secret::as_str);
        let known =
            ["sk_test_", "rk_test_", "sk_live_", "rk_live_"].iter().any(|begin| key.starts_with(begin));
        let stripe = self.providers.contains(&ProviderName::Stripe);
        refuse(stripe && !known, "stripe.secret_key", "must be a key such as sk_test_… or rk_live_…");
        let publishable = self.stripe.publishable_key.as_deref();
        refuse(
            publishable.is_some_and(|key| !key.starts_with("pk_test_") && !key.starts_with("pk_live_")),
            "stripe.publishable_key",
            "must be a key such as pk_test_… or pk_live_…: never a secret one",
        );
        let live = ["sk_live_", "rk_live_"].iter().any(|begin| key.starts_with(begin));
        refuse(
            live && self.providers.contains(&ProviderName::Mock),
            "providers",
            "`mock` gives products away: leave it out where a live key of Stripe's is set",
        );
        refuse(
            !matches!(self.stripe.api_base.scheme(), "https" | "http"),
            "stripe.api_base",
            "must begin with https:// (http:// where the network is trusted)",
        );
        faults
    }
}

/// The payment providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    /// Takes no money: for trying the store out.
    Mock,
    /// <https://stripe.com>.
    Stripe,
}

impl ProviderName {
    /// As configured, stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::Stripe => "stripe",
        }
    }
}

impl std::str::FromStr for ProviderName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mock" => Ok(Self::Mock),
            "stripe" => Ok(Self::Stripe),
            other => {
                Err(format!("`{other}` is no payment provider of this store; there are `mock` and `stripe`"))
            }
        }
    }
}
