//! `cargo xtask crash`: kills a store at random moments of a mixed load, and sees that nothing acknowledged is lost.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::Method;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Caller, Server, build, text};
use crate::tools;

/// Tasks that load the store at once.
const CLIENTS: u64 = 6;
/// Products there are to buy.
const PRODUCTS: u64 = 12;
/// A store must be ready again by then.
const READY: Duration = Duration::from_secs(5);

/// Kill a store again and again under load; all it had acknowledged must be there, and every invariant hold.
#[derive(clap::Args)]
pub struct Args {
    /// How often to kill it.
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// What the random moments follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    let binary = build(false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn rounds(args: &Args, binary: &std::path::Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let products = Arc::new(stock(&admin).await?);
    let journal = Arc::new(Journal::default());
    let mut random = Random(args.seed | 1);
    let (mut slowest, mut acknowledged, mut violations) = (Duration::ZERO, 0, 0);
    for round in 1..=args.rounds {
        let load: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let worker = Worker {
                    products: Arc::clone(&products),
                    journal: Arc::clone(&journal),
                    admin: admin.clone(),
                    nobody: server.nobody(),
                    random: Random(random.next() | 1),
                    name: format!("r{round}c{client}s{}", args.seed),
                };
                tokio::spawn(worker.work())
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100 + random.below(1400))).await;
        server.kill()?;
        for task in load {
            // A client ends by losing its connection; that is the point.
            task.await?;
        }
        let ready = server.start(&[]).await?;
        slowest = slowest.max(ready);
        let written = journal.take();
        let checked = written.len();
        for lost in verify(&server, &admin, written).await {
            println!("round {round}: {lost}");
            violations += 1;
        }
        if let Err(broken) = server.run(&["check"], "") {
            println!("round {round}: {broken}");
            violations += 1;
        }
        acknowledged += checked;
        println!("round {round}: {checked} acknowledged writes are there, ready again in {ready:.0?}");
    }
    if slowest > READY {
        println!("ready again took {slowest:.1?}, more than {READY:?}");
        violations += 1;
    }
    println!(
        "{} rounds, {acknowledged} acknowledged writes, slowest start {slowest:.0?}, {violations} violations",
        args.rounds
    );
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the store said yes to.
enum Written {
    Account { email: String },
    Order { buyer: Caller, order: String, product: String, paid: bool },
    File { build: String, name: String, sha256: String },
}

#[derive(Default)]
struct Journal(Mutex<Vec<Written>>);

impl Journal {
    fn note(&self, written: Written) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(written);
    }

    fn take(&self) -> Vec<Written> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Makes products, every third one free, each with a released build.
async fn stock(admin: &Caller) -> Result<Vec<String>> {
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        let amount = if number % 3 == 0 { 0 } else { 100 * number };
        let prices = json!([{"currency": "USD", "amount": amount}]);
        let body = json!({"kind": "game", "title": format!("Crash {number}"), "platforms": ["linux"], "prices": prices});
        let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
        let id = text(&product, "/id")?.to_owned();
        let body = json!({"version": "1.0", "platform": "linux"});
        let build =
            admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/builds"), Some(body)).await?;
        let build = text(&build, "/id")?;
        put(admin, build, "game.bin", vec![b'x'; 10_000 + usize::try_from(number)?]).await?;
        admin.call(Method::POST, &format!("/api/v1/admin/builds/{build}/release"), None).await?;
        admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
        products.push(id);
    }
    Ok(products)
}

/// Uploads a file and gives its digest.
async fn put(admin: &Caller, build: &str, name: &str, bytes: Vec<u8>) -> Result<String> {
    let sha256 = hex::encode(digest(&SHA256, &bytes));
    let reply = admin
        .request(Method::PUT, &format!("/api/v1/admin/builds/{build}/files/{name}"))
        .body(bytes)
        .send()
        .await?;
    if !reply.status().is_success() {
        return Err(reply.text().await?.into());
    }
    Ok(sha256)
}

struct Worker {
    products: Arc<Vec<String>>,
    journal: Arc<Journal>,
    admin: Caller,
    nobody: Caller,
    random: Random,
    name: String,
}

impl Worker {
    /// Works until the store is gone.
    async fn work(mut self) {
        let mut turn = 0;
        while self.turn(turn).await.is_ok() {
            turn += 1;
        }
    }

