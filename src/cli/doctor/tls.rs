//! The certificate of the store's own listener, where the settings name one.
use chrono::TimeDelta;
use mist::{config::Config, serve::Tls};

use super::Finding;
use crate::cli::clock;

/// Who renews a certificate by machine has done so by then.
const SOON: TimeDelta = TimeDelta::days(14);

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let tls = match Tls::open(&config.http.tls) {
        Ok(Some(tls)) => tls,
        Ok(None) => return Vec::new(),
        Err(why) => {
            let advice = "name a certificate chain and its key, both PEM files that this user may read";
            return vec![Finding::failure(format!("http.tls: {why}"), advice)];
        }
    };
    let Some(until) = tls.expires() else {
        let advice = "see it by `openssl x509 -text`";
        return vec![Finding::warning("http.tls.certificate: nobody can tell how long it holds", advice)];
    };
    let left = until - clock().now();
    let what = format!("http.tls.certificate: holds until {until}");
    vec![match left {
        _ if left <= TimeDelta::zero() => {
            Finding::failure(what, "renew it: nobody's browser connects any more")
        }
        _ if left <= SOON => {
            Finding::warning(what, "renew it; the store reads its files again when they change")
        }
        _ => Finding::ok(what),
    }]
}
