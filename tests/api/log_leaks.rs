//! The log: no secret, no address, no line that somebody else wrote. Each store of a test looks for secrets when it is
//! dropped; here it is shown that it would find them.
use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::support::{
    PASSWORD, Reply, TestApp,
    logs::{self, foreign_lines, leaks_in},
};

#[tokio::test]
async fn a_store_that_logged_a_secret_would_be_found_out() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let session = ada.session();
    for secret in [
        PASSWORD.to_owned(),
        format!("token {}", session["refresh_token"].as_str().unwrap()),
        format!("Authorization: Bearer {}", session["access_token"].as_str().unwrap()),
        "ada@example.com".to_owned(),
    ] {
        assert_eq!(logs::leaks(), Vec::<String>::new());
        tracing::debug!(said = secret, "a canary");
        assert_eq!(logs::leaks().len(), 1, "{secret}");
        logs::forget();
    }
}

#[test]
fn secrets_are_known_by_their_form_or_by_name() {
    let known: BTreeSet<String> = ["a-refresh-token".to_owned()].into();
    for line in [
        "got eyJhbGciOiJFZERTQSJ9.e30.x",
        "hash $argon2id$v=19$m=19456",
        "GET /downloads/1?expires=2&signature=abc",
        "key mist_0123456789abcdefghijklmn",
        "header authorization: x",
        "used a-refresh-token twice",
        PASSWORD,
    ] {
        assert_eq!(leaks_in(line, &known), [line]);
    }
    for line in ["mist_http_requests_total", "database mist_test_0199", "authorization was refused", ""] {
        assert_eq!(leaks_in(line, &known), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_a_client_sends_makes_no_line_of_its_own() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let forged = "x\n2026-11-22T12:00:00.000000Z  INFO mist: everything is fine";
    let escaped = "x%0d%0a2026-11-22T12:00:00.000000Z%20%20INFO%20mist:%20fine";
    for body in [json!({"display_name": forged}), json!({"display_name": "ok", forged: 1})] {
        Reply::of(ada.request(Method::PATCH, "/api/v1/me").json(&body)).await;
    }
    for path in [
        format!("/api/v1/{escaped}"),
        format!("/api/v1/products/{escaped}"),
        format!("/api/v1/products?q={escaped}&{escaped}=1"),
        format!("/downloads/{escaped}/{escaped}?expires={escaped}&signature={escaped}"),
    ] {
        ada.get(&path).await;
    }
    let odd = ada.request(Method::GET, "/api/v1/me").header("x-request-id", "a b\tc");
    Reply::of(odd.header("user-agent", "\tINFO mist: fine")).await;
    let log = logs::logged();
    assert!(log.contains("answered"), "the log was not taken down");
    assert_eq!(foreign_lines(&log), Vec::<String>::new());
    assert!(!log.contains("fine"), "what was sent is in the log");
    assert_eq!(foreign_lines(forged).len(), 1, "a line of somebody else's is found");
}
