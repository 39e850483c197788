//! Another person's things are told from no things at all by nobody: not by status, headers or body.
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use super::{World, ask, filled, role};
use crate::{
    openapi::operations,
    support::{Reply, TestApp},
};

/// Paths of customers' operations whose parameter names a thing of the store's, not of a customer's.
const OF_THE_STORE: [&str; 5] = [
    "/api/v1/cart/items/{product_id}",
    "/api/v1/products/{id}/reviews/mine",
    "/api/v1/reviews/{id}/report",
    "/api/v1/reviews/{id}/vote",
    "/api/v1/wishlist/{product_id}",
];

/// An answer but for what tells one request from another.
fn told(reply: &Reply) -> (u16, HeaderMap, Value) {
    let mut headers = reply.headers.clone();
    headers.remove(DATE);
    headers.remove("x-request-id");
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("instance");
    (reply.status, headers, body)
}

#[tokio::test]
async fn what_is_anothers_answers_as_what_is_not_there() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let mut tried = 0;
    for (method, template, operation) in operations() {
        let store = OF_THE_STORE.contains(&template.as_str());
        if role(&operation) != Some("customer") || !template.contains('{') || store {
            continue;
        }
        let unknown = filled(&template, |_| app.clock.new_id().to_string());
        for who in [&world.other, &world.editor, &world.support, &world.admin] {
            let (there, nowhere) = (
                ask(who, &method, &world.path(&template), &operation).await,
                ask(who, &method, &unknown, &operation).await,
            );
            assert_eq!((there.status, there.code().as_str()), (404, "not_found"), "{method} {template}");
            assert_eq!(told(&there), told(&nowhere), "{method} {template}");
        }
        tried += 1;
    }
    assert!(tried >= 7, "only {tried} operations on somebody's own things");
    for (path, status) in [("auth/sessions", 200), ("orders", 200), ("me/api-keys", 200)] {
        let list = world.customer.get(&format!("/api/v1/{path}")).await;
        assert_eq!(list.status, status, "{path}");
        assert!(!list.json()["items"].as_array().unwrap().is_empty(), "{path} are still there");
    }
}

#[tokio::test]
async fn the_number_of_anothers_order_answers_as_one_that_nobody_has() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    for (method, template, operation) in operations() {
        if template.starts_with("/api/v1/orders/{id}") {
            let at = |number: &str| filled(&template, |_| number.to_owned());
            let there = ask(&world.other, &method, &at(&world.number), &operation).await;
            let nowhere = ask(&world.other, &method, &at("M-0000000000"), &operation).await;
            assert_eq!(there.status, 404);
            assert_eq!(told(&there), told(&nowhere), "{method} {template}");
        }
    }
}
