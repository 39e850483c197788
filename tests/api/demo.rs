//! The demo: a store to look at, with people to sign in as and files to download.
use mist::{background, demo};
use serde_json::json;

use crate::support::{Client, TestApp};

#[tokio::test]
async fn an_empty_store_is_filled_with_what_can_be_browsed_bought_and_downloaded() {
    let app = TestApp::new().await;
    let [_, customer] = demo::fill(&app.app).await.unwrap().expect("the store was empty");
    let page = app.nobody().get("/api/v1/products?count=true&limit=100").await.json();
    assert_eq!(page["total"], 60);

    let moby = "/api/v1/products?q=moby&rating_min=4";
    assert_eq!(
        app.nobody().get(moby).await.json()["items"][0]["rating"],
        json!({"average": 4.0, "count": 3})
    );
    assert_eq!(background::violations(&app.app).await.unwrap(), []);

    let body = json!({"email": customer.email, "password": customer.password});
    let session = app.nobody().post("/api/v1/auth/login", body).await;
    let customer = Client::signed_in(&app.url, &session.json());
    for product in page["items"].as_array().unwrap().iter().filter(|product| product["price"]["amount"] == 0)
    {
        let id = product["id"].as_str().unwrap();
        let body = json!({"items": [{"product_id": id}], "accept_immediate_delivery": true});
        let order = customer.post("/api/v1/checkout", body).await;
        assert_eq!(order.json()["status"], "paid", "{}", order.text());
        let link = customer.post(&format!("/api/v1/library/{id}/downloads"), json!({})).await;
        assert_eq!(link.status, 201, "{}", link.text());
        let file = app
            .nobody()
            .get(
                link.json()["url"].as_str().unwrap().replace("http://localhost", "http://127.0.0.1").as_str(),
            )
            .await;
        assert_eq!(file.status, 200);
        assert_eq!(file.body.len() as u64, link.json()["file"]["size"].as_u64().unwrap());
    }
}

#[tokio::test]
async fn a_store_that_has_data_is_left_alone() {
    let app = TestApp::new().await;
    app.account("ada").await;
    assert!(demo::fill(&app.app).await.unwrap().is_none());
    assert_eq!(app.nobody().get("/api/v1/products?count=true").await.json()["total"], 0);
}
