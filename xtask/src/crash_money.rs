//! `cargo xtask crash-money`: kills a store that takes its money at a stand-in for Stripe, at random moments and at each place
//! between two steps of a payment, while its calls fail and its events get lost. In the end both ledgers say the same.

mod compare;
mod gifts;
mod journal;
mod load;
mod places;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use standin::{StandIn, Teller};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::random::Random;
use crate::server::{ADMIN, Caller, PASSWORD, Server, build, text};
use crate::{mailed, stock, stripe, tools};
use gifts::Gifts;
use journal::Journal;
use load::Worker;
use places::Places;

/// Who buys, each by a task of its own.
const BUYERS: usize = 8;
/// What there is to buy.
const PRODUCTS: u32 = 24;
/// Store credit of each buyer, cents.
const CREDIT: i64 = 5_000;
/// Of so many calls of Stripe's API one fails.
const FAULTS: u64 = 15;
/// Of so many rounds one ends at a place instead of at a random moment.
const AT_A_PLACE: u32 = 2;
/// How long a load may take until it reaches a place.
const REACHES: Duration = Duration::from_secs(5);
/// How old tokens get.
const TOKEN_AGE: Duration = Duration::from_secs(8 * 60);
/// How long after the last event and call it is looked at what is unsettled: then no lease of a killed process holds it.
const CALM: Duration = Duration::from_secs(65);
/// How long everything may take until it is settled, jobs that wait to be tried again among it.
const SETTLES: Duration = Duration::from_secs(6 * 60);

