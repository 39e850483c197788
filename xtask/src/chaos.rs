//! `cargo xtask chaos`: three copies behind a balancer, over a PostgreSQL with a replica, while people shop: copies are killed, the
//! database is ended in a hurry, and the line to it falls silent. Nobody is told anything wrong, and nothing acknowledged is lost.

mod balancer;
mod diary;
mod line;
mod shopper;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::task::JoinHandle;

use crate::bench::report::{Bound, Report};
use crate::postgres::{Postgres, asked};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, MASTER_KEY, Server, chosen};
use crate::{stock, tools};
use balancer::Balancer;
use diary::{Diary, NORMAL};
use line::Line;
use shopper::{Place, Product, Shopper};

/// Copies of the store.
const COPIES: usize = 3;
/// Who shops, and for what.
const SHOPPERS: usize = 12;
const PRODUCTS: u32 = 40;
/// The longest pause before a copy is killed, and until it is started again, milliseconds.
const LIVES: usize = 4_000;
const DEAD: usize = 1_500;
/// For how long the line is silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How long is watched after a fault: until nothing may be amiss, and a while.
const AFTER: Duration = Duration::from_secs(20);
/// Of whom one who connects waits no longer for an answer.
const PATIENCE: Duration = Duration::from_secs(100);
/// The setting that lets reads go to a replica.
const READ_URL: &str = "MIST_DATABASE__READ_URL";
/// A shorter run is a trial, of which nothing is written down.
const WHOLE: u64 = 10;
/// What the server and its replica must agree on.
const COMPARED: &str = "SELECT (SELECT md5(string_agg(id::text || status::text, ',' ORDER BY id)) FROM orders), \
                        (SELECT count(*) FROM payment), (SELECT count(*) FROM entitlement), \
                        (SELECT count(*) FROM ledger_entry)";

/// Kill copies of a store while people shop, then take their database away; written into bench/RESULTS.md unless it
/// is a short trial.
#[derive(clap::Args)]
pub struct Args {
    /// For how many minutes copies are killed.
    #[arg(long, default_value_t = WHOLE)]
    minutes: u64,
    /// What the random moments follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// In the end the line falls silent once more, for good on the connections that there are: as where the database has
    /// moved to another machine, and nobody is left who would end them.
    #[arg(long)]
    failover: bool,
    /// A quick build instead of a release build: its figures are written nowhere.
    #[arg(long)]
    debug: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    tools::need_nginx()?;
    let binary = chosen(args.binary.as_deref(), !args.debug)?;
    let mut database = Postgres::start_durable()?;
    let replica = database.replica()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(chaos(args, &binary, &mut database, &replica))
}

