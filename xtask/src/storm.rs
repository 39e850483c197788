//! `cargo xtask storm`: hundreds sign in at once, and the catalog must hardly notice.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bench::process_facts;
use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Caller, PASSWORD, Server, build};
use crate::tools;

/// Accounts that sign in.
const ACCOUNTS: usize = 20;
/// Between two looks at the catalog.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long the catalog is looked at while nobody signs in.
const IDLE: Duration = Duration::from_secs(5);
/// A list under the storm takes at most this, or three times what it takes without.
const LEAST_BOUND: Duration = Duration::from_millis(25);
/// Memory of one hash (Argon2id, 19 MiB), bytes.
const SLOT: u64 = 19 * 1024 * 1024;
/// What connections and answers may take beside the hashes, bytes.
const BESIDE: u64 = 64 * 1024 * 1024;

/// Sign in from hundreds of clients at once; the list stays quick, memory bounded, and whoever is refused is told when to
/// come back.
#[derive(clap::Args)]
pub struct Args {
    /// Clients that sign in again and again.
    #[arg(long, default_value_t = 300)]
    clients: usize,
    /// For how many seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = build(true)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(storm(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn storm(args: &Args, binary: &Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&["--demo"]).await?;
    for number in 0..ACCOUNTS {
        server.register(&format!("storm{number}@example.com")).await?;
    }
    let pid = server.pid().ok_or("the store is not running")?;
    let slots = std::thread::available_parallelism()?.get().div_ceil(2) as u64;
    let idle = look(&server.nobody(), Instant::now() + IDLE).await?;
    let base = process_facts::anonymous(pid)?;

    let end = Instant::now() + Duration::from_secs(args.seconds);
    let tally = Arc::new(Tally::default());
    let clients = (0..args.clients).map(|client| {
        let email = format!("storm{}@example.com", client % ACCOUNTS);
        tokio::spawn(sign_in(server.nobody(), email, end, Arc::clone(&tally)))
    });
    let clients: Vec<_> = clients.collect();
    let most = tokio::spawn(async move {
        let mut most = 0;
        while Instant::now() < end {
            most = most.max(process_facts::anonymous(pid)?);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok::<u64, Box<dyn std::error::Error + Send + Sync>>(most)
    });
    let stormy = look(&server.nobody(), end).await?;
    for client in join_all(clients).await {
        client??;
    }
    let most = most.await??;

    let bound = (idle * 3).max(LEAST_BOUND);
    let allowed = base + slots * SLOT + BESIDE;
    let (signed_in, refused) =
        (tally.signed_in.load(Ordering::Relaxed), tally.refused.load(Ordering::Relaxed));
    println!("list, 99th percentile: {idle:.1?} without, {stormy:.1?} with the storm (at most {bound:.1?})");
    println!(
        "memory of no file: {} MiB before, {} MiB at most (allowed {})",
        base >> 20,
        most >> 20,
        allowed >> 20
    );
    println!("{signed_in} sign-ins, {refused} refused with Retry-After");
    let holds = stormy <= bound && most <= allowed && signed_in > 0;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of the sign-ins.
#[derive(Default)]
struct Tally {
    signed_in: AtomicU64,
    refused: AtomicU64,
}

/// Signs in again and again, without heeding when it is told to come back.
async fn sign_in(client: Caller, email: String, end: Instant, tally: Arc<Tally>) -> Result<()> {
    let body = json!({"email": email, "password": PASSWORD});
    while Instant::now() < end {
        let reply = client.request(Method::POST, "/api/v1/auth/login").json(&body).send().await?;
        let status = reply.status();
        let told = reply.headers().contains_key("retry-after");
        reply.bytes().await?;
        match status {
            StatusCode::OK => tally.signed_in.fetch_add(1, Ordering::Relaxed),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if told => {
                tally.refused.fetch_add(1, Ordering::Relaxed)
            }
            other => return Err(format!("a sign-in was answered {other}").into()),
        };
    }
    Ok(())
}

/// The 99th percentile of how long the first page of the catalog takes.
async fn look(client: &Caller, end: Instant) -> Result<Duration> {
    let mut took = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        client.call(Method::GET, "/api/v1/products?limit=24", None).await?;
        took.push(began.elapsed());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    took.sort_unstable();
    took.get(took.len() * 99 / 100).copied().ok_or_else(|| "the catalog was never looked at".into())
}
