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
    if config.http.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        findings.push(Finding::warning(
            "http.trusted_proxies: everybody, so that anybody may say from which address they come",
            "name the network of the proxy alone, such as 10.0.0.0/8",
        ));
    }
    let most = crate::open_files::most();
    if most.is_some_and(|most| most < crate::open_files::needed(config.http.max_connections)) {
        findings.push(Finding::warning(
            format!(
                "http.max_connections: {}, and this process may open {} files",
                config.http.max_connections,
                most.unwrap_or_default()
            ),
            "raise the limit (`ulimit -Hn`, LimitNOFILE= of systemd, ulimits of a container), or serve fewer",
        ));
    }
    findings
}