async fn chaos(args: &Args, binary: &Path, database: &mut Postgres, replica: &Postgres) -> Result {
    let mut store = Store::open(binary, database, replica).await?;
    let shopping: Vec<JoinHandle<Shopper>> = store.shoppers().await?;
    let mut report = Report::default();

    let kills = store.kill_copies(Duration::from_secs(args.minutes * 60), args.seed).await?;
    let (answered, cut, unavailable) = store.place.diary.counts();
    let shown =
        format!("{kills} copies killed; {answered} answers, {cut} cut off, {unavailable} unavailable");
    report.figure("kill -9", &shown, f64::from(kills), Bound::AtLeast(1.0));
    let before = store.pids();

    store.away("`pg_ctl restart -m immediate`", &mut report, async |_| database.restart_at_once()).await?;
    let silence = format!("{} s in which the line to the database is silent", SILENCE.as_secs());
    store
        .away(&silence, &mut report, async |line| {
            line.fall_silent();
            tokio::time::sleep(SILENCE).await;
            line.speak();
            Ok(())
        })
        .await?;
    if args.failover {
        let silence = format!("{silence}, and stays so on connections of before");
        store
            .away(&silence, &mut report, async |line| {
                line.fall_silent();
                tokio::time::sleep(SILENCE).await;
                line.speak_to_new_ones();
                Ok(())
            })
            .await?;
    }
    let restarts = f64::from(u8::from(store.pids() != before));
    let shown = if restarts == 0.0 { "none" } else { "some" };
    report.figure("restarts of the store under those", shown, restarts, Bound::AtMost(0.0));

    store.place.over.store(true, Ordering::Relaxed);
    let (mut paid, mut refunded) = (0, 0);
    for shopper in shopping {
        let mut shopper = shopper.await?;
        if let Err(lost) = shopper.take_stock().await {
            store.place.diary.violation(lost.to_string());
        }
        let (orders, given_back) = shopper.counts();
        (paid, refunded) = (paid + orders, refunded + given_back);
    }
    if let Err(broken) = store.copies[0].run(&["check"], "") {
        store.place.diary.violation(broken.to_string());
    }
    replica.catch_up(database)?;
    let (ours, theirs) = (store.compared(database)?, store.compared(replica)?);
    if ours != theirs {
        store.place.diary.violation(format!("the replica says {theirs}, not {ours}"));
    }
    let slowest = store.place.diary.slowest();
    report.figure("slowest answer that was right", &format!("{slowest:.1?}"), 0.0, Bound::None);
    let shown = format!("{paid} orders paid, {refunded} of them refunded, by {SHOPPERS} people");
    report.figure("acknowledged", &shown, 0.0, Bound::None);
    let violations = store.place.diary.violations();
    let what = "wrong answers, failures that nothing explains, acknowledged writes that are lost";
    report.figure(what, &violations.to_string(), f64::from(violations), Bound::AtMost(0.0));
    if args.debug || args.minutes < WHOLE {
        println!("a trial: nothing is written down");
    } else {
        report.write("Chaos", "cargo xtask chaos")?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The copies and what is around them.
struct Store {
    copies: [Server; COPIES],
    line: Line,
    balancer: Balancer,
    place: Arc<Place>,
    /// The name of the database.
    name: String,
}

impl Store {
    async fn open(binary: &Path, database: &Postgres, replica: &Postgres) -> Result<Self> {
        let line = Line::to(database.port()).await?;
        let postgres = format!("postgres://mist@127.0.0.1:{}/postgres", line.port);
        let mut first = Server::new(binary, Some(&postgres)).await?;
        first.set(MASTER_KEY, &"5a".repeat(32));
        let name = first.database().and_then(|url| url.rsplit('/').next()).ok_or("no database")?.to_owned();
        let (second, third) = (first.beside()?, first.beside()?);
        let mut copies = [first, second, third];
        let addresses: Vec<String> = copies.iter().map(|copy| copy.url.clone()).collect();
        let balancer = Balancer::before(&addresses).await?;
        // Reads that may be a moment old go there, where the program knows of it.
        let reads = (READ_URL, format!("{}/{name}", server_of(replica)));
        let mut asked = copies[0].beside()?;
        asked.set(reads.0, &reads.1);
        let has_reads = asked.run(&["config"], "").is_ok();
        for copy in &mut copies {
            copy.set("MIST_HTTP__PUBLIC_URL", &balancer.url);
            copy.set("MIST_HTTP__TRUSTED_PROXIES", "127.0.0.1");
            if has_reads {
                copy.set(reads.0, &reads.1);
            }
            copy.start(&[]).await?;
        }
        println!("{COPIES} copies; reads from the replica: {}", if has_reads { "some" } else { "none" });
        let admin = copies[0].admin().await?;
        let mut products = Vec::new();
        for number in 0..PRODUCTS {
            let (title, cents) = (format!("Chaos {number}"), 500 + number);
            products.push(Product { id: stock::product(&admin, &title, cents).await?, title, cents });
        }
        let place = Place { products, diary: Diary::default(), over: AtomicBool::new(false) };
        Ok(Self { copies, line, balancer, place: Arc::new(place), name })
    }

    async fn shoppers(&self) -> Result<Vec<JoinHandle<Shopper>>> {
        let client = Client::builder().timeout(PATIENCE).build()?;
        let nobody = Caller::at(&self.balancer.url, client);
        let mut shoppers = Vec::new();
        for number in 0..SHOPPERS {
            shoppers.push(Shopper::register(&self.place, &nobody, number).await?);
        }
        // Every copy has seen by now what is sold.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(shoppers.into_iter().map(|shopper| tokio::spawn(shopper.shop())).collect())
    }

    /// Kills one copy after the other, now and then a second one while the first is away, and starts them again.
    async fn kill_copies(&mut self, length: Duration, seed: u64) -> Result<u32> {
        let (mut random, end, mut kills) = (Random::of(seed), Instant::now() + length, 0);
        while Instant::now() < end {
            pause(&mut random, LIVES).await?;
            let count = 1 + usize::from(random.below(4) == 0);
            let first = random.below(COPIES);
            for at in (first..first + count).map(|at| at % COPIES) {
                self.place.diary.kill();
                self.copies.get_mut(at).ok_or("no such copy")?.kill()?;
                kills += 1;
            }
            pause(&mut random, DEAD).await?;
            for at in (first..first + count).map(|at| at % COPIES) {
                self.copies.get_mut(at).ok_or("no such copy")?.start(&[]).await?;
            }
            if kills % 20 == 0 {
                let (answered, cut, _) = self.place.diary.counts();
                println!(
                    "{kills} kills, {answered} answers, {cut} cut off, {} violations",
                    self.place.diary.violations()
                );
            }
        }
        tokio::time::sleep(NORMAL).await;
        Ok(kills)
    }

    /// Takes the database away, waits until it is back, and looks how long that is felt.
    async fn away(
        &mut self,
        what: &str,
        report: &mut Report,
        fault: impl AsyncFnOnce(&Line) -> Result<()>,
    ) -> Result<()> {
        let (answered, _, unavailable) = self.place.diary.counts();
        let began = Instant::now();
        self.place.diary.take_away();
        fault(&self.line).await?;
        let back = self.place.diary.give_back();
        tokio::time::sleep(AFTER).await;
        let felt = self.place.diary.last_failure_after(back).as_secs_f64();
        let (answered_now, _, unavailable_now) = self.place.diary.counts();
        let shown = format!(
            "{felt:.1} s after it was back ({:.1} s away: {} answers, {} unavailable)",
            (back - began).as_secs_f64(),
            answered_now - answered,
            unavailable_now - unavailable,
        );
        report.figure(&format!("{what}: last failure"), &shown, felt, Bound::AtMost(NORMAL.as_secs_f64()));
        Ok(())
    }

    fn pids(&self) -> Vec<Option<u32>> {
        self.copies.iter().map(Server::pid).collect()
    }

    /// What a server has of the store.
    fn compared(&self, postgres: &Postgres) -> Result<String> {
        asked(&format!("{}/{}", server_of(postgres), self.name), COMPARED)
    }
}

/// The address of a server without a database.
fn server_of(postgres: &Postgres) -> String {
    format!("postgres://mist@127.0.0.1:{}", postgres.port())
}

async fn pause(random: &mut Random, most: usize) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(u64::try_from(random.below(most))?)).await;
    Ok(())
}
