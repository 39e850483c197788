//! `cargo xtask purchases`: purchases a second against pgbench that asks as much of the same PostgreSQL, how long their requests
//! take, and what CPU a whole purchase costs, written into bench/RESULTS.md.

mod load;
mod statements;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::bench::process_facts;
use crate::bench::report::{Bound, Report};
use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Caller, Server, build, text};
use crate::{stock, tools};
use load::Shop;
use statements::Statements;

/// Purchases whose statements are counted, one after the other.
const COUNTED: u32 = 20;
/// Purchases a second that are stocked for.
const STOCKED: usize = 1_000;
/// How long it is watched what the store asks of its database anyway.
const IDLE: Duration = Duration::from_secs(5);

/// Where nobody takes mail.
const NOBODY: &str = "smtp://127.0.0.1:1";

/// Measure purchases against pgbench, and write the section into bench/RESULTS.md.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each run.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// A build for debugging, to try the command itself: its figures are written nowhere.
    #[arg(long)]
    debug: bool,
}

pub fn run(args: &Args) -> Result {
    tools::need_for_bench()?;
    let mist = build(!args.debug)?;
    let postgres = Postgres::start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(args, &mist, &postgres))
}

async fn measure(args: &Args, mist: &Path, postgres: &Postgres) -> Result {
    let mut report = Report::default();
    let url = postgres.url();
    for (name, database) in [("PostgreSQL", Some(url.as_str())), ("SQLite", None)] {
        let mut server = Server::new(mist, database).await?;
        server.set("MIST_DATABASE__CONNECTIONS", "16");
        server.start(&[]).await?;
        let admin = server.admin().await?;
        let mut statements = None;
        if let Some(database) = server.database().map(str::to_owned) {
            let counted = count(&mut server, &admin, postgres, &database).await?;
            println!("a purchase is {counted:?}: {} statements", counted.all());
            statements = Some((database, counted));
        }
        let share = usize::try_from(args.seconds)? * STOCKED;
        let mut shop = Shop::stock(&server, &admin, share * 2).await?;
        let run = shop.buy(&server, args.seconds, "orders", share)?;
        let rate = run.purchases / run.seconds;
        if let Some((database, counted)) = statements {
            statements::prepare(&database)?;
            let against = statements::rate(&database, args.seconds, counted)?;
            let shown = format!(
                "{rate:.0}/s, pgbench with the same {} statements and {} commits {against:.0}/s: {:.0} %",
                counted.all(),
                counted.commits,
                rate / against * 100.0
            );
            let bound = Bound::AtLeast(50.0);
            report.figure("PostgreSQL: purchases, 16 at once", &shown, rate / against * 100.0, bound);
        } else {
            report.figure("SQLite: purchases, 16 at once", &format!("{rate:.0}/s"), rate, Bound::None);
        }
        let p99 = format!("{:.1} ms", run.p99);
        report.figure(&format!("{name}: p99 of a request of them"), &p99, run.p99, Bound::AtMost(50.0));
        // Mails, with the invoices that are printed for them, are no part of it: they wait for somebody who takes them.
        server.kill()?;
        server.set("MIST_MAIL__KIND", "smtp");
        server.set("MIST_MAIL__SMTP__URL", NOBODY);
        server.start(&[]).await?;
        cpu(args, name, &server, database.map(|_| postgres), (&mut shop, share), &mut report)?;
    }
    if !args.debug {
        report.write("Purchases", "cargo xtask purchases")?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What CPU of the store and its database a purchase costs from the cart to the library; signing in and mail are not part of
/// it.
fn cpu(
    args: &Args,
    name: &str,
    server: &Server,
    postgres: Option<&Postgres>,
    (shop, share): (&mut Shop, usize),
    report: &mut Report,
) -> Result<()> {
    let pid = server.pid().ok_or("the store is not running")?;
    let used = || -> Result<f64> {
        let database =
            postgres.map(|postgres| process_facts::cpu_seconds_of_all(postgres.pid())).transpose()?;
        Ok(process_facts::cpu_seconds(pid)? + database.unwrap_or_default())
    };
    let before = used()?;
    let run = shop.buy(server, args.seconds, "whole", share)?;
    let each = (used()? - before) * 1000.0 / run.purchases;
    let bound = if postgres.is_some() { Bound::AtMost(3.0) } else { Bound::None };
    let what = format!("{name}: CPU of a whole purchase, store and database, mail not counted");
    report.figure(&what, &format!("{each:.2} ms at {:.0}/s", run.purchases / run.seconds), each, bound);
    Ok(())
}

/// What one purchase, a checkout and its payment, asks of the database.
async fn count(
    server: &mut Server,
    admin: &Caller,
    postgres: &Postgres,
    database: &str,
) -> Result<Statements> {
    let mut products = Vec::new();
    for number in 0..COUNTED {
        products.push(stock::product(admin, &format!("Counted {number}"), 1999).await?);
    }
    let buyer = server.register("counted@example.com").await?;
    log_statements(database, "all")?;
    // Only connections that are made from now on are logged.
    server.kill()?;
    server.start(&[]).await?;
    tokio::time::sleep(IDLE).await;
    let before = postgres.log().len();
    tokio::time::sleep(IDLE).await;
    let idle = Statements::of(postgres.log().get(before..).unwrap_or_default());
    let before = postgres.log().len();
    for product in &products {
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let order = buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
        let path = format!("/api/v1/payments/mock/{}", text(&order, "/payment/id")?);
        buyer.call(Method::POST, &path, Some(json!({"outcome": "succeed"}))).await?;
    }
    // What follows a purchase belongs to it: its event is read, its receipt mailed.
    tokio::time::sleep(IDLE).await;
    let counted = Statements::of(postgres.log().get(before..).unwrap_or_default());
    log_statements(database, "none")?;
    server.kill()?;
    server.start(&[]).await?;
    Ok(counted.each(idle, f64::from(COUNTED)))
}

fn log_statements(database: &str, which: &str) -> Result<()> {
    let name = database.rsplit('/').next().unwrap_or_default();
    crate::postgres::psql(database, &format!("ALTER DATABASE {name} SET log_statement = '{which}'"))
}
