//! Store credit that is spent many times at once: it pays one order.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, text};
use crate::stock;

/// Cents that the wallet holds, and that each product costs.
const HELD: u32 = 1000;
/// Checkouts at once, each of a product of its own.
const AT_ONCE: usize = 20;

/// Products of which each costs as much as the wallet holds.
pub(super) struct Shelf {
    products: Vec<String>,
    made: usize,
}

impl Shelf {
    pub(super) const fn new() -> Self {
        Self { products: Vec::new(), made: 0 }
    }

    /// Puts as many products there as are bought at once.
    async fn fill(&mut self, admin: &Caller) -> Result<()> {
        while self.products.len() < AT_ONCE {
            self.made += 1;
            let id = stock::product(admin, &format!("Credit {}", self.made), HELD).await?;
            self.products.push(id);
        }
        Ok(())
    }
}

/// Grants a wallet what one product costs and spends it on all of them at once.
pub(super) async fn spend(admin: &Caller, buyer: &Caller, shelf: &mut Shelf) -> Result<()> {
    shelf.fill(admin).await?;
    let me = buyer.call(Method::GET, "/api/v1/me", None).await?;
    let body = json!({"amount": {"amount": HELD, "currency": "USD"}, "reason": "to be spent"});
    let path = format!("/api/v1/admin/accounts/{}/credit", text(&me, "/id")?);
    admin.call(Method::POST, &path, Some(body)).await?;
    let replies = join_all(shelf.products.iter().map(|product| checkout(buyer, product))).await;
    let (mut spent, mut bought) = (0, Vec::new());
    for (product, reply) in shelf.products.iter().zip(replies) {
        let order = reply?;
        spent += order.pointer("/credit/amount").and_then(Value::as_i64).unwrap_or_default();
        if text(&order, "/status")? == "paid" {
            bought.push(product.clone());
        }
    }
    let left = buyer.call(Method::GET, "/api/v1/me/credit", None).await?;
    let left = left.pointer("/balances/0/amount").and_then(Value::as_i64);
    shelf.products.retain(|product| !bought.contains(product));
    if spent == i64::from(HELD) && bought.len() == 1 && left == Some(0) {
        Ok(())
    } else {
        Err(format!("{spent} of {HELD} were spent on {} paid orders, {left:?} are left", bought.len()).into())
    }
}

async fn checkout(buyer: &Caller, product: &str) -> Result<Value> {
    let body =
        json!({"items": [{"product_id": product}], "accept_immediate_delivery": true, "use_credit": true});
    let reply = buyer.request(Method::POST, "/api/v1/checkout").json(&body).send().await?;
    match reply.status() {
        StatusCode::CREATED => Ok(serde_json::from_str(&reply.text().await?)?),
        status => Err(format!("{status} {}", reply.text().await?).into()),
    }
}
