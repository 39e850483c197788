//! `cargo xtask soak`: a store under a steady mixed load for an hour: what it takes and how it answers stay as they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;

use crate::bench::process_facts;
use crate::bench::report::{Bound, Report};
use crate::postgres::Postgres;
use crate::process::Result;
use crate::scraped::Scraped;
use crate::server::{Server, chosen};
use crate::sizes::mib;
use crate::steady::quarters;
use crate::tools;
use crate::traffic::{self, Fate, Kind, Mix, Shop};

/// What visitors come for.
const MIX: Mix = &[
    (Kind::List, 36),
    (Kind::Detail, 30),
    (Kind::Search, 8),
    (Kind::Library, 8),
    (Kind::Purchase, 12),
    (Kind::Refund, 4),
    (Kind::SignIn, 2),
];
/// Buyers, and what each of them can buy.
const BUYERS: usize = 200;
const PRODUCTS: usize = 1_500;
/// Samples of a run, which are a minute apart unless it is short.
const SAMPLES: u32 = 16;
const APART: Duration = Duration::from_secs(60);
/// Between two looks at the queue.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How old tokens get.
const TOKEN_AGE: Duration = Duration::from_secs(6 * 60);
/// What may grow between the second and the last quarter: memory, percent; files and connections; p99, by this factor or up
/// to a time that nobody notices.
const MEMORY_GROWTH: f64 = 10.0;
const DESCRIPTORS: f64 = 16.0;
const SLOWER: f64 = 1.5;
const UNNOTICED_MS: f64 = 25.0;
/// How long a job that is due may wait, seconds.
const QUEUE_AGE: f64 = 5.0;
/// A shorter run is a trial, of which nothing is written down.
const WHOLE: u64 = 60;

/// Load a store steadily, and look every minute at its memory, files, jobs and answers; written into bench/RESULTS.md unless it is
/// a short trial.
#[derive(clap::Args)]
pub struct Args {
    /// For how many minutes.
    #[arg(long, default_value_t = WHOLE)]
    minutes: u64,
    /// Visits a second.
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// A quick build instead of a release build: its figures are written nowhere.
    #[arg(long)]
    debug: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = chosen(args.binary.as_deref(), !args.debug)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(soak(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn soak(args: &Args, binary: &Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    let metrics = server.measure()?;
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let shop = Arc::new(Shop::stock(&[&server], &admin, PRODUCTS, BUYERS).await?);
    let pid = server.pid().ok_or("the store is not running")?;
    let length = Duration::from_secs(args.minutes * 60);
    let apart = APART.min(length / SAMPLES);

    let mut seen = Seen::default();
    let (began, mut renewed) = (Instant::now(), Instant::now());
    while began.elapsed() < length {
        if renewed.elapsed() > TOKEN_AGE {
            shop.renew().await?;
            renewed = Instant::now();
        }
        let oldest = tokio::spawn(oldest_job(metrics.clone(), apart));
        traffic::arrive(&shop, MIX, args.rate, apart).await?;
        let answers = shop.tally().take();
        if let Some(complaint) = &answers.complaint {
            println!("the first that went wrong: {complaint}");
        }
        seen.answers += answers.all.len();
        seen.wrong += answers.all.len() - answers.count(Fate::Accepted);
        seen.memory.push(mib(process_facts::anonymous(pid)?));
        seen.descriptors.push(f64::from(u32::try_from(process_facts::descriptors(pid)?)?));
        seen.queue.push(oldest.await??);
        seen.p99.push(answers.p99(None).as_secs_f64() * 1000.0);
        seen.print_last();
    }
    if let Err(broken) = server.run(&["check"], "") {
        println!("{broken}");
        return Ok(ExitCode::FAILURE);
    }

    let named = if args.postgres { "PostgreSQL" } else { "SQLite" };
    let mut report = Report::default();
    seen.judge(&format!("{named}, {} visits/s, {} minutes", args.rate, args.minutes), &mut report);
    if args.debug || args.minutes < WHOLE {
        println!("a trial: nothing is written down");
    } else {
        let command = if args.postgres { "cargo xtask soak --postgres" } else { "cargo xtask soak" };
        report.write(&format!("Soak, {named}"), command)?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The longest that a job has waited that was due, in so much time; seconds.
async fn oldest_job(metrics: String, length: Duration) -> Result<f64> {
    let (client, end, mut oldest) = (Client::new(), Instant::now() + length, 0.0_f64);
    while Instant::now() < end {
        let scraped = Scraped::of(&client, &metrics).await?;
        oldest = oldest.max(scraped.sum("mist_jobs_oldest_ready_seconds", &[]));
        tokio::time::sleep(LOOK_EVERY.min(end.saturating_duration_since(Instant::now()))).await;
    }
    Ok(oldest)
}

/// What was sampled.
#[derive(Default)]
struct Seen {
    answers: usize,
    wrong: usize,
    /// Anonymous, MiB.
    memory: Vec<f64>,
    descriptors: Vec<f64>,
    /// Seconds that the oldest job has waited that was due.
    queue: Vec<f64>,
    /// Milliseconds.
    p99: Vec<f64>,
}

impl Seen {
    fn print_last(&self) {
        let last = |of: &[f64]| of.last().copied().unwrap_or(f64::NAN);
        println!(
            "{:>3}: {:>6.1} MiB, {:>4} files and connections, oldest job {:>4.1} s, p99 {:>6.1} ms; {} answers, {} not as asked",
            self.memory.len(),
            last(&self.memory),
            last(&self.descriptors),
            last(&self.queue),
            last(&self.p99),
            self.answers,
            self.wrong
        );
    }

    fn judge(&self, under: &str, report: &mut Report) {
        let (second, last) = quarters(&self.memory);
        let growth = (last / second - 1.0) * 100.0;
        let shown = format!("{second:.1} MiB, then {last:.1} MiB: {growth:+.1} %");
        report.figure(&format!("{under}: anonymous memory"), &shown, growth, Bound::AtMost(MEMORY_GROWTH));
        let (second, last) = quarters(&self.descriptors);
        let shown = format!("{second}, then {last}");
        let what = format!("{under}: files and connections, growth");
        report.figure(&what, &shown, last - second, Bound::AtMost(DESCRIPTORS));
        let (second, last) = quarters(&self.queue);
        let shown = format!("{second:.1} s, then {last:.1} s");
        report.figure(&format!("{under}: oldest job that is due"), &shown, last, Bound::AtMost(QUEUE_AGE));
        let (second, last) = quarters(&self.p99);
        let shown = format!("{second:.1} ms, then {last:.1} ms");
        let most = (second * SLOWER).max(UNNOTICED_MS).round();
        report.figure(&format!("{under}: p99"), &shown, last, Bound::AtMost(most));
        let shown = format!("{} of {}", self.wrong, self.answers);
        let wrong = f64::from(u32::try_from(self.wrong).unwrap_or(u32::MAX));
        report.figure(&format!("{under}: answers that were not as asked"), &shown, wrong, Bound::AtMost(0.0));
    }
}
