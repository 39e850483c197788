//! `cargo xtask crash-mail`: kills a store while it hands mails to an SMTP server. No mail is lost, and one that comes twice has the
//! same `Message-ID` both times.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, Server, chosen, text};
use crate::smtp::{Sink, Taken};
use crate::{stock, tools};

/// Who buys. A mail that was being sent when the store was killed holds up those to the same account for as long as its lease
/// lasts; so there are many.
const BUYERS: usize = 300;
/// What there is to buy, for nothing: receipts of what costs nothing wait for no invoice.
const PRODUCTS: u32 = 40;
/// Buyers at work at once.
const AT_ONCE: usize = 4;
/// How long the server waits between having a mail and saying so: the store is most likely killed then.
const PAUSE: Duration = Duration::from_millis(15);
/// How long after the last kill everything must have been sent: no lease of a killed process holds it any more.
const SETTLES: Duration = Duration::from_secs(3 * 60);
/// How old tokens get.
const TOKEN_AGE: Duration = Duration::from_secs(8 * 60);

/// Kill a store while it sends mail: none may be lost, and a duplicate must have the same Message-ID.
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
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = chosen(args.binary.as_deref(), false)?;
    let sink = Sink::slow(PAUSE)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url), &sink))
}

async fn rounds(args: &Args, binary: &Path, postgres: Option<String>, sink: &Sink) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.set("MIST_MAIL__KIND", "smtp");
    server.set("MIST_MAIL__SMTP__URL", &sink.url());
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        products.push(stock::product(&admin, &format!("Crash {number}"), 0).await?);
    }
    let (products, journal) = (Arc::new(products), Arc::<Mutex<HashSet<String>>>::default());
    let mut random = Random::of(args.seed);
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        buyers.push(server.register(&address(number)).await?);
    }
    let mut signed_in = Instant::now();
    for round in 1..=args.rounds {
        if signed_in.elapsed() > TOKEN_AGE {
            for (number, buyer) in buyers.iter_mut().enumerate() {
                *buyer = server.sign_in(&address(number)).await?;
            }
            signed_in = Instant::now();
        }
        let load: Vec<_> = (0..AT_ONCE)
            .map(|_| Worker {
                buyers: buyers.clone(),
                products: Arc::clone(&products),
                journal: Arc::clone(&journal),
                random: Random::of(random.below(usize::MAX) as u64),
            })
            .map(|worker| tokio::spawn(worker.work()))
            .collect();
        tokio::time::sleep(Duration::from_millis(50 + u64::try_from(random.below(1000))?)).await;
        server.kill()?;
        for task in load {
            task.await?;
        }
        server.start(&[]).await?;
        if round % 20 == 0 || round == args.rounds {
            println!("round {round}: {}", Verdict::of(&noted(&journal), &sink.taken()?));
        }
    }
    let until = Instant::now() + SETTLES;
    loop {
        let verdict = Verdict::of(&noted(&journal), &sink.taken()?);
        if verdict.lost == 0 || Instant::now() > until {
            println!("{} rounds, {verdict}", args.rounds);
            return Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn address(number: usize) -> String {
    format!("buyer{number}@example.com")
}

fn noted(journal: &Mutex<HashSet<String>>) -> HashSet<String> {
    journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Buys one thing after the other until the store is gone.
struct Worker {
    buyers: Vec<Caller>,
    products: Arc<Vec<String>>,
    /// The numbers of the orders that were acknowledged.
    journal: Arc<Mutex<HashSet<String>>>,
    random: Random,
}

impl Worker {
    async fn work(mut self) {
        while self.buy().await.is_ok() {}
    }

    /// An error is a lost connection: that is the point. What somebody owns already is refused.
    async fn buy(&mut self) -> Result<()> {
        let buyer = self.random.one_of(&self.buyers).ok_or("no buyers")?.clone();
        let product = self.random.one_of(&self.products).ok_or("no products")?.clone();
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let reply = buyer.request(Method::POST, "/api/v1/checkout").json(&body).send().await?;
        if reply.status().is_success() {
            let order: Value = serde_json::from_str(&reply.text().await?)?;
            let number = text(&order, "/number")?.to_owned();
            self.journal.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
        }
        Ok(())
    }
}

/// What became of the receipts.
struct Verdict {
    orders: usize,
    mails: usize,
    /// Of which orders no receipt came.
    lost: usize,
    /// Mails that came before, under the same `Message-ID`.
    again: usize,
    /// Orders of which receipts came under several `Message-ID`s.
    unlike: usize,
}

impl Verdict {
    fn of(orders: &HashSet<String>, taken: &[Taken]) -> Self {
        let mut ids: HashMap<&str, HashSet<&str>> = HashMap::new();
        let mut receipts = 0;
        for mail in taken {
            // An order that was placed and never acknowledged has its receipt too.
            if let Some((_, number)) = mail.subject.rsplit_once("receipt for order ") {
                ids.entry(number).or_default().insert(&mail.id);
                receipts += 1;
            }
        }
        let distinct: HashSet<&str> = ids.values().flatten().copied().collect();
        Self {
            orders: orders.len(),
            mails: receipts,
            lost: orders.iter().filter(|number| !ids.contains_key(number.as_str())).count(),
            again: receipts - distinct.len(),
            unlike: ids.values().filter(|ids| ids.len() > 1).count(),
        }
    }

    fn holds(&self) -> bool {
        self.orders > 0 && self.lost == 0 && self.unlike == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, mails, lost, again, unlike } = self;
        write!(
            f,
            "{orders} orders acknowledged, {mails} receipts, {again} of them again by the same Message-ID, {unlike} by another, \
             {lost} missing"
        )
    }
}
