//! Nobody assigns what they may not: every body with fields of the rows behind it is refused and changes nothing.
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::World;
use crate::{
    openapi::{document, operations},
    support::{Reply, TestApp, everything},
};

/// What rows have and no stranger may set.
const EXTRA: [&str; 7] = ["id", "account_id", "roles", "status", "owner", "price", "paid_at"];

/// A schema without its references and without the choice of `null`.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str() {
        return resolved(document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    match schema["oneOf"].as_array() {
        Some(choices) => resolved(document, choices.iter().find(|choice| choice["type"] != "null").unwrap()),
        None => schema,
    }
}

/// The least value that fits a schema.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    let given = [&schema["example"], &schema["examples"][0], &schema["enum"][0]];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        return given.clone();
    }
    let kind = if schema["type"].is_array() { &schema["type"][0] } else { &schema["type"] };
    match (kind.as_str().unwrap(), schema["format"].as_str()) {
        ("object", _) => {
            let required =
                schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
            required.map(|name| (name.to_owned(), sample(document, &schema["properties"][name]))).collect()
        }
        ("array", _) => json!([sample(document, &schema["items"])]),
        ("integer", _) => json!(schema["minimum"].as_i64().unwrap_or(1)),
        ("boolean", _) => json!(true),
        ("string", Some("uuid")) => json!("01900000-0000-7000-8000-000000000000"),
        ("string", Some("date-time")) => json!("2030-01-01T00:00:00Z"),
        ("string", Some("date")) => json!("2030-01-01"),
        ("string", None) => json!("x".repeat(schema["minLength"].as_u64().unwrap_or(1) as usize)),
        (kind, format) => panic!("no sample of {kind} {format:?}: give its schema an example"),
    }
}

/// The fields of `EXTRA` that an object of the schema doesn't have.
fn extra<'a>(schema: &'a Value) -> impl Iterator<Item = &'static str> + 'a {
    EXTRA.into_iter().filter(|name| schema["properties"].get(*name).is_none())
}

fn with_extra(object: &mut Map<String, Value>, schema: &Value) {
    object.extend(extra(schema).map(|name| (name.to_owned(), json!("x"))));
}

#[tokio::test]
async fn every_body_with_a_field_too_many_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let document = document();
    let before = everything::rows(&app.app.db.read).await;
    let mut tried = 0;
    for (method, template, operation) in operations() {
        let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
            continue;
        };
        let mut body = sample(&document, schema);
        let (schema, at) = match &mut body {
            Value::Array(items) => {
                let of = resolved(&document, &resolved(&document, schema)["items"]);
                with_extra(items[0].as_object_mut().unwrap(), of);
                (of, "[0].")
            }
            object => {
                let of = resolved(&document, schema);
                with_extra(object.as_object_mut().unwrap(), of);
                (of, "")
            }
        };
        let who = world.entitled(&operation);
        let request = who.request(Method::from_bytes(method.as_bytes()).unwrap(), &world.path(&template));
        let reply = Reply::of(request.header("if-match", "*").json(&body)).await;
        assert_eq!(reply.status, 422, "{method} {template}: {}", reply.text());
        let mut faults = reply.faults();
        faults.sort();
        let mut expected: Vec<_> =
            extra(schema).map(|name| (format!("{at}{name}"), "unknown_field".to_owned())).collect();
        expected.sort();
        assert_eq!(faults, expected, "{method} {template}");
        tried += 1;
    }
    assert!(tried > 25, "only {tried} operations take a body");
    assert_eq!(everything::changed(&before, &everything::rows(&app.app.db.read).await), Vec::<String>::new());
}
