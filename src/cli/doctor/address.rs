//! Whether the store is found and reached where its settings say that it is.
use std::time::Duration;

use http::StatusCode;
use mist::{
    calls::{Calls, Limits},
    config::Config,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::Url;

use super::Finding;

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10), bytes: 64 * 1024 };

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let Some(url) = &config.http.public_url else {
        return vec![Finding::warning(
            "http.public_url: not set, so links in mail lead to localhost",
            "set MIST_HTTP__PUBLIC_URL to where the store is reached from outside",
        )];
    };
    let mut findings = Vec::new();
    if url.scheme() != "https" {
        findings.push(Finding::warning(
            "http.public_url: is not https, so passwords and links go unencrypted",
            "put a proxy that speaks TLS before the store, and name its address",
        ));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        findings.push(Finding::failure("http.public_url: names no host", "set MIST_HTTP__PUBLIC_URL"));
        return findings;
    };
    let name = host.trim_matches(['[', ']']);
    let addresses: Vec<_> = match lookup_host((name, port)).await {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            findings.push(Finding::failure(
                format!("{host} has no address: {error}"),
                "make its record in DNS, and wait until it is known",
            ));
            return findings;
        }
    };
    let connected = timeout(LIMITS.connect, TcpStream::connect(addresses.as_slice())).await;
    if !matches!(connected, Ok(Ok(_))) {
        findings.push(Finding::warning(
            format!("{host} has an address, where nobody listens yet"),
            "start the store and its proxy, and ask again",
        ));
        return findings;
    }
    findings.push(asked(url, host).await);
    findings
}

/// Asks as strangers do, who believe in the certificates that the system believes in.
async fn asked(url: &Url, host: &str) -> Finding {
    let health = format!("{}/healthz", url.as_str().trim_end_matches('/'));
    let calls = Calls::new(LIMITS);
    let answer = async {
        let request = calls.client().await?.get(health);
        calls.send(request).await
    };
    match answer.await {
        Ok(answer) if answer.status == StatusCode::OK => {
            let sound = if url.scheme() == "https" { ", by a certificate that is believed" } else { "" };
            Finding::ok(format!("{host} leads to the store{sound}"))
        }
        Ok(answer) => Finding::warning(
            format!("{host} answers {}", answer.status),
            "see whether the proxy there leads to this store",
        ),
        Err(lack) => Finding::failure(
            format!("{host} can't be asked: {lack}"),
            "see whether its certificate is for this name, not over, and sent with its chain",
        ),
    }
}
