use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::json;

use super::{FORGOT, ME, RESET, VERIFY, login};
use crate::support::{PASSWORD, Reply, TestApp};

const ADA: &str = "ada@example.com";

async fn submit(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = app.nobody().request(Method::POST, path).body(body);
    Reply::of(request.header("content-type", "application/x-www-form-urlencoded")).await
}

/// What every page keeps to.
fn is_a_safe_page(reply: &Reply) {
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert_eq!((reply.header("referrer-policy"), reply.header("cache-control")), ("no-referrer", "no-store"));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let policy = reply.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let html = reply.text();
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let digest = STANDARD.encode(mist::keys::sha256(style.as_bytes()));
    assert!(policy.contains(&format!("'sha256-{digest}'")), "a browser would ignore the style");
    assert!(
        html.contains("<html lang=\"en\">") && html.contains("name=\"viewport\"") && html.contains("<h1>")
    );
    assert!(!html.contains("<script") && !html.contains("://") && html.contains(" - Mist</title>"), "{html}");
    for field in
        html.match_indices("<input ").filter(|(at, _)| !html[*at..].starts_with("<input type=\"hidden\""))
    {
        let id = html[field.0..].split(" id=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(html.contains(&format!("<label for=\"{id}\">")), "{html}");
    }
}

/// The path of the link in the newest mail.
async fn linked(app: &TestApp) -> (String, String) {
    let (url, token) = app.letters(ADA).await.pop().unwrap().link();
    (url.trim_start_matches(&app.app.public_url("")).to_owned(), token)
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_its_button_proves_the_address() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let (path, token) = linked(&app).await;
    for _ in 0..2 {
        let page = app.nobody().get(&format!("{path}&utm_source=scanner")).await;
        assert_eq!(page.status, 200);
        is_a_safe_page(&page);
        assert!(page.text().contains("<form method=\"post\" action=\"verify-email\">"));
        assert!(page.text().contains(&format!("name=\"token\" value=\"{token}\"")), "{}", page.text());
    }
    assert_eq!(ada.get(ME).await.json()["email_verified"], false);
    let page = submit(&app, "/verify-email", &[("token", &token)]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    is_a_safe_page(&page);
    assert_eq!(ada.get(ME).await.json()["email_verified"], true);
    let page = submit(&app, "/verify-email", &[("token", &token)]).await;
    assert_eq!(page.status, 422);
    is_a_safe_page(&page);
}

#[tokio::test]
async fn a_password_is_replaced_by_a_form() {
    let app = TestApp::new().await;
    app.account("ada").await;
    app.nobody().post(FORGOT, json!({"email": ADA})).await;
    let (path, token) = linked(&app).await;
    let page = app.nobody().get(&path).await;
    assert_eq!(page.status, 200);
    is_a_safe_page(&page);
    let page = submit(&app, "/reset-password", &[("token", &token), ("new_password", "short")]).await;
    assert_eq!(page.status, 422);
    is_a_safe_page(&page);
    assert!(page.text().contains("at least 10 bytes") && page.text().contains(&token), "{}", page.text());
    let obvious = [("token", token.as_str()), ("new_password", "ada@example.com1")];
    let page = submit(&app, "/reset-password", &obvious).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("first that would be guessed") && page.text().contains(&token));
    let fields = [("token", token.as_str()), ("new_password", "seven purple lanterns")];
    let page = submit(&app, "/reset-password", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text());
    is_a_safe_page(&page);
    assert!(!page.text().contains("lanterns"));
    assert_eq!(login(&app, ADA, PASSWORD).await.status, 401);
    assert_eq!(login(&app, ADA, "seven purple lanterns").await.status, 200);
    assert_eq!(submit(&app, "/reset-password", &fields).await.status, 422);
}

#[tokio::test]
async fn what_an_address_holds_becomes_no_markup() {
    let app = TestApp::new().await;
    for path in ["/verify-email", "/reset-password"] {
        let page = app.nobody().get(&format!("{path}?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")).await;
        is_a_safe_page(&page);
        assert!(page.text().contains("&lt;script&gt;"), "{}", page.text());
    }
}

#[tokio::test]
async fn forms_are_for_the_pages_and_json_is_for_the_api() {
    let app = TestApp::new().await;
    for path in [VERIFY, RESET] {
        let reply = submit(&app, path, &[("token", "x")]).await;
        assert_eq!((reply.status, reply.code().as_str()), (415, "unsupported_media_type"));
    }
    let reply = app.nobody().post("/verify-email", json!({"token": "x"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (415, "unsupported_media_type"));
    let long = "x".repeat(20_000);
    assert_eq!(submit(&app, "/verify-email", &[("token", &long)]).await.status, 413);
}

#[tokio::test]
async fn a_buyer_who_comes_back_is_thanked() {
    let app = TestApp::new().await;
    for path in ["/checkout/thank-you", "/checkout/cancelled"] {
        let page = app.nobody().get(path).await;
        assert_eq!(page.status, 200);
        is_a_safe_page(&page);
    }
}
