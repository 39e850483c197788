//! Things to sell.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, text};

/// Products of one import.
const IMPORTED_AT_ONCE: usize = 1000;

/// A product that costs so many cents, to be released some day; gives its id.
pub async fn product(admin: &Caller, title: &str, cents: u32) -> Result<String> {
    let prices = json!([{"currency": "USD", "amount": cents}]);
    let body = json!({"kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01"});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let id = text(&product, "/id")?.to_owned();
    admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
    Ok(id)
}

/// So many published products at 19.99 dollars, by the import; gives their ids.
pub async fn many(admin: &Caller, count: usize) -> Result<Vec<String>> {
    for begin in (0..count).step_by(IMPORTED_AT_ONCE) {
        import(admin, begin, IMPORTED_AT_ONCE.min(count - begin)).await?;
    }
    products(admin, count).await
}

async fn import(admin: &Caller, begin: usize, count: usize) -> Result<()> {
    let mut lines = String::new();
    for number in begin..begin + count {
        let product = json!({
            "external_id": format!("purchase-{number}"), "kind": "game", "title": format!("Purchase {number}"),
            "prices": [{"currency": "USD", "amount": 1999}], "release_date": "2999-01-01", "status": "published",
        });
        let _ = writeln!(lines, "{product}");
    }
    let request = admin.request(Method::POST, "/api/v1/admin/import");
    let reply = request.header("content-type", "application/x-ndjson").body(lines).send().await?;
    let tally: Value = serde_json::from_str(&reply.text().await?)?;
    if tally.get("created") == Some(&json!(count)) {
        Ok(())
    } else {
        Err(format!("the products were not imported: {tally}").into())
    }
}

/// The ids of what was imported.
async fn products(admin: &Caller, count: usize) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), None::<String>);
    while ids.len() < count {
        let mut request = admin.request(Method::GET, "/api/v1/admin/products").query(&[("limit", "100")]);
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let page: Value = serde_json::from_str(&request.send().await?.text().await?)?;
        for item in page.pointer("/items").and_then(Value::as_array).ok_or("no products")? {
            ids.push(text(item, "/id")?.to_owned());
        }
        cursor = page.pointer("/next_cursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(ids)
}