    async fn turn(&mut self, turn: u32) -> Result<()> {
        let email = format!("{}t{turn}@example.com", self.name);
        let body = json!({"email": email, "password": crate::server::PASSWORD, "display_name": "Somebody"});
        let session = self.nobody.call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
        self.journal.note(Written::Account { email });
        let buyer = self.nobody.signed_in(text(&session, "/access_token")?);
        for purchase in 0..=self.random.below(3) {
            self.buy(&buyer, turn, purchase).await?;
        }
        if self.random.below(2) == 0 {
            self.upload(turn).await?;
        }
        Ok(())
    }

    async fn buy(&mut self, buyer: &Caller, turn: u32, purchase: u64) -> Result<()> {
        let at = usize::try_from(self.random.below(self.products.len() as u64))?;
        let product = self.products.get(at).ok_or("no products")?.clone();
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let key = format!("{}-{turn}-{purchase}", self.name);
        let request =
            buyer.request(Method::POST, "/api/v1/checkout").header("idempotency-key", key).json(&body);
        let reply = request.send().await?;
        if reply.status() == 409 {
            return Ok(()); // Owned since an earlier purchase of this turn.
        }
        let order: Value = serde_json::from_str(&reply.text().await?)?;
        let id = text(&order, "/id")?.to_owned();
        let paid = text(&order, "/status")? == "paid";
        self.note_order(buyer, &id, &product, paid);
        if !paid {
            let payment = text(&order, "/payment/id")?;
            let body = json!({"outcome": "succeed"});
            buyer.call(Method::POST, &format!("/api/v1/payments/mock/{payment}"), Some(body)).await?;
            self.note_order(buyer, &id, &product, true);
        }
        let link = buyer
            .call(Method::POST, &format!("/api/v1/library/{product}/downloads"), Some(json!({})))
            .await?;
        let reply = self.nobody.request(Method::GET, text(&link, "/url")?).send().await?;
        let bytes = reply.bytes().await?;
        let sha256 = hex::encode(digest(&SHA256, &bytes));
        if sha256 != text(&link, "/file/sha256")? {
            println!("a download differs from its digest");
        }
        Ok(())
    }

    fn note_order(&self, buyer: &Caller, order: &str, product: &str, paid: bool) {
        let (order, product) = (order.to_owned(), product.to_owned());
        self.journal.note(Written::Order { buyer: buyer.clone(), order, product, paid });
    }

    async fn upload(&mut self, turn: u32) -> Result<()> {
        let product = self.products.first().ok_or("no products")?;
        let body = json!({"version": format!("{}-{turn}", self.name), "platform": "linux"});
        let build = self
            .admin
            .call(Method::POST, &format!("/api/v1/admin/products/{product}/builds"), Some(body))
            .await?;
        let build = text(&build, "/id")?.to_owned();
        let size = usize::try_from(self.random.below(300_000))?;
        let bytes: Vec<u8> = (0..size).map(|_| self.random.next().to_le_bytes()[7]).collect();
        let sha256 = put(&self.admin, &build, "data.bin", bytes).await?;
        self.journal.note(Written::File { build, name: "data.bin".to_owned(), sha256 });
        Ok(())
    }
}

/// What was acknowledged and is not there, in words.
async fn verify(server: &Server, admin: &Caller, written: Vec<Written>) -> Vec<String> {
    let mut lost = Vec::new();
    for one in written {
        if let Err(error) = find(server, admin, &one).await {
            lost.push(error.to_string());
        }
    }
    lost
}

async fn find(server: &Server, admin: &Caller, written: &Written) -> Result<()> {
    match written {
        Written::Account { email } => server.sign_in(email).await.map(drop),
        Written::Order { buyer, order, product, paid } => {
            let found = buyer.call(Method::GET, &format!("/api/v1/orders/{order}"), None).await?;
            if *paid {
                if text(&found, "/status")? != "paid" {
                    return Err(format!("order {order} was paid and is {}", text(&found, "/status")?).into());
                }
                buyer.call(Method::GET, &format!("/api/v1/library/{product}"), None).await?;
            }
            Ok(())
        }
        Written::File { build, name, sha256 } => {
            let found = admin.call(Method::GET, &format!("/api/v1/admin/builds/{build}"), None).await?;
            let files = found.pointer("/files").and_then(Value::as_array).cloned().unwrap_or_default();
            let there = files.iter().any(|file| {
                file.get("name") == Some(&json!(name)) && file.get("sha256") == Some(&json!(sha256))
            });
            if there { Ok(()) } else { Err(format!("file {name} of build {build} is gone").into()) }
        }
    }
}

/// Random numbers that a seed repeats (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end.max(1)
    }
}
