use chrono::Duration;
use serde_json::json;
use url::Url;

use super::{Browser, EXCHANGE, counts, refusal, signed_in, start, store, suspend};
use crate::support::{Reply, TestApp};

/// Signs in with somewhere to return to; the code it returns with.
async fn code(app: &TestApp, return_to: &str) -> String {
    let mut browser = Browser::default();
    let callback = browser.callback(app, &returning(return_to), "ada").await;
    let reply = browser.get(&callback).await;
    assert_eq!((reply.status, reply.header("referrer-policy")), (303, "no-referrer"), "{}", reply.text());
    let code = reply.header("location").strip_prefix(&format!("{return_to}#code="));
    code.unwrap_or_else(|| panic!("{}", reply.header("location"))).to_owned()
}

fn returning(to: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", to).finish();
    format!("{}?{query}", start("op"))
}

async fn exchange(app: &TestApp, code: &str) -> Reply {
    app.nobody().post(EXCHANGE, json!({"code": code})).await
}

#[tokio::test]
async fn a_frontend_gets_a_code_that_works_once() {
    let app = store().await;
    let invalid = (401, "invalid_code".to_owned());
    for return_to in ["https://app.example.com/signed-in?from=store", &app.app.public_url("/back")] {
        let code = code(&app, return_to).await;
        signed_in(&app, &exchange(&app, &code).await);
        assert_eq!(refusal(&exchange(&app, &code).await), invalid);
    }
    assert_eq!(refusal(&exchange(&app, "never given out").await), invalid);
    assert_eq!(counts(&app).await, (1, 1));
}

#[tokio::test]
async fn a_code_that_comes_twenty_times_at_once_works_once() {
    let app = store().await;
    let code = code(&app, "https://app.example.com/").await;
    let replies = futures::future::join_all((0..20).map(|_| exchange(&app, &code))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 401).count(), 19);
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let app = store().await;
    let (early, late) =
        (code(&app, "https://app.example.com/").await, code(&app, "https://app.example.com/").await);
    app.advance(Duration::seconds(59));
    assert_eq!(exchange(&app, &early).await.status, 200);
    app.advance(Duration::seconds(1));
    assert_eq!(refusal(&exchange(&app, &late).await), (401, "invalid_code".to_owned()));
}

#[tokio::test]
async fn a_code_opens_nothing_to_who_was_suspended_meanwhile() {
    let app = store().await;
    let first = code(&app, "https://app.example.com/").await;
    let ada = signed_in(&app, &exchange(&app, &first).await);
    let second = code(&app, "https://app.example.com/").await;
    suspend(&app, ada.account_id(), entity::account::Status::Suspended).await;
    assert_eq!(refusal(&exchange(&app, &second).await), (403, "account_suspended".to_owned()));
}

#[tokio::test]
async fn a_sign_in_returns_to_allowed_origins_alone() {
    let app = store().await;
    let own = app.app.public_url("/");
    let with_user = own.replace("http://", "http://ada@");
    for (return_to, code) in [
        ("https://evil.example.com/", "not_allowed"),
        ("https://app.example.com.evil.com/", "not_allowed"),
        ("https://app.example.com@evil.com/", "not_allowed"),
        ("https://evil.com\\@app.example.com/", "not_allowed"),
        ("http://app.example.com/", "not_allowed"),
        ("https://app.example.com:8443/", "not_allowed"),
        ("https://app.example.com/#code=mine", "not_allowed"),
        ("javascript:alert(1)", "not_allowed"),
        ("data:text/html,hello", "not_allowed"),
        (with_user.as_str(), "not_allowed"),
        ("//app.example.com/", "invalid_url"),
        ("/back", "invalid_url"),
        ("", "invalid_url"),
    ] {
        let reply = app.nobody().get(&returning(return_to)).await;
        assert_eq!(
            (reply.status, reply.faults()),
            (422, vec![("return_to".to_owned(), code.to_owned())]),
            "{return_to}"
        );
    }
    let reply = app.nobody().get(&returning(&format!("{own}?{}", "x".repeat(2000)))).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "too_long"));
}

#[tokio::test]
async fn where_to_return_to_is_not_the_browsers_to_change() {
    let app = store().await;
    let mut browser = Browser::default();
    let callback = browser.callback(&app, &returning("https://app.example.com/"), "ada").await;
    let mut changed: Url = callback.parse().unwrap();
    changed.query_pairs_mut().append_pair("return_to", "https://evil.example.com/");
    let reply = browser.get(changed.as_str()).await;
    assert!(reply.header("location").starts_with("https://app.example.com/#code="));
}
