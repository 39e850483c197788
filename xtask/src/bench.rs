//! `cargo xtask bench`: the store against yardsticks in the same run, written as ratios into bench/RESULTS.md.

mod checkout;
pub mod download;
pub mod load;
pub mod process_facts;
pub mod report;
mod upload;
pub mod yardstick;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::{Result, root};
use crate::server::{Caller, Server, build, text};
use crate::sizes::mib;
use crate::tools;
use report::{Bound, Report};
use yardstick::Yardstick;

/// Copies of the demo catalog that are imported under other names: about 1,500 products.
const COPIES: usize = 25;
/// Rounds of each comparison; the median is told.
const ROUNDS: usize = 5;

/// Measure list, detail, login, checkout and download against yardsticks, and write bench/RESULTS.md.
#[derive(clap::Args)]
pub struct Args {
    /// Seconds of each round.
    #[arg(long, default_value_t = 4)]
    seconds: u32,
}

pub fn run(args: &Args) -> Result {
    tools::need_for_bench()?;
    let mist = build(true)?;
    yardstick::build()?;
    let postgres = Postgres::start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(args, &mist, &postgres))
}

async fn measure(args: &Args, mist: &Path, postgres: &Postgres) -> Result {
    let mut report = Report::default();
    let url = postgres.url();
    for (name, database) in [("SQLite", None), ("PostgreSQL", Some(url.as_str()))] {
        let mut server = Server::new(mist, database).await?;
        server.start(&[]).await?;
        server.kill()?;
        // The second start is what every later one costs: the database is there.
        let ready = server.start(&[]).await?;
        let pid = server.pid().ok_or("the store is not running")?;
        report.figure(
            &format!("{name}: ready after the start"),
            &format!("{} ms", ready.as_millis()),
            ready.as_millis() as f64,
            Bound::AtMost(200.0),
        );
        let idle = process_facts::resident(pid)?;
        report.figure(
            &format!("{name}: idle resident memory"),
            &format!("{:.1} MiB", mib(idle)),
            mib(idle),
            Bound::AtMost(45.0),
        );

        let admin = server.admin().await?;
        fill(&admin).await?;
        reads(args, name, &server, &mut report).await?;
        login(args, name, &server, &mut report).await?;
        if let Some(database) = server.database() {
            checkout::measure(&server, &admin, database, args.seconds, &mut report).await?;
        } else {
            download::measure(&server, &admin, args.seconds, &mut report).await?;
        }
    }
    report.write("The store with its demo catalog", "cargo xtask bench")?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Imports the demo catalog many times over, each copy under names of its own.
async fn fill(admin: &Caller) -> Result<()> {
    let demo = fs::read_to_string(root().join("demo/catalog.ndjson"))?;
    let mut lines = String::new();
    for copy in 0..COPIES {
        for line in demo.lines().filter(|line| !line.is_empty()) {
            let mut product: Value = serde_json::from_str(line)?;
            for member in ["external_id", "slug"] {
                let named = format!("{}-{copy}", text(&product, &format!("/{member}"))?);
                product
                    .as_object_mut()
                    .ok_or("a line of the catalog is no object")?
                    .insert(member.to_owned(), json!(named));
            }
            lines.push_str(&format!("{product}\n"));
        }
    }
    let request =
        admin.request(Method::POST, "/api/v1/admin/import").header("content-type", "application/x-ndjson");
    let tally: Value = serde_json::from_str(&request.body(lines).send().await?.text().await?)?;
    if tally.get("failed") != Some(&json!(0)) {
        return Err(format!("the catalog was not imported: {tally}").into());
    }
    Ok(())
}

/// List and detail against the same bytes from memory.
async fn reads(args: &Args, name: &str, server: &Server, report: &mut Report) -> Result<()> {
    let nobody = server.nobody();
    let list = "/api/v1/products?limit=24";
    let page = nobody.request(Method::GET, list).send().await?.text().await?;
    let slug = text(&serde_json::from_str::<Value>(&page)?, "/items/0/slug")?.to_owned();
    let detail = format!("/api/v1/products/{slug}");
    let product = nobody.request(Method::GET, &detail).send().await?.text().await?;
    let yardstick = Yardstick::start(&page, &product).await?;
    for (what, path, bare, least) in
        [("list of 24", list.to_owned(), "/list", 5.0), ("detail", detail, "/detail", 8.0)]
    {
        let ours = format!("{}{path}", server.url);
        let theirs = format!("{}{bare}", yardstick.url);
        let (rate, against, ratio) = load::pairs(
            ROUNDS,
            || load::wrk(&ours, args.seconds, None),
            || load::wrk(&theirs, args.seconds, None),
        )?;
        let shown = format!("{rate:.0}/s, bare axum {against:.0}/s: {:.1} %", ratio * 100.0);
        report.figure(&format!("{name}: {what}"), &shown, ratio * 100.0, Bound::AtLeast(least));
    }
    Ok(())
}

/// Logins against bare Argon2id verifications.
async fn login(args: &Args, name: &str, server: &Server, report: &mut Report) -> Result<()> {
    server.register("login@example.com").await?;
    let yardstick = Yardstick::start("", "").await?;
    let body = json!({"email": "login@example.com", "password": crate::server::PASSWORD}).to_string();
    let ours = format!("{}/api/v1/auth/login", server.url);
    let theirs = format!("{}/login", yardstick.url);
    let (rate, against, ratio) = load::pairs(
        3,
        || load::wrk(&ours, args.seconds, Some(&body)),
        || load::wrk(&theirs, args.seconds, Some(&body)),
    )?;
    let shown = format!("{rate:.0}/s, bare hashing {against:.0}/s: {:.0} %", ratio * 100.0);
    report.figure(&format!("{name}: login"), &shown, ratio * 100.0, Bound::None);
    Ok(())
}
