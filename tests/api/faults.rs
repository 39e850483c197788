//! What the store does while the database does not answer, and after.
use mist::config::Secret;
use sea_orm::{ConnectionTrait, Database};

use crate::support::{TestApp, Wire};

/// PostgreSQL goes away and comes back; SQLite is held by another program and let go.
#[tokio::test]
async fn a_database_that_does_not_answer_is_503_until_it_does() {
    let app = TestApp::new().await;
    let settings = app.app.config.clone();
    if settings.database.url.as_str().starts_with("sqlite") {
        let other = Database::connect(settings.database.url.as_str()).await.unwrap();
        other.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
        let body = serde_json::json!({"email": "ada@example.com", "password": crate::support::PASSWORD, "display_name": "Ada"});
        let reply = app.nobody().post("/api/v1/auth/register", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"));
        assert!(!reply.header("retry-after").is_empty());
        other.execute_unprepared("ROLLBACK").await.unwrap();
        app.account("ada").await;
        return;
    }
    let mut url = url::Url::parse(settings.database.url.as_str()).unwrap();
    let server = format!("127.0.0.1:{}", url.port().unwrap());
    let wire = Wire::to(server.clone(), 0).await;
    url.set_port(Some(wire.port)).unwrap();
    // A copy of the same store: it shares the database and the key that seals the others.
    let key = std::fs::read_to_string(app.path("master.key")).unwrap();
    let app = TestApp::with(|config| {
        config.database.url = Secret::new(url);
        config.master_key = Some(Secret::new(key));
    })
    .await;
    let ada = app.account("ada").await;
    wire.cut();
    app.app.identity.forget(ada.session_id()).await;
    let reply = ada.get("/api/v1/me").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"));
    assert_eq!(app.nobody().get("/readyz").await.status, 503);
    assert_eq!(app.nobody().get("/healthz").await.status, 200);
    let _wire = Wire::to(server, wire.port).await;
    // The pool holds connections that were cut: each is found out once and replaced.
    let mut replies = Vec::new();
    for _ in 0..10 {
        app.app.identity.forget(ada.session_id()).await;
        replies.push(ada.get("/api/v1/me").await.status);
    }
    assert_eq!(replies.last(), Some(&200), "{replies:?}");
    assert!(replies.iter().all(|status| [200, 503].contains(status)), "{replies:?}");
}
