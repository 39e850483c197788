//! The API document: checked in, complete, and served.
use std::path::Path;

use serde_json::Value;

use crate::support::TestApp;

/// The API document as it is served.
pub fn document() -> Value {
    let settings = mist::config::Config::default().http;
    serde_json::to_value(mist::router::document(&settings)).unwrap()
}

/// Method, path and operation of everything the document shows.
pub fn operations() -> Vec<(String, String, Value)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn the_document_in_the_repository_is_that_of_the_handlers() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(kept == document(), "openapi.json is out of date: `cargo run -- openapi > openapi.json`");
}

#[test]
fn every_operation_is_named_described_and_tagged() {
    let mut names = std::collections::HashSet::new();
    for (method, path, operation) in operations() {
        assert!(
            operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')),
            "{method} {path}: summary"
        );
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}: one tag");
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{method} {path}: `{name}` names another operation too");
        let statuses = operation["responses"].as_object().unwrap();
        assert!(statuses.keys().any(|status| status.starts_with(['2', '3'])), "{method} {path}: no success");
        assert!(statuses.contains_key("4XX") && statuses.contains_key("5XX"), "{method} {path}: no problems");
    }
}

#[test]
fn every_request_body_refuses_unknown_fields() {
    let document = document();
    for (method, path, operation) in operations() {
        let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
            continue;
        };
        let schema = match schema["$ref"].as_str() {
            Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
            None => schema,
        };
        if schema["type"] == "object" {
            assert_eq!(schema["additionalProperties"], false, "{method} {path} takes unknown fields");
        }
    }
}

#[tokio::test]
async fn document_and_reference_are_served_without_the_internet() {
    let app = TestApp::new().await;
    let served = app.nobody().get("/api/openapi.json").await;
    assert_eq!(served.json()["openapi"], "3.1.0");
    let front = app.nobody().get("/").await;
    assert_eq!((front.status, front.header("location")), (303, "/docs/"));
    let page = app.nobody().get("/docs/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for line in page.text().lines().filter(|line| line.contains("src=") || line.contains("href=")) {
        assert!(!line.contains("http://") && !line.contains("https://") && !line.contains("\"//"), "{line}");
    }
}
