//! Paid orders a second, against pgbench's transactions on the same PostgreSQL.

use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::report::{Bound, Report};
use crate::process::Result;
use crate::server::{Caller, Server, text};

/// Buyers that check out at once.
const BUYERS: usize = 8;

pub async fn measure(
    server: &Server,
    admin: &Caller,
    database: &str,
    seconds: u32,
    report: &mut Report,
) -> Result<()> {
    let products = free_products(admin).await?;
    let mut buyers = Vec::new();
    for number in 0..BUYERS * 4 {
        buyers.push(server.register(&format!("buyer{number}@example.com")).await?);
    }
    let began = Instant::now();
    let end = began + Duration::from_secs(u64::from(seconds));
    let tasks: Vec<_> = buyers
        .chunks(buyers.len().div_ceil(BUYERS))
        .map(|some| tokio::spawn(buy(some.to_vec(), products.clone(), end)))
        .collect();
    let mut orders = 0;
    for task in tasks {
        orders += task.await??;
    }
    let rate = f64::from(orders) / began.elapsed().as_secs_f64();
    let transactions = pgbench(database, seconds)?;
    let shown = format!(
        "{rate:.0} orders/s, pgbench {transactions:.0} transactions/s: {:.0} %",
        rate / transactions * 100.0
    );
    report.figure("PostgreSQL: checkout of a free product", &shown, rate, Bound::None);
    Ok(())
}

/// Orders one product after the other for each buyer until the time is up.
async fn buy(buyers: Vec<Caller>, products: Vec<String>, end: Instant) -> Result<u32> {
    let mut orders = 0;
    for buyer in buyers {
        for product in &products {
            if Instant::now() >= end {
                return Ok(orders);
            }
            let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
            buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
            orders += 1;
        }
    }
    Ok(orders)
}

/// Free products with something to deliver.
async fn free_products(admin: &Caller) -> Result<Vec<String>> {
    let mut products = Vec::new();
    for number in 0..200 {
        let body = json!({"kind": "game", "title": format!("Checkout {number}"), "release_date": "2999-01-01", "prices": [{"currency": "USD", "amount": 0}]});
        let product: Value = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
        let id = text(&product, "/id")?.to_owned();
        admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
        products.push(id);
    }
    Ok(products)
}

/// TPC-B-like transactions a second, eight clients.
fn pgbench(database: &str, seconds: u32) -> Result<f64> {
    let program = crate::postgres::programs().ok_or("PostgreSQL is not installed")?.join("pgbench");
    let prepared =
        Command::new(&program).args(["--initialize", "--quiet", "--scale=8", database]).output()?;
    if !prepared.status.success() {
        return Err(String::from_utf8_lossy(&prepared.stderr).into_owned().into());
    }
    let time = format!("--time={seconds}");
    let output = Command::new(&program).args(["--client=8", "--no-vacuum", &time, database]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    Ok(rate.and_then(|rate| rate.split_whitespace().next()).ok_or("pgbench said nothing")?.parse()?)
}
