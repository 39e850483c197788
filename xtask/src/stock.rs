//! Things to sell.

use reqwest::Method;
use serde_json::json;

use crate::process::Result;
use crate::server::{Caller, text};

/// A product that costs so many cents, to be released some day; gives its id.
pub async fn product(admin: &Caller, title: &str, cents: u32) -> Result<String> {
    let prices = json!([{"currency": "USD", "amount": cents}]);
    let body = json!({"kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01"});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let id = text(&product, "/id")?.to_owned();
    admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
    Ok(id)
}
