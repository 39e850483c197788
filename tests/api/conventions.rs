//! The conventions that every endpoint keeps.
use crate::support::{Reply, TestApp};

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
        Reply::of(app.nobody().request(reqwest::Method::GET, "/healthz").header("x-request-id", id))
    };
    assert_eq!(ask("trace-42").await.header("x-request-id"), "trace-42");
    assert_ne!(ask("<script>").await.header("x-request-id"), "<script>");
}

#[tokio::test]
async fn heads_larger_than_any_honest_clients_are_refused() {
    let app = TestApp::new().await;
    let request =
        app.nobody().request(reqwest::Method::GET, "/healthz").header("x-padding", "a".repeat(40_000));
    let reply = Reply::of(request).await;
    assert_eq!((reply.status, reply.code().as_str()), (431, "headers_too_large"));
    let reply = app.nobody().get(&format!("/api/v1/products?q={}", "a".repeat(9_000))).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "uri_too_long"));
}
