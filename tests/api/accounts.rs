//! Accounts: registering, signing in and out, and what accounts may do.
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn registering_makes_an_account_and_signs_it_in() {
    let app = TestApp::new().await;
    let body =
        json!({"email": " Ada@Example.COM ", "password": PASSWORD, "display_name": "Ada", "country": "de"});
    let reply = app.nobody().post("/api/v1/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let session = reply.json();
    assert_eq!((session["token_type"].as_str(), session["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
    let account = &session["account"];
    assert_eq!(
        account,
        &json!({
            "id": account["id"], "email": "ada@example.com", "email_verified": false, "display_name": "Ada",
            "locale": null, "country": "DE", "roles": ["customer"], "totp_enabled": false,
            "created_at": "2026-11-22T12:00:00Z",
        })
    );
}
