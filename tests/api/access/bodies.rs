//! What the path names is judged before what was sent.
use reqwest::Method;

use super::{World, filled, role};
use crate::{
    openapi::operations,
    support::{Reply, TestApp},
};

#[tokio::test]
async fn what_is_not_there_is_404_whatever_was_sent() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let mut tried = 0;
    for (method, template, operation) in operations() {
        let ids = template.contains("id}") || template.contains("{slug}");
        // Taking out of the cart what isn't in there is done already.
        let taking_out = operation["operationId"] == "delete_cart_item";
        if role(&operation).is_none() || !ids || taking_out || method == "GET" {
            continue;
        }
        let path = filled(&template, |parameter| match parameter {
            "locale" => "de".to_owned(),
            "name" => "file.bin".to_owned(),
            _ => app.clock.new_id().to_string(),
        });
        let request =
            world.entitled(&operation).request(Method::from_bytes(method.as_bytes()).unwrap(), &path);
        let reply = Reply::of(request.header("content-type", "text/plain").body("no JSON")).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{method} {template}");
        tried += 1;
    }
    assert!(tried > 25, "only {tried} operations on things");
}

#[tokio::test]
async fn an_action_on_what_is_there_takes_no_body_but_an_empty_object() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let cancel = format!("/api/v1/orders/{}/cancel", world.order);
    let publish = format!("/api/v1/admin/products/{}/publish", world.product);
    for (who, path) in [(&world.customer, cancel), (&world.editor, publish)] {
        let send = |body: &'static str| Reply::of(who.request(Method::POST, &path).body(body));
        assert_eq!(send("no JSON").await.code(), "malformed_json", "{path}");
        assert_eq!(send("{\"status\": 1}").await.code(), "unknown_field", "{path}");
        assert_eq!(send("{}").await.status, 200, "{path}");
    }
}
