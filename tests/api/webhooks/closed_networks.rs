//! Webhooks can't be aimed at the store's own network.
use mist::webhooks::send_due;
use serde_json::json;

use super::{
    WEBHOOKS, deliveries,
    receiver::{Manner, Receiver},
    tell, test,
};
use crate::support::TestApp;

/// A test for each form of an address in a closed network: as a parser of addresses takes it, it is not taken.
macro_rules! not_taken {
    ($($form:ident: $($host:literal),+;)+) => {
        $(#[tokio::test]
        async fn $form() {
            is_not_taken(&[$($host),+]).await;
        })+
    };
}

not_taken! {
    dotted: "127.0.0.1", "127.0.0.1.", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.51.100.1", "224.0.0.1";
    with_parts_left_out: "127.1", "0x7f.1", "10.1", "192.168.1";
    decimal: "2130706433", "2852039166", "3232235521";
    hexadecimal: "0x7f000001", "0x7f.0.0.1", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE";
    octal: "0177.0.0.1", "017700000001", "0251.0376.0251.0376";
    nowhere: "0.0.0.0", "0", "[::]";
    metadata_of_clouds: "169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "168.63.129.16", "100.100.100.200";
    escaped_and_in_other_digits: "%31%32%37.0.0.1", "１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1";
    ipv6_loopback_and_link_local: "[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fc00::1]";
    ipv6_mapped: "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]";
    ipv6_compatible: "[::127.0.0.1]", "[::7f00:1]";
    ipv6_nat64: "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::a00:1]";
    ipv6_6to4: "[2002:7f00:1::]", "[2002:a00:1::]";
}

async fn is_not_taken(hosts: &[&str]) {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for host in hosts {
        let body = json!({"url": format!("https://{host}/latest"), "events": ["order.paid"]});
        let reply = admin.post(WEBHOOKS, body).await;
        let private = vec![("url".to_owned(), "private_address".to_owned())];
        assert_eq!((reply.status, reply.faults()), (422, private), "{host}");
    }
}

#[tokio::test]
async fn without_tls_nothing_is_taken() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
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
