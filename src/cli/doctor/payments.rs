//! Whether the keys of who takes the money are what they should be. Nobody is asked.
use mist::config::{Config, ProviderName};

use super::Finding;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let payments = &config.payments;
    let mut findings = Vec::new();
    if payments.providers.contains(&ProviderName::Mock) {
        findings.push(Finding::warning(
            "the mock takes no money: whoever asks gets everything",
            "set MIST_PAYMENTS__PROVIDERS=stripe before you sell",
        ));
    }
    if !payments.providers.contains(&ProviderName::Stripe) {
        return findings;
    }
    let key = payments.stripe.secret_key.as_ref().map_or("", |key| key.as_str());
    let live = key.starts_with("sk_live_") || key.starts_with("rk_live_");
    findings.push(match live {
        true => Finding::ok("Stripe's key is a live one"),
        false => Finding::warning(
            "Stripe's key is one for tests: no money is taken",
            "set a live MIST_PAYMENTS__STRIPE__SECRET_KEY, best a restricted one (rk_live_…)",
        ),
    });
    let secrets = payments.stripe.webhook_secrets();
    findings.push(if secrets.is_empty() {
        Finding::failure(
            "payments.stripe.webhook_secret: none, so every event of Stripe's is refused",
            "add the endpoint in Stripe's dashboard and set MIST_PAYMENTS__STRIPE__WEBHOOK_SECRET",
        )
    } else if secrets.iter().all(|secret| secret.starts_with("whsec_")) {
        Finding::ok("the secret of Stripe's events is set")
    } else {
        Finding::failure(
            "payments.stripe.webhook_secret: has not the form of what Stripe gives",
            "copy the signing secret of the endpoint from Stripe's dashboard",
        )
    });
    findings
}
