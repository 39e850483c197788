//! `cargo xtask overload`: a store that is asked for more than it can do goes on to do nearly as much as it can, sends the rest
//! away at once, and is itself again when it is over.

mod probes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use standin::StandIn;

use crate::bench::process_facts;
use crate::bench::report::{Bound, Report};
use crate::cores::{self, Places};
use crate::postgres::Postgres;
use crate::process::Result;
use crate::scraped::Scraped;
use crate::server::{Server, chosen};
use crate::sizes::mib;
use crate::steady::quarters;
use crate::traffic::{self, Answers, Fate, Kind, Mix, Shop};
use crate::{stripe, tools};
use probes::{Payment, Probes};

/// What visitors come for: what costs least most often, so that each kind has its share of the work.
const MIX: Mix = &[(Kind::List, 90), (Kind::Purchase, 8), (Kind::SignIn, 2)];
/// Buyers, and what each of them can buy.
const BUYERS: usize = 200;
const PRODUCTS: usize = 2_000;
/// Clients that come one visit after the other when it is looked how much the store can do.
const CLIENTS: [usize; 4] = [8, 16, 32, 64];
/// How many times as many come as it can do.
const TIMES: [u32; 2] = [2, 5];
/// The part of what it can do by which it is looked whether it is itself.
const LIGHT: f64 = 0.2;
/// How long that is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// It is itself while nobody is sent away, and answers take at most so many times as long as before, or this.
const SLOWER: u32 = 3;
const QUICK: Duration = Duration::from_millis(200);
/// Looks that it must pass one after the other.
const PASSED: u32 = 3;
/// When it must be itself again, and when that is given up.
const AGAIN: Duration = Duration::from_secs(10);
const LOST: Duration = Duration::from_secs(60);
/// Of what it can do so much must be done, percent.
const GOODPUT: f64 = 80.0;
/// How long what is accepted may take, milliseconds, at the 99th percentile.
const ACCEPTED_MS: f64 = 1_000.0;
/// Who is sent away is told within this time, seconds as the metric's buckets have it, but for so many percent.
const SHED_WITHIN: &str = "0.01";
const SHED_LATER: f64 = 0.1;
/// How much memory may grow between the second and the last quarter, percent.
const GROWTH: f64 = 10.0;
/// How long a probe may take, milliseconds.
const PROBE_MS: f64 = 1_000.0;
/// Lines of the log that are shown where the store has ended.
const LOGGED: usize = 20;
/// A shorter run is a trial, of which nothing is written down.
const WHOLE: u64 = 180;

/// Ask a store for two and five times what it can do; written into bench/RESULTS.md unless it is a short trial.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each overload.
    #[arg(long, default_value_t = WHOLE)]
    seconds: u64,
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
    let places = Places::here()?;
    cores::keep_to(&places.database)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    cores::keep_to(&[places.asking])?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(overload(args, &binary, places.store, database.as_ref().map(Postgres::url)))
}

