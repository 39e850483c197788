//! Whoever does what staff may, for longer than a token lives and through restarts.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::process::Result;
use crate::server::{ADMIN, Caller, PASSWORD, Server, text};

/// A token is used for so long.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// The admin of a store.
pub struct Staff {
    nobody: Caller,
    last: Mutex<(Caller, Instant)>,
}

impl Staff {
    /// Makes the admin.
    pub async fn of(server: &Server) -> Result<Self> {
        let admin = server.admin().await?;
        Ok(Self { nobody: server.nobody(), last: Mutex::new((admin, Instant::now())) })
    }

    /// The admin, signed in a short while ago.
    pub async fn caller(&self) -> Result<Caller> {
        let mut last = self.last.lock().await;
        if last.1.elapsed() > FRESH {
            let body = json!({"email": ADMIN, "password": PASSWORD});
            let session = self.nobody.call(Method::POST, "/api/v1/auth/login", Some(body)).await?;
            *last = (self.nobody.signed_in(text(&session, "/access_token")?), Instant::now());
        }
        Ok(last.0.clone())
    }

    /// A free product, not published yet.
    pub async fn product(&self, title: &str) -> Result<String> {
        let prices = json!([{"currency": "USD", "amount": 0}]);
        let body = json!({"kind": "game", "title": title, "platforms": ["linux"], "prices": prices});
        let product = self.caller().await?.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
        Ok(text(&product, "/id")?.to_owned())
    }

    /// A draft of a build of it.
    pub async fn draft(&self, product: &str, version: &str) -> Result<String> {
        let path = format!("/api/v1/admin/products/{product}/builds");
        let body = json!({"version": version, "platform": "linux"});
        let build = self.caller().await?.call(Method::POST, &path, Some(body)).await?;
        Ok(text(&build, "/id")?.to_owned())
    }

    /// Releases a build and publishes its product.
    pub async fn offer(&self, product: &str, build: &str) -> Result<()> {
        let admin = self.caller().await?;
        admin.call(Method::POST, &format!("/api/v1/admin/builds/{build}/release"), None).await?;
        admin.call(Method::POST, &format!("/api/v1/admin/products/{product}/publish"), None).await?;
        Ok(())
    }

    /// A build with its files.
    pub async fn build(&self, build: &str) -> Result<Value> {
        self.caller().await?.call(Method::GET, &format!("/api/v1/admin/builds/{build}"), None).await
    }
}

/// Somebody buys what costs nothing.
pub async fn buy(buyer: &Caller, product: &str) -> Result<()> {
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
    Ok(())
}

/// A link to what they own.
pub async fn link(buyer: &Caller, product: &str) -> Result<String> {
    let path = format!("/api/v1/library/{product}/downloads");
    let download = buyer.call(Method::POST, &path, Some(json!({}))).await?;
    Ok(text(&download, "/url")?.to_owned())
}
