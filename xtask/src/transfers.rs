//! `cargo xtask transfers`: builds in and bytes out, however often connections, the store and S3 break, and what that costs.

mod bucket;
mod downloads;
mod faults;
mod leftovers;
mod made;
mod sender;
mod slow;
mod staff;
mod uploads;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::bench::download;
use crate::bench::report::{Bound, Report};
use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Server, chosen};
use crate::sizes::size;
use crate::tools;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Uploads to a folder and to S3, cut again and again.
    Uploads,
    /// Downloads in ranges, some of which break off.
    Downloads,
    /// Hundreds of slow readers.
    Slow,
    /// Pace and processor time beside nginx, and beside `cp` with `sha256sum`.
    Pace,
}

/// Send and fetch files while senders vanish, the store is killed and S3 fails; all come whole, nothing is left over, and memory
/// stays small.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A program that is built already, instead of a release build from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Nothing but these.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Files of 1 to 20 MiB that are sent.
    #[arg(long, default_value_t = 90)]
    small: usize,
    /// Larger files that are sent.
    #[arg(long, default_value_t = 10)]
    large: usize,
    /// How large those are at most; at least two fifths of it.
    #[arg(long, default_value = "500MiB", value_parser = size)]
    largest: u64,
    /// How often each upload is cut.
    #[arg(long, default_value_t = 3)]
    cuts: usize,
    /// Files that are sent at once.
    #[arg(long, default_value_t = 8)]
    at_once: usize,
    /// Downloads at once.
    #[arg(long, default_value_t = 64)]
    downloads: usize,
    /// Of so many bytes each.
    #[arg(long, default_value = "1GiB", value_parser = size)]
    download_size: u64,
    /// Readers that take 1 KB a second.
    #[arg(long, default_value_t = 500)]
    readers: usize,
    /// Seconds of each measurement of time.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// What all that is random follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures into bench/RESULTS.md.
    #[arg(long)]
    record: bool,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    if args.wants(Part::Pace) {
        tools::need_for_bench()?;
    }
    let mist = chosen(args.binary.as_deref(), true)?;
    let postgres = if args.postgres { Some(Postgres::start()?) } else { None };
    let database = postgres.as_ref().map(Postgres::url);
    tokio::runtime::Runtime::new()?.block_on(measure(args, &mist, database.as_deref()))
}

async fn measure(args: &Args, mist: &Path, database: Option<&str>) -> Result {
    let mut report = Report::default();
    if args.wants(Part::Uploads) {
        for on_s3 in [false, true] {
            uploads::measure(args, Server::new(mist, database).await?, on_s3, &mut report).await?;
        }
    }
    if args.wants(Part::Downloads) {
        downloads::measure(args, Server::new(mist, database).await?, &mut report).await?;
    }
    if args.wants(Part::Slow) {
        slow::measure(args, Server::new(mist, database).await?, &mut report).await?;
    }
    if args.wants(Part::Pace) {
        let mut server = Server::new(mist, database).await?;
        server.start(&[]).await?;
        let admin = server.admin().await?;
        download::measure(&server, &admin, u32::try_from(args.seconds)?, &mut report).await?;
    }
    if args.record {
        let on = if args.postgres { " --postgres" } else { "" };
        report.write("Transfers", &format!("cargo xtask transfers{on}"))?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells how many there are of something.
fn tell(report: &mut Report, what: &str, shown: &str, of: usize, bound: Bound) {
    report.figure(what, shown, number(of), bound);
}

/// A number as figures have it.
fn number(of: usize) -> f64 {
    u32::try_from(of).map_or(f64::MAX, f64::from)
}