async fn overload(args: &Args, binary: &Path, core: usize, postgres: Option<String>) -> Result {
    let stripe = StandIn::start().await;
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    stripe::configure(&stripe, &mut server, "mock,stripe");
    // Every list is made anew: what is answered from memory can hardly be overloaded by one core.
    server.set("MIST_STOREFRONT__CACHE_BYTES", "0");
    let metrics = server.measure()?;
    server.pin(core);
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let shop = Arc::new(Shop::stock(&[&server], &admin, PRODUCTS, BUYERS).await?);
    let payment = Payment::make(stripe, &server, &admin).await?;
    let pid = server.pid().ok_or("the store is not running")?;
    let store = Store { pid, server, metrics, payment, shop };

    let mut report = Report::default();
    let peak = store.peak(Duration::from_secs((args.seconds / 10).clamp(3, 10))).await?;
    let normal = store.light(peak.visits).await?;
    println!(
        "it does {:.0} visits a second; with few, p99 is {:.1} ms",
        peak.visits,
        millis(normal.p99(None))
    );
    let named = if args.postgres { "PostgreSQL" } else { "SQLite" };
    let shown = format!("{:.0} visits/s: {}", peak.visits, peak.kinds);
    report.figure(&format!("{named}: most that is done"), &shown, peak.visits, Bound::None);
    for times in TIMES {
        store.shop.renew().await?;
        let title = format!("{named}: {times} × as much");
        store.overload(&title, times, args.seconds, (&peak, &normal), &mut report).await?;
    }
    if args.debug || args.seconds < WHOLE {
        println!("a trial: nothing is written down");
    } else {
        report.write(&format!("Overload, {named}"), "cargo xtask overload")?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The most that a store does.
struct Peak {
    /// Visits a second.
    visits: f64,
    kinds: String,
}

/// A store under test.
struct Store {
    pid: u32,
    server: Server,
    metrics: String,
    payment: Payment,
    shop: Arc<Shop>,
}

impl Store {
    /// As many visits a second as some number of clients have done who come one after the other.
    async fn peak(&self, length: Duration) -> Result<Peak> {
        let mut peak = Peak { visits: 0.0, kinds: String::new() };
        for clients in CLIENTS {
            traffic::take_turns(&self.shop, MIX, clients, length).await?;
            let answers = self.shop.tally().take();
            let visits = rate(answers.done(None), length);
            println!(
                "{clients} clients: {visits:.0} visits/s, p99 {:.0} ms, {} sent away",
                millis(answers.p99(None)),
                answers.count(Fate::Shed)
            );
            if let Some(complaint) = answers.complaint.as_ref() {
                return Err(format!("without overload: {complaint}").into());
            }
            if visits > peak.visits {
                peak = Peak { visits, kinds: kinds(&answers, length) };
            }
        }
        Ok(peak)
    }

    /// How it answers few.
    async fn light(&self, peak: f64) -> Result<Answers> {
        traffic::arrive(&self.shop, MIX, peak * LIGHT, LOOK * PASSED).await?;
        Ok(self.shop.tally().take())
    }

    async fn overload(
        &self,
        title: &str,
        times: u32,
        seconds: u64,
        (peak, normal): (&Peak, &Answers),
        report: &mut Report,
    ) -> Result<()> {
        let length = Duration::from_secs(seconds);
        let client = Client::new();
        let before = Scraped::of(&client, &self.metrics).await?;
        let probes = Probes::begin(&self.server, self.pid, &self.payment)?;
        let began = Instant::now();
        let came = traffic::arrive(&self.shop, MIX, peak.visits * f64::from(times), length).await?;
        let over = Instant::now();
        let watched = probes.end().await.map_err(|error| self.with_the_log(&error.to_string()))?;
        let after = Scraped::of(&client, &self.metrics).await?;
        let answers = self.shop.tally().take();
        println!(
            "{title}: {:.0} visits a second came, the last was answered {:.1?} after the end",
            rate(came, length),
            (over - began).saturating_sub(length)
        );
        if let Some(complaint) = &answers.complaint {
            println!("{title}: the first that went wrong: {complaint}");
        }

        let visits = rate(answers.done(None), over - began);
        let share = visits / peak.visits * 100.0;
        let shown = format!("{visits:.0} visits/s, {share:.0} %: {}", kinds(&answers, over - began));
        report.figure(&format!("{title}: done, of the most"), &shown, share, Bound::AtLeast(GOODPUT));
        let p99 = millis(answers.p99(None));
        let each =
            MIX.iter().map(|(kind, _)| format!("{} {:.0}", kind.name(), millis(answers.p99(Some(*kind)))));
        let shown = format!("{p99:.0} ms ({})", each.collect::<Vec<_>>().join(", "));
        report.figure(&format!("{title}: p99 of what is accepted"), &shown, p99, Bound::AtMost(ACCEPTED_MS));
        sheds(title, &before, &after, answers.count(Fate::Shed), report);
        let wrong = answers.count(Fate::Refused) + answers.count(Fate::Unanswered);
        let shown = format!("{wrong} of {}", answers.all.len());
        let what = format!("{title}: neither accepted nor told to come again");
        report.figure(&what, &shown, count(wrong), Bound::AtMost(0.0));

        let (second, last) = quarters(&watched.memory);
        let growth = (last / second - 1.0) * 100.0;
        let shown = format!("{:.0} MiB, then {:.0} MiB: {growth:+.0} %", second, last);
        report.figure(&format!("{title}: memory"), &shown, growth, Bound::AtMost(GROWTH));
        for probe in &watched.probes {
            let what = format!("{title}: {} not answered", probe.name);
            let shown = format!("{} of {}", probe.failed, probe.asked);
            report.figure(&what, &shown, count(probe.failed), Bound::AtMost(0.0));
            let slowest = millis(probe.slowest);
            let what = format!("{title}: slowest {}", probe.name);
            report.figure(&what, &format!("{slowest:.0} ms"), slowest, Bound::AtMost(PROBE_MS));
        }
        let again = self.is_itself_again(over, peak.visits, normal.p99(None)).await?;
        let shown = format!("{:.1} s", again.as_secs_f64());
        let bound = Bound::AtMost(AGAIN.as_secs_f64());
        report.figure(&format!("{title}: itself again after"), &shown, again.as_secs_f64(), bound);
        Ok(())
    }

    /// What went wrong, with what the store has logged last.
    fn with_the_log(&self, what: &str) -> String {
        let log = self.server.log();
        let last: Vec<&str> = log.lines().rev().take(LOGGED).collect();
        format!("{what}; the store has logged:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }

    /// How long after a moment the store answered few as it did before, from then on.
    async fn is_itself_again(&self, over: Instant, peak: f64, normal: Duration) -> Result<Duration> {
        let quick = (normal * SLOWER).max(QUICK);
        let (mut since, mut passed) = (over, 0);
        while passed < PASSED && over.elapsed() < LOST {
            let began = Instant::now();
            traffic::arrive(&self.shop, MIX, peak * LIGHT, LOOK).await?;
            let answers = self.shop.tally().take();
            let all_done = answers.count(Fate::Accepted) == answers.all.len();
            if all_done && answers.p99(None) <= quick {
                if passed == 0 {
                    since = began;
                }
                passed += 1;
            } else {
                passed = 0;
            }
        }
        Ok(if passed < PASSED { LOST } else { since - over })
    }
}

/// How long those took who were sent away, as the store has timed it.
fn sheds(title: &str, before: &Scraped, after: &Scraped, seen: usize, report: &mut Report) {
    let grown = |name: &str, labels: &[&str]| after.sum(name, labels) - before.sum(name, labels);
    let all = grown("mist_request_shed_seconds_count", &[]);
    let quick = grown("mist_request_shed_seconds_bucket", &[&format!("le=\"{SHED_WITHIN}\"")]);
    // Of what was not timed nothing is known.
    let later = if all > 0.0 {
        (all - quick) / all * 100.0
    } else if seen > 0 {
        100.0
    } else {
        0.0
    };
    let shown = format!("{:.0} of {all:.0} ({seen} seen): {later:.2} %", all - quick);
    report.figure(&format!("{title}: sent away later than 10 ms"), &shown, later, Bound::AtMost(SHED_LATER));
}

/// What was done of each kind.
fn kinds(answers: &Answers, length: Duration) -> String {
    let each =
        MIX.iter().map(|(kind, _)| format!("{:.0} {}", rate(answers.done(Some(*kind)), length), kind.name()));
    each.collect::<Vec<_>>().join(", ")
}

fn rate(times: usize, length: Duration) -> f64 {
    count(times) / length.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "for reading")]
fn count(times: usize) -> f64 {
    times as f64
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Anonymous memory of a process, MiB.
fn memory(pid: u32) -> Result<f64> {
    Ok(mib(process_facts::anonymous(pid)?))
}
