//! `cargo xtask copies-capacity`: what a second and a third copy of a store add: reads of the catalog, and purchases until the one
//! database is the limit.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bench::load;
use crate::bench::process_facts;
use crate::bench::report::{Bound, Report};
use crate::cores;
use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{MASTER_KEY, Server, chosen};
use crate::traffic::{self, Kind, Mix, Shop};
use crate::{stock, tools};

/// At most so many copies.
const COPIES: usize = 3;
/// Of which so many are compared with one.
const COMPARED: usize = 2;
/// Rounds of each comparison; the median is told.
const ROUNDS: usize = 3;
/// Buyers, and what each of them can buy.
const BUYERS: usize = 64;
const PRODUCTS: usize = 1_500;
/// Clients that buy at once, for each copy.
const CLIENTS: usize = 16;
/// Processors that are needed to see it by the clock: one for each of two copies, one for the database, one for whoever asks.
const CORES: usize = 4;
/// Two copies must answer so many times as many reads as one.
const LEAST: f64 = 1.8;
/// A shorter run is a trial, of which nothing is written down.
const WHOLE: u32 = 10;
const PURCHASES: Mix = &[(Kind::Purchase, 1)];

/// Compare one copy with several over one PostgreSQL, by the clock where there are processors enough, else by the CPU of a request;
/// written into bench/RESULTS.md.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each run.
    #[arg(long, default_value_t = WHOLE)]
    seconds: u32,
    /// A quick build instead of a release build: its figures are written nowhere.
    #[arg(long)]
    debug: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_for_bench()?;
    let binary = chosen(args.binary.as_deref(), !args.debug)?;
    let cores = cores::all()?;
    let by_clock = cores.len() >= CORES;
    if by_clock {
        // Whatever is not a copy leaves the processors of the copies alone.
        cores::keep_to(cores.get(COMPARED..).unwrap_or_default())?;
    }
    let database = Postgres::start_durable()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(compare(args, &binary, &database, by_clock.then_some(cores)))
}

/// With the processors of the copies, where it is compared by the clock.
async fn compare(args: &Args, binary: &Path, database: &Postgres, cores: Option<Vec<usize>>) -> Result {
    let mut report = Report::default();
    let how = if cores.is_some() { "by the clock" } else { "by the CPU of a request" };
    for (what, cache) in [("from memory", None), ("made anew", Some("0"))] {
        let copies = open(binary, database, cores.as_deref(), cache).await?;
        stock::many(&copies[0].admin().await?, PRODUCTS).await?;
        let ratio = reads(args, &copies, database, cores.is_some(), what, &mut report)?;
        let shown = format!("{ratio:.2} × {how}");
        let what = format!("lists {what}: two copies against one");
        report.figure(&what, &shown, ratio, Bound::AtLeast(LEAST));
    }
    // Purchases are shared by all processors: it is the database that is looked at.
    let copies = open(binary, database, None, None).await?;
    let admin = copies[0].admin().await?;
    let mut shop = Arc::new(Shop::stock(&[&copies[0]], &admin, PRODUCTS, BUYERS).await?);
    for count in 1..=COPIES {
        let some: Vec<&Server> = copies.iter().take(count).collect();
        Arc::get_mut(&mut shop).ok_or("somebody still shops")?.open_at(&some)?;
        shop.renew().await?;
        purchases(args, &some, database, &shop, &mut report).await?;
    }
    if args.debug || args.seconds < WHOLE {
        println!("a trial: nothing is written down");
    } else {
        report.write("Copies", "cargo xtask copies-capacity")?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Copies of a new store, on processors of their own if they are given some.
async fn open(
    binary: &Path,
    database: &Postgres,
    cores: Option<&[usize]>,
    cache: Option<&str>,
) -> Result<[Server; COPIES]> {
    let mut first = Server::new(binary, Some(&database.url())).await?;
    first.set(MASTER_KEY, &"5a".repeat(32));
    let (second, third) = (first.beside()?, first.beside()?);
    let mut copies = [first, second, third];
    // One address for all, or none believes the tokens of another.
    let url = copies[0].url.clone();
    for (number, copy) in copies.iter_mut().enumerate() {
        copy.set("MIST_HTTP__PUBLIC_URL", &url);
        if let Some(bytes) = cache {
            copy.set("MIST_STOREFRONT__CACHE_BYTES", bytes);
        }
        if let Some(core) = cores.and_then(|cores| cores.get(number)).filter(|_| number < COMPARED) {
            copy.pin(*core);
        }
        copy.start(&[]).await?;
    }
    Ok(copies)
}

/// How many times as many reads two copies answer as one.
fn reads(
    args: &Args,
    copies: &[Server],
    database: &Postgres,
    by_clock: bool,
    what: &str,
    report: &mut Report,
) -> Result<f64> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let one = read(args, copies.get(..1).unwrap_or_default(), database)?;
        let two = read(args, copies.get(..COMPARED).unwrap_or_default(), database)?;
        rounds.push((one, two));
    }
    let of = |figure: fn(&(Reads, Reads)) -> f64| load::median(rounds.iter().map(figure).collect());
    let shown = format!("{:.0}/s at {:.3} ms", of(|(one, _)| one.rate), of(|(one, _)| one.cpu_ms));
    report.figure(&format!("lists {what}: one copy"), &shown, 0.0, Bound::None);
    let shown = format!("{:.0}/s at {:.3} ms", of(|(_, two)| two.rate), of(|(_, two)| two.cpu_ms));
    report.figure(&format!("lists {what}: two copies"), &shown, 0.0, Bound::None);
    Ok(if by_clock {
        of(|(one, two)| two.rate / one.rate)
    } else {
        // As many processors as copies, each of which is busy for as long as a request needs.
        of(|(one, two)| 2.0 * one.cpu_ms / two.cpu_ms)
    })
}

