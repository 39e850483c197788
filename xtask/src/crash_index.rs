//! `cargo xtask crash-index`: kills a store while it writes its index of the catalog, and sees that it comes up by itself and
//! lists what the tables say.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::random::Random;
use crate::server::{ADMIN, Caller, Server, chosen, text};
use crate::tools;

/// Products that are changed.
const PRODUCTS: usize = 60;
/// Tags that they bear.
const TAGS: usize = 9;
/// Tasks that change them at once.
const CLIENTS: u64 = 4;
/// The list must be that of the tables by then.
const SOON: Duration = Duration::from_secs(1);
/// A store must be ready again by then.
const READY: Duration = Duration::from_secs(5);
/// Milliseconds until a kill: at least, and more at most.
const ALIVE: (u64, usize) = (30, 600);
/// The index is also built anew in every so many rounds.
const REBUILD_EVERY: u32 = 3;
/// The admin signs in anew after so many rounds, before its token is too old.
const ROUNDS_PER_TOKEN: u32 = 50;

/// Kill a store again and again while it writes its index; it must come up by itself and list what the tables say.
#[derive(clap::Args)]
pub struct Args {
    /// How often to kill it.
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
    /// What the random moments follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = chosen(args.binary.as_deref(), false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn rounds(args: &Args, binary: &Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&[]).await?;
    let mut admin = server.admin().await?;
    import(&admin).await?;
    let products: Vec<String> =
        tables(&admin).await?.iter().map(|item| Ok(text(item, "/id")?.to_owned())).collect::<Result<_>>()?;
    let mut random = Random::of(args.seed);
    let (mut changes, mut violations, mut slowest) = (0, 0, (Duration::ZERO, Duration::ZERO));
    for round in 1..=args.rounds {
        if round % ROUNDS_PER_TOKEN == 0 {
            admin = server.sign_in(ADMIN).await?;
        }
        let load: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let seed = u64::from(round) * CLIENTS + client + args.seed * 1_000_003;
                tokio::spawn(change(admin.clone(), server.nobody(), products.clone(), Random::of(seed)))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(ALIVE.0 + random.below(ALIVE.1) as u64)).await;
        if round % REBUILD_EVERY == 0 {
            server.run(&["index", "rebuild"], "")?;
            tokio::time::sleep(Duration::from_millis(random.below(1_200) as u64)).await;
        }
        server.kill()?;
        for task in load {
            changes += task.await?;
        }
        let ready = server.start(&[]).await?;
        let same = match compare(&server.nobody(), &admin).await {
            Ok(same) => same,
            Err(difference) => {
                println!("round {round}: {difference}");
                violations += 1;
                Duration::ZERO
            }
        };
        if ready > READY {
            println!("round {round}: ready again took {ready:.1?}, more than {READY:?}");
            violations += 1;
        }
        slowest = (slowest.0.max(ready), slowest.1.max(same));
    }
    if changes == 0 {
        println!("nothing was changed, so nothing is proved");
        violations += 1;
    }
    println!(
        "{} kills, {changes} changes, slowest start {:.0?}, slowest until the list was that of the tables {:.0?}, \
         {violations} violations",
        args.rounds, slowest.0, slowest.1
    );
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Imports the products, published.
async fn import(admin: &Caller) -> Result<()> {
    let line = |number: usize| {
        let line = json!({
            "external_id": format!("index-{number}"), "kind": "game", "title": title(number, 0), "tags": [tag(number)],
            "prices": [{"currency": "USD", "amount": number}], "status": "published",
        });
        format!("{line}\n")
    };
    let lines: String = (0..PRODUCTS).map(line).collect();
    let path = "/api/v1/admin/import";
    let request = admin.request(Method::POST, path).header("content-type", "application/x-ndjson");
    let reply = request.body(lines).send().await?;
    if reply.status().is_success() { Ok(()) } else { Err(reply.text().await?.into()) }
}

fn tag(number: usize) -> String {
    format!("tag-{}", number % TAGS)
}

fn title(number: usize, turn: usize) -> String {
    format!("Index {number} in turn {turn}")
}

/// Changes products, and reads the list so that the index is written, until the store is gone; says how often.
async fn change(admin: Caller, nobody: Caller, products: Vec<String>, mut random: Random) -> u64 {
    let mut changes = 0;
    while let Some(id) = random.one_of(&products) {
        let path = format!("/api/v1/admin/products/{id}");
        let title = title(random.below(PRODUCTS), random.below(1_000));
        let body = json!({"title": title, "tags": [tag(random.below(TAGS))]});
        let request = admin.request(Method::PATCH, &path).header("if-match", "*").json(&body);
        let Ok(reply) = request.send().await else { break };
        changes += u64::from(reply.status().is_success());
        if nobody.call(Method::GET, "/api/v1/products?limit=1", None).await.is_err() {
            break;
        }
    }
    changes
}

/// How long it took until the list said what the tables say; an error when it doesn't in time.
async fn compare(nobody: &Caller, admin: &Caller) -> Result<Duration> {
    let began = Instant::now();
    loop {
        let (listed, told) = (listed(nobody).await?, tables(admin).await?);
        let counted = counted(nobody).await?;
        let difference = difference(&listed, &told).or_else(|| {
            let tags = tags(&told);
            (counted != tags).then(|| format!("the facet says {counted:?}, the tables {tags:?}"))
        });
        match difference {
            None => return Ok(began.elapsed()),
            Some(difference) if began.elapsed() > SOON => return Err(difference.into()),
            Some(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

fn difference(listed: &[Value], told: &[Value]) -> Option<String> {
    let of = |item: &Value| ["id", "title", "tags"].map(|field| item.get(field).cloned().unwrap_or_default());
    if listed.len() != told.len() {
        return Some(format!("{} are listed, {} are in the tables", listed.len(), told.len()));
    }
    let differing = listed.iter().zip(told).find(|(one, other)| of(one) != of(other));
    differing.map(|(one, other)| format!("listed is {:?}, in the tables {:?}", of(one), of(other)))
}

async fn listed(nobody: &Caller) -> Result<Vec<Value>> {
    items(nobody, "/api/v1/products?sort=title&limit=100").await
}

/// What the back office lists, which reads the tables.
async fn tables(admin: &Caller) -> Result<Vec<Value>> {
    items(admin, "/api/v1/admin/products?status=published&sort=title&limit=100").await
}

async fn items(caller: &Caller, path: &str) -> Result<Vec<Value>> {
    let page = caller.call(Method::GET, path, None).await?;
    Ok(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// The tags of a facet with their counts.
async fn counted(nobody: &Caller) -> Result<Vec<(String, u64)>> {
    let page = nobody.call(Method::GET, "/api/v1/products?facets=tag&limit=1", None).await?;
    let values = page.pointer("/facets/tag").and_then(Value::as_array).cloned().unwrap_or_default();
    let count = |value: &Value| value.get("count").and_then(Value::as_u64).unwrap_or_default();
    let mut counted: Vec<(String, u64)> = values
        .iter()
        .map(|value| Ok((text(value, "/value")?.to_owned(), count(value))))
        .collect::<Result<_>>()?;
    counted.sort();
    Ok(counted)
}

fn tags(told: &[Value]) -> Vec<(String, u64)> {
    let mut tags = std::collections::BTreeMap::new();
    for tag in told.iter().filter_map(|item| item.get("tags")?.as_array()).flatten().filter_map(Value::as_str)
    {
        *tags.entry(tag.to_owned()).or_default() += 1;
    }
    tags.into_iter().collect()
}
