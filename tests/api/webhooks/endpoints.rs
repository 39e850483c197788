//! Endpoints in the back office.
use serde_json::json;

use super::{WEBHOOKS, change, path, shop, tell, test};
use crate::support::everything;

#[tokio::test]
async fn the_secret_is_told_once_and_kept_sealed() {
    let (shop, admin) = shop().await;
    let made = tell(&admin, "https://hooks.example/mist", &["order.paid"]).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    for list in [WEBHOOKS.to_owned(), path(&made), format!("{}/deliveries", path(&made))] {
        test(&admin, &made).await;
        assert!(!admin.get(&list).await.text().contains("whsec_"), "{list}");
    }
    let bare = secret.trim_start_matches("whsec_");
    assert_eq!(everything::places_of(&shop.app.app.db.read, &[bare]).await, Vec::<String>::new());
    let other = admin.act(&format!("{}/rotate-secret", path(&made))).await.json();
    assert_ne!(other["secret"], made["secret"]);
}

#[tokio::test]
async fn an_endpoint_is_made_changed_and_deleted() {
    let (_shop, admin) = shop().await;
    let made = tell(&admin, "https://hooks.example", &["order.paid", "account.created", "order.paid"]).await;
    assert_eq!(made["url"], "https://hooks.example/");
    assert_eq!(made["events"], json!(["account.created", "order.paid"]));
    let changed = change(&admin, &made, json!({"events": ["build.released"], "enabled": false})).await.json();
    assert_eq!(
        (&changed["events"], &changed["enabled"], &changed["disabled_reason"]),
        (&json!(["build.released"]), &json!(false), &json!("by_admin"))
    );
    let refused = admin.act(&format!("{}/test", path(&made))).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "webhook_disabled"));
    let changed = change(&admin, &made, json!({"enabled": true})).await.json();
    assert_eq!((&changed["enabled"], &changed["disabled_reason"]), (&json!(true), &json!(null)));
    assert_eq!(changed, admin.get(&path(&made)).await.json());
    assert_eq!(admin.delete(&path(&made)).await.status, 204);
    assert_eq!(admin.get(&path(&made)).await.status, 404);
}

#[tokio::test]
async fn what_no_endpoint_can_be_is_refused_and_changes_nothing() {
    let (shop, admin) = shop().await;
    let made = tell(&admin, "https://hooks.example/", &["order.paid"]).await;
    let before = everything::rows(&shop.app.app.db.read).await;
    for (url, code) in [
        ("hooks", "invalid_url"),
        ("https://ada:secret@hooks.example/", "invalid_url"),
        ("https://", "invalid_url"),
        ("ftp://hooks.example/", "not_https"),
        ("file:///etc/passwd", "invalid_url"),
        ("https://hooks.example:25/", "port_not_allowed"),
        ("https://hooks.example:0/", "port_not_allowed"),
        ("https://hooks.example:70000/", "invalid_url"),
    ] {
        let reply = admin.post(WEBHOOKS, json!({"url": url, "events": ["order.paid"]})).await;
        assert_eq!((reply.status, reply.faults()), (422, vec![("url".to_owned(), code.to_owned())]), "{url}");
        assert_eq!(change(&admin, &made, json!({"url": url})).await.status, 422, "{url}");
    }
    for events in [json!([]), json!(["session.started"]), json!("order.paid")] {
        let body = json!({"url": "https://hooks.example/", "events": events});
        assert_eq!(admin.post(WEBHOOKS, body).await.status, 422, "{events}");
    }
    assert_eq!(
        everything::changed(&before, &everything::rows(&shop.app.app.db.read).await),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_store_has_fifty_endpoints_however_many_are_made_at_once() {
    let (_shop, admin) = shop().await;
    let body = json!({"url": "https://hooks.example/", "events": ["order.paid"]});
    for _ in 0..48 {
        assert_eq!(admin.post(WEBHOOKS, body.clone()).await.status, 201);
    }
    let replies = futures::future::join_all((0..4).map(|_| admin.post(WEBHOOKS, body.clone()))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let there = admin.get(&format!("{WEBHOOKS}?limit=100")).await.json()["items"].as_array().unwrap().len();
    assert!(made >= 1 && there == 48 + made && there <= 50, "{made} were made, {there} are there");
    while admin.post(WEBHOOKS, body.clone()).await.status == 201 {}
    let refused = admin.post(WEBHOOKS, body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "too_many_webhooks"));
}
