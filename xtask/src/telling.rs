//! `cargo xtask telling`: two copies over one PostgreSQL tell each thing once, a copy that is killed is stood in for by the other, and
//! whoever listens goes on there and has missed nothing.

mod once;
mod receiver;
mod streams;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, MASTER_KEY, Server, chosen};
use crate::smtp::Sink;
use crate::tools;
use receiver::Receiver;

/// Mails, webhooks, notifications and streams of two copies over one PostgreSQL, one of which is killed again and again.
#[derive(clap::Args)]
pub struct Args {
    /// How often a copy is killed while it tells.
    #[arg(long, default_value_t = 4)]
    kills: u32,
    /// Accounts that listen, each to as many events as there are accounts.
    #[arg(long, default_value_t = 100)]
    listeners: usize,
    /// A release build instead of a quick one.
    #[arg(long)]
    release: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    let binary = chosen(args.binary.as_deref(), args.release)?;
    let (database, sink) = (Postgres::start()?, Sink::start()?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(tell(args, &binary, &database.url(), &sink))
}

async fn tell(args: &Args, binary: &Path, database: &str, sink: &Sink) -> Result {
    let receiver = Receiver::new().await?;
    let mut first = Server::new(binary, Some(database)).await?;
    first.set(MASTER_KEY, &"5a".repeat(32));
    let second = first.beside()?;
    let mut copies = [first, second];
    // One address for both, or neither believes the tokens of the other.
    let url = copies[0].url.clone();
    for copy in &mut copies {
        copy.set("MIST_HTTP__PUBLIC_URL", &url);
        copy.set("MIST_MAIL__KIND", "smtp");
        copy.set("MIST_MAIL__SMTP__URL", &sink.url());
        copy.set("MIST_WEBHOOKS__ALLOW_PRIVATE", "true");
        copy.start(&[]).await?;
    }
    let admin = copies[0].admin().await?;
    let endpoint = json!({"url": receiver.url, "events": ["order.paid"]});
    admin.call(reqwest::Method::POST, "/api/v1/admin/webhooks", Some(endpoint)).await?;
    let mut violations = once::told(&mut copies, &admin, sink, &receiver, args.kills).await?;
    violations += streams::followed(&mut copies, args.listeners).await?;
    println!("{violations} violations");
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy(copies: &mut [Server; 2], index: usize) -> Result<&mut Server> {
    copies.get_mut(index % 2).ok_or_else(|| "no such copy".into())
}

/// An admin at each copy.
async fn admins(copies: &[Server; 2]) -> Result<[Caller; 2]> {
    let [one, other] = copies;
    Ok([one.sign_in(ADMIN).await?, other.sign_in(ADMIN).await?])
}
