//! `cargo xtask race`: many checkouts at once, against a store in a process of its own; never two paid orders.

use std::collections::HashSet;
use std::process::ExitCode;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, Server, build, text};
use crate::tools;

/// Checkouts with one key at once.
const WITH_KEY: usize = 50;
/// Checkouts of one product without a key at once.
const WITHOUT_KEY: usize = 20;
/// The buyer signs in anew after so many rounds, before its token is too old.
const ROUNDS_PER_TOKEN: u32 = 20;
const BUYER: &str = "buyer@example.com";

/// Check out many times at once: with one key there is one order, without keys at most one that is paid.
#[derive(clap::Args)]
pub struct Args {
    /// How often.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = build(false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn rounds(args: &Args, binary: &std::path::Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&[]).await?;
    let mut admin = server.admin().await?;
    let mut buyer = server.register(BUYER).await?;
    let mut violations = 0;
    let mut told = |round: u32, what: String| {
        println!("round {round}: {what}");
        violations += 1;
    };
    for round in 1..=args.rounds {
        if round % ROUNDS_PER_TOKEN == 0 {
            (admin, buyer) = (server.sign_in(ADMIN).await?, server.sign_in(BUYER).await?);
        }
        let product = stock(&admin, &format!("Once {round}")).await?;
        if let Err(broken) = with_one_key(&buyer, &product, &format!("race-{round}")).await {
            told(round, broken.to_string());
        }
        let product = stock(&admin, &format!("Many {round}")).await?;
        match without_keys(&buyer, &product).await {
            Ok((orders, refused)) if round % ROUNDS_PER_TOKEN == 0 => {
                println!(
                    "round {round}: of {WITHOUT_KEY} checkouts {orders} became orders, {refused} had to wait, one was paid"
                );
            }
            Ok(_) => {}
            Err(broken) => told(round, broken.to_string()),
        }
    }
    if let Err(broken) = server.run(&["check"], "") {
        told(args.rounds, broken.to_string());
    }
    println!("{} rounds, {violations} violations", args.rounds);
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A product to buy, to be released some day.
async fn stock(admin: &Caller, title: &str) -> Result<String> {
    let prices = json!([{"currency": "USD", "amount": 1999}]);
    let body = json!({"kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01"});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let id = text(&product, "/id")?.to_owned();
    admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
    Ok(id)
}

/// Sends a checkout and gives its status with its body.
async fn checkout(buyer: &Caller, product: &str, key: Option<&str>) -> Result<(StatusCode, Value)> {
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    let mut request = buyer.request(Method::POST, "/api/v1/checkout").json(&body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let reply = request.send().await?;
    Ok((reply.status(), serde_json::from_str(&reply.text().await?)?))
}

/// Every answer is the same order, or that the first is still at it.
async fn with_one_key(buyer: &Caller, product: &str, key: &str) -> Result<()> {
    let mut orders = HashSet::new();
    for reply in join_all((0..WITH_KEY).map(|_| checkout(buyer, product, Some(key)))).await {
        let (status, body) = reply?;
        if status == StatusCode::CREATED {
            orders.insert(text(&body, "/id")?.to_owned());
        } else if text(&body, "/code")? != "idempotency_in_progress" {
            return Err(format!("{status} {body}").into());
        }
    }
    if orders.len() == 1 { Ok(()) } else { Err(format!("one key made {} orders", orders.len()).into()) }
}

/// Of all orders that were placed, one is paid; gives how many were placed and how many had to wait.
async fn without_keys(buyer: &Caller, product: &str) -> Result<(usize, usize)> {
    let mut orders = Vec::new();
    for reply in join_all((0..WITHOUT_KEY).map(|_| checkout(buyer, product, None))).await {
        let (status, body) = reply?;
        if status == StatusCode::CREATED {
            orders.push(body);
        } else if text(&body, "/code")? != "order_pending" {
            return Err(format!("{status} {body}").into());
        }
    }
    let paid = join_all(orders.iter().map(|order| pay(buyer, order))).await;
    let paid = paid.into_iter().collect::<Result<Vec<_>>>()?.into_iter().filter(|paid| *paid).count();
    if paid == 1 {
        Ok((orders.len(), WITHOUT_KEY - orders.len()))
    } else {
        Err(format!("{paid} of {} orders for one product were paid", orders.len()).into())
    }
}

async fn pay(buyer: &Caller, order: &Value) -> Result<bool> {
    let path = format!("/api/v1/payments/mock/{}", text(order, "/payment/id")?);
    let reply = buyer.request(Method::POST, &path).json(&json!({"outcome": "succeed"})).send().await?;
    match reply.status() {
        StatusCode::OK => Ok(true),
        StatusCode::CONFLICT => Ok(false),
        status => Err(format!("{status} {}", reply.text().await?).into()),
    }
}
