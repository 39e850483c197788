//! The back office.
use chrono::Duration;
use mist::{background, events::Event};
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;

/// Somebody did something, and the audit log has caught up.
async fn did(app: &TestApp, event: Event) {
    app.app.db.write(async |tx| Ok(event.clone().record(tx, &app.clock).await?)).await.unwrap();
    background::tick(&app.app, "events").await.unwrap();
}

#[tokio::test]
async fn what_somebody_did_is_in_the_audit_log_and_what_happened_by_itself_is_not() {
    let app = TestApp::new().await;
    let (actor, subject, owner) = (app.clock.new_id(), app.clock.new_id(), app.clock.new_id());
    did(&app, Event::new("test.expired", subject)).await;
    did(&app, Event::new("test.published", subject).actor(actor).account(owner).with("version", 3)).await;
    let reply = app.admin().await.get("/api/v1/admin/audit-log?action=test.published").await;
    let mut entry = reply.json()["items"][0].clone();
    let id: Uuid = entry["id"].take().as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
    assert_eq!(
        entry,
        json!({
            "id": null, "at": "2026-11-22T12:00:00Z", "actor_id": actor, "action": "test.published",
            "subject_type": "test", "subject_id": subject, "ip": null,
            "details": {"version": 3, "account_id": owner},
        })
    );
    assert_eq!(reply.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(reply.json()["next_cursor"], json!(null));
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_actor_action_subject_and_time() {
    let app = TestApp::new().await;
    let (ada, bob, thing) = (app.clock.new_id(), app.clock.new_id(), app.clock.new_id());
    did(&app, Event::new("test.one", thing).actor(ada)).await;
    app.advance(Duration::minutes(1));
    did(&app, Event::new("test.two", app.clock.new_id()).actor(ada)).await;
    app.advance(Duration::minutes(1));
    did(&app, Event::new("test.three", thing).actor(bob)).await;
    let admin = app.admin().await;
    for (query, expected) in [
        (format!("?actor={ada}"), vec!["test.two", "test.one"]),
        (format!("?subject={thing}"), vec!["test.three", "test.one"]),
        ("?action=test.two".to_owned(), vec!["test.two"]),
        ("?action=test.nothing".to_owned(), vec![]),
        ("?from=2026-11-22T12:01:00Z&to=2026-11-22T12:02:00Z".to_owned(), vec!["test.two"]),
    ] {
        let reply = admin.get(&format!("/api/v1/admin/audit-log{query}")).await;
        let items = reply.json()["items"].as_array().unwrap().clone();
        let actions: Vec<_> = items.iter().map(|item| item["action"].as_str().unwrap()).collect();
        assert_eq!(actions, expected, "{query}");
    }
}

#[tokio::test]
async fn the_audit_log_comes_in_pages_newest_first() {
    let app = TestApp::new().await;
    let (actor, subject) = (app.clock.new_id(), app.clock.new_id());
    for kind in ["test.one", "test.two", "test.three"] {
        did(&app, Event::new(kind, subject).actor(actor)).await;
    }
    let admin = app.admin().await;
    let path = format!("/api/v1/admin/audit-log?subject={subject}&limit=2");
    let first = admin.get(&path).await;
    assert_eq!(first.json()["items"][1]["action"], "test.two");
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(
        first.header("link"),
        format!("</api/v1/admin/audit-log?subject={subject}&limit=2&cursor={cursor}>; rel=\"next\"")
    );
    did(&app, Event::new("test.four", subject).actor(actor)).await;
    let second = admin.get(&format!("{path}&cursor={cursor}")).await;
    assert_eq!(second.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(second.json()["items"][0]["action"], "test.one");
    let other = admin.get(&format!("/api/v1/admin/audit-log?cursor={cursor}")).await;
    assert_eq!((other.status, other.code().as_str()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn only_admins_read_the_audit_log() {
    let app = TestApp::new().await;
    let path = "/api/v1/admin/audit-log";
    assert_eq!(app.nobody().get(path).await.code(), "unauthorized");
    assert_eq!(app.support().await.get(path).await.code(), "forbidden");
    let reply = app.admin().await.get(&format!("{path}?actor=ada&from=yesterday&limit=0&who=x")).await;
    assert_eq!(reply.status, 422);
    let mut fields: Vec<_> = reply.faults().into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["actor", "from", "limit", "who"]);
}
