//! Webhooks can't be aimed at the store's own network.
use mist::webhooks::send_due;
use serde_json::json;

use super::{
    WEBHOOKS, deliveries,
    receiver::{Manner, Receiver},
    tell, test,
};
use crate::support::TestApp;

/// Addresses of closed networks, in every form that a parser of addresses takes.
const CLOSED: [&str; 28] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "127。0。0。1",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "198.51.100.1",
    "224.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
];

#[tokio::test]
async fn no_form_of_a_closed_address_is_taken() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for host in CLOSED {
        let body = json!({"url": format!("https://{host}/latest"), "events": ["order.paid"]});
        let reply = admin.post(WEBHOOKS, body).await;
        let private = vec![("url".to_owned(), "private_address".to_owned())];
        assert_eq!((reply.status, reply.faults()), (422, private), "{host}");
    }
    let body = json!({"url": "http://hooks.example/", "events": ["order.paid"]});
    assert_eq!(admin.post(WEBHOOKS, body).await.faults(), [("url".to_owned(), "not_https".to_owned())]);
}

#[tokio::test]
async fn a_name_that_leads_into_a_closed_network_is_refused_when_it_is_connected_to() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let port = receiver.url.split([':', '/']).nth(4).unwrap();
    let webhook = tell(&admin, &format!("https://localhost:{port}/hook"), &["order.paid"]).await;
    test(&admin, &webhook).await;
    send_due(&app.app).await.unwrap();
    let known = deliveries(&admin, &webhook).await;
    assert_eq!(known[0]["attempts"][0]["error"], "address_refused", "{known:?}");
    assert_eq!(receiver.messages().len(), 0);
}

#[tokio::test]
async fn an_endpoint_that_other_settings_allowed_is_judged_anew_by_each_attempt() {
    let allowing = TestApp::with(|config| config.webhooks.allow_private = true).await;
    let admin = allowing.admin().await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let webhook = tell(&admin, &receiver.url, &["order.paid"]).await;
    test(&admin, &webhook).await;
    let strict = allowing.another_copy_with(|config| config.webhooks.allow_private = false).await;
    send_due(&strict.app).await.unwrap();
    assert_eq!(deliveries(&admin, &webhook).await[0]["attempts"][0]["error"], "address_refused");
    assert_eq!(receiver.messages().len(), 0);
}
