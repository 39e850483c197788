//! A store that makes connections private itself.
use std::{fs, path::Path};

use crate::support::{TestApp, said};

/// A new certificate for `localhost` beside its key.
fn certificate(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    // As a tool that renews certificates does it: each file is whole at any time.
    for (name, text) in [("tls.key", made.signing_key.serialize_pem()), ("tls.pem", pem.clone())] {
        fs::write(folder.join("next"), text).unwrap();
        fs::rename(folder.join("next"), folder.join(name)).unwrap();
    }
    pem
}

/// Somebody who believes this certificate alone, on a connection of their own.
fn visitor(pem: &str) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
}

#[tokio::test]
async fn a_store_with_a_certificate_is_reached_over_tls_and_shows_a_renewed_one() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let app = TestApp::with(|config| {
        config.http.tls.certificate = Some(folder.path().join("tls.pem"));
        config.http.tls.key = Some(folder.path().join("tls.key"));
        config.http.tls.reload_seconds = std::num::NonZeroU32::MIN;
    })
    .await;
    let port = app.url.rsplit(':').next().unwrap();
    let url = format!("https://localhost:{port}/healthz");
    let reply = visitor(&first).get(&url).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["strict-transport-security"], "max-age=31536000");
    assert!(reqwest::get(url.replace("https", "http")).await.is_err(), "nothing is told in the open");

    let mut health = app.program();
    health.env("MIST_HTTP__LISTEN", format!("127.0.0.1:{port}")).arg("health");
    for (name, file) in [("CERTIFICATE", "tls.pem"), ("KEY", "tls.key")] {
        health.env(format!("MIST_HTTP__TLS__{name}"), folder.path().join(file));
    }
    let (is_ready, told) = said(health.output().await.unwrap());
    assert!(is_ready, "a health check of the machine itself: {told}");

    let second = certificate(folder.path());
    while visitor(&second).get(&url).send().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(visitor(&first).get(&url).send().await.is_err(), "the old one is shown to nobody");
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_at_the_start() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificate(folder.path());
    certificate(other.path());
    let data = tempfile::tempdir().unwrap();
    let mut config = mist::config::Config { data_dir: data.path().join("data"), ..Default::default() };
    config.http.listen = "127.0.0.1:0".parse().unwrap();
    config.http.tls.certificate = Some(folder.path().join("tls.pem"));
    config.http.tls.key = Some(other.path().join("tls.key"));
    let opened = mist::store::Store::open(config, mist::clock::Clock::system()).await;
    let told = opened.err().unwrap().to_string();
    assert!(told.contains("http.tls") && told.contains("tls.key"), "{told}");
}