/// Kill a store under payments, at random and between their steps; its ledger and Stripe's must agree.
#[derive(clap::Args)]
pub struct Args {
    /// How often to kill it.
    #[arg(long, default_value_t = 500)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// What the random moments follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
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

async fn rounds(args: &Args, binary: &Path, postgres: Option<String>) -> Result {
    let stripe = StandIn::start().await;
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    stripe::configure(&stripe, &mut server, "stripe");
    server.set("MIST_CHECKOUT__GIFTS_PER_ACCOUNT", "100000/60");
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        products.push(stock::product(&admin, &format!("Crash {number}"), 500 + number).await?);
    }
    let mut shop = Shop {
        buyers: register(&server, &admin).await?,
        signed_in: Instant::now(),
        teller: Arc::new(Teller::new(&server.url)),
        journal: Arc::default(),
        gifts: Arc::default(),
        random: Random::of(args.seed),
        products: Arc::new(products),
        stripe,
    };
    let mut places = Places::read()?;
    shop.stripe.fail_now_and_then(FAULTS, args.seed);
    for round in 1..=args.rounds {
        if round % AT_A_PLACE == 0 {
            shop.end_at_a_place(&mut server, &mut places).await?;
        } else {
            shop.end_at_random(&mut server).await?;
        }
        server.arm(None);
        server.start(&[]).await?;
        shop.teller.tell_again().await;
        shop.renew(&server).await?;
        shop.gifts.collect(&server)?;
        shop.journal.verify_new(&shop.buyers).await;
        if round % 20 == 0 || round == args.rounds {
            println!("round {round}: {}", shop.journal.tally());
        }
    }
    shop.settle(&server).await?;
    if let Err(broken) = server.run(&["check"], "") {
        shop.journal.violation(broken.to_string());
    }
    places.print();
    let not_tried = places.not_tried();
    if !not_tried.is_empty() {
        println!("NOT TRIED, for there were too few rounds: {}", not_tried.join(", "));
    }
    for place in places.never_reached() {
        shop.journal.violation(format!("no round ended at {place}"));
    }
    println!("{} rounds, {}", args.rounds, shop.journal.tally());
    Ok(if shop.journal.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a run works with.
struct Shop {
    buyers: Vec<Caller>,
    signed_in: Instant,
    teller: Arc<Teller>,
    journal: Arc<Journal>,
    /// The tokens of gifts that were mailed.
    gifts: Arc<Gifts>,
    random: Random,
    products: Arc<Vec<String>>,
    stripe: StandIn,
}

impl Shop {
    /// Loads the store until it is killed at a random moment.
    async fn end_at_random(&mut self, server: &mut Server) -> Result<()> {
        let load = self.load();
        tokio::time::sleep(Duration::from_millis(50 + u64::try_from(self.random.below(1200))?)).await;
        server.kill()?;
        ended(load).await
    }

    /// Loads the store until it ends by itself at the next place.
    async fn end_at_a_place(&mut self, server: &mut Server, places: &mut Places) -> Result<()> {
        let place = places.next().ok_or("no places")?;
        if places::is_reconcilers(&place) {
            let load = self.load();
            let outcome = server.run_armed(&["reconcile"], &place);
            places.note(&place, outcome.is_err());
            server.kill()?;
            return ended(load).await;
        }
        server.kill()?;
        server.arm(Some(&place));
        // What was left over may end it before it is ready.
        if server.start(&[]).await.is_ok() {
            let load = self.load();
            let until = Instant::now() + REACHES;
            while Instant::now() < until && !server.has_ended()? {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            places.note(&place, server.has_ended()?);
            server.kill()?;
            return ended(load).await;
        }
        places.note(&place, server.has_ended()?);
        server.kill()
    }

    fn load(&mut self) -> Vec<tokio::task::JoinHandle<()>> {
        let workers = self.buyers.iter().enumerate().map(|(number, buyer)| Worker {
            number,
            buyer: buyer.clone(),
            products: Arc::clone(&self.products),
            stripe: self.stripe.clone(),
            teller: Arc::clone(&self.teller),
            journal: Arc::clone(&self.journal),
            gifts: Arc::clone(&self.gifts),
            random: Random::of(self.random.below(usize::MAX) as u64),
        });
        workers.map(|worker| tokio::spawn(worker.work())).collect()
    }

    async fn renew(&mut self, server: &Server) -> Result<()> {
        if self.signed_in.elapsed() < TOKEN_AGE {
            return Ok(());
        }
        for (number, buyer) in self.buyers.iter_mut().enumerate() {
            *buyer = server.sign_in(&address(number)).await?;
        }
        self.signed_in = Instant::now();
        Ok(())
    }

    /// Lets everything settle, and compares what the store and Stripe then say.
    async fn settle(&mut self, server: &Server) -> Result<()> {
        self.stripe.fail_now_and_then(0, 0);
        println!("letting everything settle…");
        tokio::time::sleep(CALM).await;
        let admin = server.sign_in(ADMIN).await?;
        let until = Instant::now() + SETTLES;
        loop {
            server.run(&["reconcile"], "")?;
            let orders = stripe::orders(&admin).await?;
            let compared =
                compare::compare(&self.stripe.payments(), &orders, &as_credit(&self.buyers).await?)?;
            if compared.differences.is_empty() || Instant::now() > until {
                println!("{compared}");
                compared.differences.into_iter().for_each(|difference| self.journal.violation(difference));
                break;
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        self.journal.verify_all(&self.buyers).await;
        self.gifts.verify(&self.buyers, &stripe::orders(&admin).await?, &self.journal).await
    }
}

/// What of each order became store credit when it was given back, minor units.
async fn as_credit(buyers: &[Caller]) -> Result<HashMap<String, i64>> {
    let mut sums = HashMap::new();
    for buyer in buyers {
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/me/credit?limit=100{cursor}");
            let page = buyer.call(Method::GET, &path, None).await?;
            let entries = page.pointer("/entries/items").and_then(Value::as_array).ok_or("no entries")?;
            for entry in entries.iter().filter(|entry| entry.pointer("/kind") == Some(&json!("refund"))) {
                let amount = entry.pointer("/amount/amount").and_then(Value::as_i64).ok_or("no amount")?;
                *sums.entry(text(entry, "/order_id")?.to_owned()).or_default() += amount;
            }
            match text(&page, "/entries/next_cursor") {
                Ok(next) => cursor = format!("&cursor={next}"),
                Err(_) => break,
            }
        }
    }
    Ok(sums)
}

fn address(number: usize) -> String {
    format!("buyer{number}@example.com")
}

/// Buyers who may give and hold store credit.
async fn register(server: &Server, admin: &Caller) -> Result<Vec<Caller>> {
    let nobody = server.nobody();
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let body = json!({"email": address(number), "password": PASSWORD, "display_name": "Somebody"});
        let session = nobody.call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
        mailed::prove(server, &address(number)).await?;
        let path = format!("/api/v1/admin/accounts/{}/credit", text(&session, "/account/id")?);
        let granted = json!({"amount": {"amount": CREDIT, "currency": "USD"}, "reason": "to be spent"});
        admin.call(Method::POST, &path, Some(granted)).await?;
        buyers.push(nobody.signed_in(text(&session, "/access_token")?));
    }
    Ok(buyers)
}

/// A task of the load ends by losing its connection.
async fn ended(load: Vec<tokio::task::JoinHandle<()>>) -> Result<()> {
    for task in load {
        task.await?;
    }
    Ok(())
}
