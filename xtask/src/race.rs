//! `cargo xtask race`: many checkouts, registrations and refreshes at once, against a store in a process of its own;
//! never two paid orders, two accounts of one address, or two uses of one token.

use std::collections::HashSet;
use std::process::ExitCode;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, PASSWORD, Server, build, text};
use crate::tools;

/// Checkouts with one key at once.
const WITH_KEY: usize = 50;
/// Checkouts of one product without a key at once.
const WITHOUT_KEY: usize = 20;
/// Registrations of one address at once, and uses of one refresh token.
const WITH_ADDRESS: usize = 20;
/// Addresses are registered and tokens used every so many rounds: hashing passwords takes long.
const ROUNDS_PER_ADDRESS: u32 = 10;
/// The buyer signs in anew after so many rounds, before its token is too old.
const ROUNDS_PER_TOKEN: u32 = 20;
const BUYER: &str = "buyer@example.com";

/// Check out, register and refresh many times at once: one order with a key, one paid without, one account, one use.
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
        if round % ROUNDS_PER_ADDRESS == 1
            && let Err(broken) = one_address(&server, round).await
        {
            told(round, broken.to_string());
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

/// Of many who register one address in its spellings at once one gets it; of many who use its refresh token at most one.
async fn one_address(server: &Server, round: u32) -> Result<()> {
    let nobody = server.nobody();
    let post = async |path: &str, body: Value| -> Result<(StatusCode, Value)> {
        let reply = nobody.request(Method::POST, path).json(&body).send().await?;
        Ok((reply.status(), serde_json::from_str(&reply.text().await?)?))
    };
    let spellings = ["ada", "ADA", " Ada", "aDa"].map(|name| format!("{name}{round}@b\u{fc}cher.example"));
    let spellings = spellings.into_iter().chain([format!("ada{round}@XN--bcher-kva.EXAMPLE")]);
    let registrations = spellings.cycle().take(WITH_ADDRESS).map(|email| {
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Ada"});
        post("/api/v1/auth/register", body)
    });
    let mut sessions = Vec::new();
    for reply in join_all(registrations).await {
        match reply? {
            (StatusCode::CREATED, session) => sessions.push(session),
            (StatusCode::CONFLICT, _) => {}
            (status, body) => return Err(format!("{status} {body}").into()),
        }
    }
    let [session] = sessions.as_slice() else {
        return Err(format!("one address made {} accounts", sessions.len()).into());
    };
    let token = text(session, "/refresh_token")?;
    let uses = (0..WITH_ADDRESS).map(|_| post("/api/v1/auth/refresh", json!({"refresh_token": token})));
    let mut used = 0;
    for reply in join_all(uses).await {
        match reply? {
            (StatusCode::OK, _) => used += 1,
            (StatusCode::UNAUTHORIZED, _) => {}
            (status, body) => return Err(format!("{status} {body}").into()),
        }
    }
    if used <= 1 { Ok(()) } else { Err(format!("one refresh token was used {used} times").into()) }
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
