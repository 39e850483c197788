use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{ACCOUNTS, FORGOT, RESET, login};
use crate::support::{Client, PASSWORD, TestApp, said};

/// Runs `mist account create` on the store's database; whether it succeeded, and what it said.
async fn create(app: &TestApp, arguments: &[&str], input: &str) -> (bool, String) {
    let mut command = app.program();
    command
        .args(["account", "create"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    // Arguments that are refused leave the input unread.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes()).await;
    said(running.wait_with_output().await.unwrap())
}

#[tokio::test]
async fn an_operator_makes_an_admin_while_the_store_runs() {
    let app = TestApp::new().await;
    let arguments = ["--email", "Boss@Example.com", "--role", "admin", "--password-stdin"];
    let (done, said) = create(&app, &arguments, &format!("{PASSWORD}\n")).await;
    assert!(done && said.starts_with("Made admin boss@example.com ("), "{said}");
    let session = login(&app, "boss@example.com", PASSWORD).await.json();
    assert_eq!(session["account"]["display_name"], "boss");
    let boss = Client::signed_in(&app.url, &session);
    assert_eq!(boss.get(ACCOUNTS).await.status, 200);
}

#[tokio::test]
async fn where_nobody_can_type_the_owner_sets_the_password_by_mail() {
    let app = TestApp::new().await;
    let arguments = ["--email", "boss@example.com", "--role", "admin", "--password-by-mail"];
    let (done, said) = create(&app, &arguments, "").await;
    assert!(done && said.starts_with("Made admin boss@example.com ("), "{said}");
    let body = json!({"email": "boss@example.com"});
    assert_eq!(app.nobody().post(FORGOT, body).await.status, 202);
    let token = app.token("boss@example.com", "choose a new password").await;
    let body = json!({"token": token, "new_password": PASSWORD});
    assert_eq!(app.nobody().post(RESET, body).await.status, 204);
    let boss = Client::signed_in(&app.url, &login(&app, "boss@example.com", PASSWORD).await.json());
    assert_eq!(boss.get(ACCOUNTS).await.status, 200);

    let both = ["--email", "eve@example.com", "--role", "admin", "--password-by-mail", "--password-stdin"];
    let (done, said) = create(&app, &both, PASSWORD).await;
    assert!(!done && said.contains("cannot be used with"), "{said}");
}

#[tokio::test]
async fn an_operator_is_told_why_an_account_is_not_made() {
    let app = TestApp::new().await;
    app.account("ada").await;
    let customer = ["--email", "ada@example.com", "--role", "customer", "--password-stdin"];
    let (done, said) = create(&app, &customer, PASSWORD).await;
    assert!(!done && said.contains("ada@example.com has an account already"), "{said}");
    let (done, said) = create(&app, &customer, "passwordpassword\n").await;
    assert!(!done && said.contains("is among the first that would be guessed"), "{said}");
    let nobody = ["--email", "ada", "--role", "customer", "--password-stdin"];
    let (done, said) = create(&app, &nobody, PASSWORD).await;
    assert!(!done && said.contains("is not an e-mail address"), "{said}");
    let boss = ["--email", "eve@example.com", "--role", "boss", "--password-stdin"];
    let (done, said) = create(&app, &boss, PASSWORD).await;
    assert!(!done && said.contains("customer, editor, support, admin"), "{said}");
    let open = ["--email", "eve@example.com", "--role", "editor"];
    let (done, said) = create(&app, &open, PASSWORD).await;
    assert!(!done && said.contains("--password-stdin"), "{said}");
}
