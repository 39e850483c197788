//! A store with e-books, and somebody who buys them and reads them with an e-reader.
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp, judge::judge};

pub const LIBRARY: &str = "/api/v1/opds/library";

pub struct Bookshop {
    pub app: TestApp,
    pub editor: Client,
    pub support: Client,
    pub ada: Client,
}

impl Bookshop {
    pub async fn new() -> Self {
        let app = TestApp::new().await;
        let (editor, support, ada) = (app.editor().await, app.support().await, app.account("ada").await);
        Self { app, editor, support, ada }
    }

    /// A published product with a released build of these files; its id.
    pub async fn add(&self, kind: &str, title: &str, files: &[&str]) -> String {
        let prices = json!([{"currency": "USD", "amount": 499}, {"currency": "JPY", "amount": 500}]);
        let body = json!({
            "kind": kind, "title": title, "summary": format!("About {title}"), "developer": "Herman",
            "languages": ["en"], "prices": prices, "release_date": "1851-10-18",
        });
        let id = created(&self.editor.post("/api/v1/admin/products", body).await);
        let path = format!("/api/v1/admin/products/{id}");
        let build = json!({"version": "1", "platform": "any"});
        let build = created(&self.editor.post(&format!("{path}/builds"), build).await);
        for name in files {
            let file = format!("/api/v1/admin/builds/{build}/files/{}", name.replace(' ', "%20"));
            let put = self.editor.request(Method::PUT, &file).body(format!("bytes of {name}"));
            assert_eq!(Reply::of(put).await.status, 201);
        }
        assert_eq!(self.editor.act(&format!("/api/v1/admin/builds/{build}/release")).await.status, 200);
        assert_eq!(self.editor.act(&format!("{path}/publish")).await.status, 200);
        id
    }

    pub fn grants(&self) -> String {
        format!("/api/v1/admin/accounts/{}/grants", self.ada.account_id())
    }

    /// Gives Ada a product.
    pub async fn give(&self, product: &str) {
        created(&self.support.post(&self.grants(), json!({"product_id": product, "reason": "a gift"})).await);
    }

    /// A new API key of Ada's.
    pub async fn key(&self, wish: Value) -> String {
        let reply = self.ada.post("/api/v1/me/api-keys", wish).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["key"].as_str().unwrap().to_owned()
    }

    /// What an e-reader gets that knows a name and a password.
    pub async fn read(&self, name: &str, password: &str, address: &str) -> Reply {
        let credential = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
        Reply::of(self.app.nobody().request(Method::GET, address).header("authorization", credential)).await
    }
}

fn created(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// A document of OPDS, which is as the specification says.
pub fn sound(kind: &str, reply: &Reply) -> Value {
    let document = reply.json();
    let asked = json!({"judge": "opds", "kind": kind, "document": document});
    assert_eq!(judge(&asked), json!({"answer": []}), "{document:#}");
    document
}

/// What the publications of a feed are called.
pub fn titles(feed: &Value) -> Vec<String> {
    let publications = feed["publications"].as_array().unwrap();
    publications.iter().map(|book| book["metadata"]["title"].as_str().unwrap().to_owned()).collect()
}

/// The address of the first link of a relation.
pub fn link(document: &Value, rel: &str) -> Option<String> {
    let links = document["links"].as_array().unwrap();
    links.iter().find(|link| link["rel"] == rel)?["href"].as_str().map(str::to_owned)
}
