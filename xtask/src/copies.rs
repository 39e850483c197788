//! `cargo xtask copies`: what one copy of a store changes is soon shown by the other, whichever of them, or the database they
//! share, was started anew meanwhile.

mod seen;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, MASTER_KEY, Server, chosen, text};
use crate::tools;
use seen::{Change, Tally};

/// Products that are changed in turn.
const PRODUCTS: usize = 20;
/// The admin signs in anew after so many changes, before its token is too old.
const CHANGES_PER_TOKEN: usize = 100;
/// Between the starts anew of something.
const RESTARTS: usize = 5;
/// How long a copy may take until it is ready again after the database was away.
const PATIENCE: Duration = Duration::from_secs(30);

/// Change products at one of two copies over one PostgreSQL: the other's list, detail, facets and suggestions show it
/// within a second, also after each of the copies, and the database, was started anew.
#[derive(clap::Args)]
pub struct Args {
    /// How many changes.
    #[arg(long, default_value_t = 500)]
    changes: usize,
    /// A quick build instead of a release build.
    #[arg(long)]
    debug: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    let binary = chosen(args.binary.as_deref(), !args.debug)?;
    let mut database = Postgres::start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(changes(args, &binary, &mut database))
}

async fn changes(args: &Args, binary: &Path, database: &mut Postgres) -> Result {
    let mut first = Server::new(binary, Some(&database.url())).await?;
    first.set(MASTER_KEY, &"5a".repeat(32));
    let second = first.beside()?;
    let mut copies = [first, second];
    for copy in &mut copies {
        copy.start(&[]).await?;
    }
    let mut tokens = admins(&mut copies, true).await?;
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        products.push(product(&tokens[0], number).await?);
    }
    let mut tally = Tally::default();
    for number in 1..=args.changes {
        if number % CHANGES_PER_TOKEN == 0 {
            tokens = admins(&mut copies, false).await?;
            println!("change {number}: {} violations so far", tally.violations());
        }
        let (writer, reader) = (number % 2, (number + 1) % 2);
        let product = products.get(number % PRODUCTS).ok_or("no products")?;
        let restart = (number % (args.changes / (RESTARTS + 1)).max(1) == 0).then_some(number % 3);
        if restart == Some(0) {
            // It shows what was changed while it was away as soon as it is ready.
            copy(&mut copies, reader)?.kill()?;
        }
        let change = Change::of(number, product);
        change.make(tokens.get(writer).ok_or("no such copy")?).await?;
        match restart {
            Some(0) => drop(copy(&mut copies, reader)?.start(&[]).await?),
            // Whoever changed something may be gone before the other has seen it.
            Some(1) => {
                copy(&mut copies, writer)?.kill()?;
                copy(&mut copies, writer)?.start(&[]).await?;
            }
            Some(_) => {
                database.restart()?;
                for copy in &copies {
                    ready(&copy.nobody()).await?;
                }
            }
            None => {}
        }
        let kind = match restart {
            None => "as they are",
            Some(0) => "after the reader was killed",
            Some(1) => "after the writer was killed",
            Some(_) => "after the database was restarted",
        };
        change.watch(&copy(&mut copies, reader)?.nobody(), kind, &mut tally).await;
    }
    let lists = [list(&copies[0].nobody()).await?, list(&copies[1].nobody()).await?];
    tally.same("both lists at the end", lists[0] == lists[1] && lists[0].len() == PRODUCTS);
    tally.print();
    println!("{} changes, {} violations", args.changes, tally.violations());
    Ok(if tally.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy(copies: &mut [Server; 2], index: usize) -> Result<&mut Server> {
    copies.get_mut(index).ok_or_else(|| "no such copy".into())
}

/// An admin at each copy.
async fn admins(copies: &mut [Server; 2], first: bool) -> Result<[Caller; 2]> {
    let [one, other] = copies;
    let admin = if first { one.admin().await? } else { one.sign_in(ADMIN).await? };
    Ok([admin, other.sign_in(ADMIN).await?])
}

/// A published product: its id.
async fn product(admin: &Caller, number: usize) -> Result<String> {
    let prices = json!([{"currency": "USD", "amount": 0}]);
    let body =
        json!({"kind": "game", "title": format!("Copy {number}"), "platforms": ["linux"], "prices": prices});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let id = text(&product, "/id")?.to_owned();
    let body = json!({"version": "1.0", "platform": "linux"});
    let build = admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/builds"), Some(body)).await?;
    let build = text(&build, "/id")?;
    let path = format!("/api/v1/admin/builds/{build}/files/game.bin");
    let reply = admin.request(Method::PUT, &path).body("game").send().await?;
    if !reply.status().is_success() {
        return Err(reply.text().await?.into());
    }
    admin.call(Method::POST, &format!("/api/v1/admin/builds/{build}/release"), None).await?;
    admin.call(Method::POST, &format!("/api/v1/admin/products/{id}/publish"), None).await?;
    Ok(id)
}

async fn ready(nobody: &Caller) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if nobody.request(Method::GET, "/readyz").send().await.is_ok_and(|reply| reply.status().is_success())
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err("a copy was not ready in time after the database was".into())
}

/// The titles of the whole list.
async fn list(nobody: &Caller) -> Result<Vec<String>> {
    let page = nobody.call(Method::GET, "/api/v1/products?sort=title&limit=100", None).await?;
    let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    items.iter().map(|item| Ok(text(item, "/title")?.to_owned())).collect()
}
