//! A store that takes its money at the stand-in for Stripe.

use reqwest::Method;
use serde_json::Value;
use standin::StandIn;

use crate::process::Result;
use crate::server::{Caller, Server, text};

/// Lets a store take money at a stand-in, and at whatever else is named.
pub fn configure(stripe: &StandIn, server: &mut Server, providers: &str) {
    server.set("MIST_PAYMENTS__PROVIDERS", providers);
    server.set("MIST_PAYMENTS__STRIPE__SECRET_KEY", standin::KEY);
    server.set("MIST_PAYMENTS__STRIPE__WEBHOOK_SECRET", standin::SECRET);
    server.set("MIST_PAYMENTS__STRIPE__API_BASE", stripe.url());
}

/// The checkout session at which an order waits for its payment.
pub fn session(order: &Value) -> Result<String> {
    let url = text(order, "/payment/checkout_url")?;
    Ok(url.rsplit('/').next().unwrap_or_default().to_owned())
}

/// Every order of a store as its staff sees it.
pub async fn orders(admin: &Caller) -> Result<Vec<Value>> {
    let (mut orders, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut request = admin.request(Method::GET, "/api/v1/admin/orders").query(&[("limit", "100")]);
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let reply = request.send().await?;
        let (status, body) = (reply.status(), reply.text().await?);
        if !status.is_success() {
            return Err(format!("the orders: {status} {body}").into());
        }
        let page: Value = serde_json::from_str(&body)?;
        orders.extend(page.pointer("/items").and_then(Value::as_array).cloned().unwrap_or_default());
        cursor = page.pointer("/next_cursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            return Ok(orders);
        }
    }
}
