//! The conventions that every endpoint keeps.
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{PASSWORD, Reply, TestApp};

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let app = TestApp::new().await;
    let reply = app.nobody().get("/api/v1/nonsense").await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
    assert_eq!(reply.json()["instance"], "/api/v1/nonsense");
    let reply = app.nobody().act("/healthz").await;
    assert_eq!((reply.status, reply.code().as_str()), (405, "method_not_allowed"));
    assert!(reply.header("allow").contains("GET"));
}

#[tokio::test]
async fn a_well_formed_request_id_comes_back_and_another_does_not() {
    let app = TestApp::new().await;
    let ask = |id: &'static str| {
        Reply::of(app.nobody().request(Method::GET, "/healthz").header("x-request-id", id))
    };
    assert_eq!(ask("trace-42").await.header("x-request-id"), "trace-42");
    assert_ne!(ask("<script>").await.header("x-request-id"), "<script>");
}

#[tokio::test]
async fn heads_larger_than_any_honest_clients_are_refused() {
    let app = TestApp::new().await;
    let request = app.nobody().request(Method::GET, "/healthz").header("x-padding", "a".repeat(40_000));
    let reply = Reply::of(request).await;
    assert_eq!((reply.status, reply.code().as_str()), (431, "headers_too_large"));
    let reply = app.nobody().get(&format!("/api/v1/products?q={}", "a".repeat(9_000))).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "uri_too_long"));
}

const REGISTER: &str = "/api/v1/auth/register";

async fn register(app: &TestApp, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    Reply::of(app.nobody().request(Method::POST, REGISTER).header("content-type", kind).body(body)).await
}

#[tokio::test]
async fn what_is_no_json_is_malformed_and_what_is_not_called_json_unsupported() {
    let app = TestApp::new().await;
    for body in
        [b"{".to_vec(), b"".to_vec(), b"{\"email\": \"\xff\"}".to_vec(), "[".repeat(5000).into_bytes()]
    {
        let reply = register(&app, "application/json", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "malformed_json"));
    }
    let reply = register(&app, "text/plain", "{}").await;
    assert_eq!((reply.status, reply.code().as_str()), (415, "unsupported_media_type"));
    let request = app.nobody().request(Method::POST, REGISTER).header("content-encoding", "gzip");
    let reply = Reply::of(request.header("content-type", "application/json").body("{}")).await;
    assert_eq!((reply.status, reply.code().as_str()), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn one_refusal_names_every_faulty_field() {
    let app = TestApp::new().await;
    let body =
        json!({"email": "nobody", "password": "short", "display_name": 7, "country": "XX", "role": "admin"});
    let reply = app.nobody().post(REGISTER, body).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "validation_failed"));
    let mut faults = reply.faults();
    faults.sort();
    let faults: Vec<_> = faults.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("country", "invalid_country"),
            ("display_name", "wrong_type"),
            ("email", "invalid_email"),
            ("password", "too_short"),
            ("role", "unknown_field")
        ]
    );
}

#[tokio::test]
async fn nul_is_refused_wherever_it_stands() {
    let app = TestApp::new().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "display_name": "A\u{0}da"});
    let reply = app.nobody().post(REGISTER, body).await;
    assert_eq!(reply.faults(), [("display_name".to_owned(), "nul_character".to_owned())]);
    assert_eq!(app.nobody().get("/api/v1/products/a%00b").await.status, 404);
    assert_eq!(app.nobody().get("/api/v1/products?q=a%00b").await.status, 422);
    assert_eq!(app.nobody().get("/api/v1/products?q=%ff").await.status, 400);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
    let app = TestApp::with(|config| config.http.max_body_bytes = 1000).await;
    let reply = register(&app, "application/json", "x".repeat(1001)).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "payload_too_large"));
    let unsaid = futures::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 100])));
    let reply = register(&app, "application/json", reqwest::Body::wrap_stream(unsaid)).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "payload_too_large"));
}

#[tokio::test]
async fn who_accepts_no_json_is_told_so() {
    let app = TestApp::new().await;
    let ask = |accept: &'static str| {
        Reply::of(app.nobody().request(Method::GET, "/api/v1/products").header("accept", accept))
    };
    assert_eq!(ask("text/html").await.code(), "not_acceptable");
    assert_eq!(ask("application/json;q=0, text/html").await.status, 406);
    assert_eq!(ask("text/html, application/*;q=0.5").await.status, 200);
    assert_eq!(ask("*/*").await.status, 200);
}

#[tokio::test]
async fn slow_heads_are_cut_off_and_slow_bodies_time_out() {
    let app = TestApp::with(|config| {
        config.http.header_timeout = 1;
        config.http.request_timeout = 1;
    })
    .await;
    let address = app.url.trim_start_matches("http://");
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "the head never ended");

    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {REGISTER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn a_store_that_is_slower_than_its_limit_blames_itself() {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set};
    let app = TestApp::with(|config| config.http.request_timeout = 1).await;
    let ada = app.account("ada").await;
    let id = Set(ada.account_id());
    // While somebody else holds her account, the whole request waits in the store.
    let held = app.app.db.write(async |tx| {
        let row = entity::account::ActiveModel { id: id.clone(), country: Set(None), ..Default::default() };
        row.update(tx).await?;
        let request = ada.request(Method::PATCH, "/api/v1/me").json(&json!({"country": "DE"}));
        Ok(Reply::of(request).await)
    });
    let reply = held.await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"));
    assert_eq!(reply.header("retry-after"), "2");
    assert_eq!(ada.get("/api/v1/me").await.json()["country"], serde_json::Value::Null);
}

#[tokio::test]
async fn who_presents_a_bad_credential_is_a_stranger_everywhere() {
    let app = TestApp::new().await;
    for credential in ["Bearer nonsense", "Basic YTpi", "Bearer ", "nonsense"] {
        let request =
            app.nobody().request(Method::GET, "/api/v1/products").header("authorization", credential);
        let reply = Reply::of(request).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{credential}");
    }
}

#[tokio::test]
async fn who_may_is_judged_before_what_was_sent() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let nothing = uuid::Uuid::nil();
    let path = format!("/api/v1/library/{nothing}/downloads");
    let request = ada.request(Method::POST, &path).header("content-type", "text/plain").body("no JSON");
    let reply = Reply::of(request).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"));
}

#[tokio::test]
async fn an_entity_tag_is_known_on_whichever_line_it_comes() {
    let app = TestApp::new().await;
    let first = app.nobody().get("/api/v1/products").await;
    let again = app.nobody().request(Method::GET, "/api/v1/products").header("if-none-match", "\"another\"");
    let again = Reply::of(again.header("if-none-match", first.header("etag"))).await;
    assert_eq!(again.status, 304);
}
