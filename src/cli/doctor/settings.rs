//! Settings that are sound by themselves and unwise together.
use mist::{
    config::{Config, StorageKind},
    keys::MasterKey,
};

use super::Finding;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("read; `mist config` prints them")];
    let shared = !config.database.url.as_str().starts_with("sqlite:");
    match &config.master_key {
        Some(_) => {
            if let Err(why) = MasterKey::load(config.master_key.as_ref(), &config.folder("master.key")) {
                findings.push(Finding::failure(why, "make one by `openssl rand -hex 32` and keep it"));
            }
        }
        None if shared => findings.push(Finding::warning(
            "master_key: lies in the data folder, and PostgreSQL is what several copies share",
            "give every copy the same MIST_MASTER_KEY: the text of the file master.key",
        )),
        None => {}
    }
    if shared && config.storage.kind == StorageKind::Local {
        findings.push(Finding::warning(
            "storage.kind: builds lie in the data folder, and PostgreSQL is what several copies share",
            "set MIST_STORAGE__KIND=s3, or let all copies share the data folder",
        ));
    }
    let behind_tls = config.http.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let speaks_tls = config.http.tls.certificate.is_some();
    if behind_tls && !speaks_tls && config.http.trusted_proxies.is_empty() {
        findings.push(Finding::warning(
            "http.trusted_proxies: none, yet the store is reached by https, which it does not speak itself",
            "name the proxy's network, or everybody counts as one address when sign-ins are throttled",
        ));
    }
    findings
}