/// What some copies answered.
struct Reads {
    /// A second.
    rate: f64,
    /// CPU of the copies and their database for each, milliseconds.
    cpu_ms: f64,
}

fn read(args: &Args, copies: &[Server], database: &Postgres) -> Result<Reads> {
    let before = cpu(copies.iter(), Some(database))?;
    let rates = std::thread::scope(|scope| {
        let loads = copies.iter().map(|copy| {
            let url = format!("{}/api/v1/products?limit=24", copy.url);
            scope.spawn(move || load::wrk(&url, args.seconds, None))
        });
        // All of them at once.
        let loads: Vec<_> = loads.collect();
        let ended = loads.into_iter().map(|load| load.join().map_err(|_| "a load ended early")?);
        ended.collect::<Result<Vec<f64>>>()
    })?;
    let rate: f64 = rates.iter().sum();
    let used = cpu(copies.iter(), Some(database))? - before;
    Ok(Reads { rate, cpu_ms: used * 1000.0 / (rate * f64::from(args.seconds)) })
}

/// Purchases by as many copies, and whose CPU they cost.
async fn purchases(
    args: &Args,
    copies: &[&Server],
    database: &Postgres,
    shop: &Arc<Shop>,
    report: &mut Report,
) -> Result<()> {
    let length = Duration::from_secs(args.seconds.into());
    let stores = |database| cpu(copies.iter().copied(), database);
    let (store, all, began) = (stores(None)?, stores(Some(database))?, Instant::now());
    traffic::take_turns(shop, PURCHASES, CLIENTS * copies.len(), length).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (store, all) = (stores(None)? - store, stores(Some(database))? - all);
    let answers = shop.tally().take();
    if let Some(complaint) = &answers.complaint {
        return Err(complaint.clone().into());
    }
    let done = f64::from(u32::try_from(answers.done(None))?);
    let each = |used: f64| used * 1000.0 / done;
    let shown = format!(
        "{:.0}/s, CPU of each: {:.1} ms of the store, {:.1} ms of the database, which were busy on {:.2} and {:.2} processors",
        done / seconds,
        each(store),
        each(all - store),
        store / seconds,
        (all - store) / seconds
    );
    let what = format!("purchases: {} {}", copies.len(), if copies.len() == 1 { "copy" } else { "copies" });
    report.figure(&what, &shown, done / seconds, Bound::None);
    Ok(())
}

/// CPU seconds that copies, and their database if it is named, have used so far.
fn cpu<'a>(copies: impl Iterator<Item = &'a Server>, database: Option<&Postgres>) -> Result<f64> {
    let mut used = match database {
        Some(database) => process_facts::cpu_seconds_of_all(database.pid())?,
        None => 0.0,
    };
    for copy in copies {
        used += process_facts::cpu_seconds(copy.pid().ok_or("a copy is not running")?)?;
    }
    Ok(used)
}
