//! `cargo xtask catalog-check FILE`: imports a catalog, compares every list of it with a pass over the file, and looks for its
//! titles by words that are misspelt or only begun.

mod asked;
mod file;
mod growing;
mod imported;
mod questions;
mod recall;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use futures::{StreamExt, stream};

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Server, chosen};
use crate::tools;
use asked::Asked;
pub use file::unpacked;
use imported::Imported;

/// Lists that are asked for at once.
const AT_ONCE: usize = 4;
/// Differences that are told of one kind of question.
const TOLD: usize = 5;

/// Import a catalog (NDJSON, or gzip of it) into a store of its own, compare every list with a pass over the file, and count
/// how often misspelt titles are found.
#[derive(clap::Args)]
pub struct Args {
    file: PathBuf,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
    /// How many random combinations of filters to ask for.
    #[arg(long, default_value_t = 300)]
    combinations: usize,
    /// What they follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(args: &Args) -> Result {
    let binary = chosen(args.binary.as_deref(), false)?;
    let database = if args.postgres {
        tools::need_postgres()?;
        Some(Postgres::start()?)
    } else {
        None
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(check(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn check(args: &Args, binary: &Path, postgres: Option<String>) -> Result {
    let mut table = Table::default();
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&[]).await?;
    let admin = server.admin().await?;
    let lines = file::read(&args.file)?;
    let imported = Imported::new(&admin, lines, &mut table).await?;
    for (what, questions) in questions::all(&imported, args.combinations, args.seed) {
        compare(what, questions, &imported, &server, &mut table).await?;
    }
    imported.compare_texts(&server.nobody(), &mut table).await?;
    recall::check(&imported, &server.nobody(), args.seed, &mut table).await?;
    growing::check(&admin, &mut table).await?;
    Ok(table.print())
}

/// Asks the store and the file the same questions.
async fn compare(
    what: &str,
    questions: Vec<Asked>,
    imported: &Imported,
    server: &Server,
    table: &mut Table,
) -> Result<()> {
    let nobody = server.nobody();
    let answers: Vec<Result<Option<String>>> = stream::iter(questions)
        .map(|asked| {
            let nobody = nobody.clone();
            async move { asked.differs(imported, &nobody).await }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    for answer in answers {
        table.note(what, answer?);
    }
    Ok(())
}

/// What was compared, how often, and how often it differed; and of what a share must be found.
#[derive(Default)]
pub struct Table {
    compared: Vec<(String, u64, Vec<String>)>,
    shares: Vec<Share>,
}

/// Of what at least a share must be found.
struct Share {
    what: String,
    found: u64,
    asked: u64,
    /// In thousandths.
    least: u64,
}

impl Share {
    fn holds(&self) -> bool {
        self.asked > 0 && self.found * 1_000 >= self.least * self.asked
    }
}

impl Table {
    /// Notes a comparison and its difference, if there is one.
    fn note(&mut self, what: &str, difference: Option<String>) {
        if !self.compared.iter().any(|(known, ..)| known == what) {
            self.compared.push((what.to_owned(), 0, Vec::new()));
        }
        if let Some((_, compared, differences)) = self.compared.iter_mut().find(|(known, ..)| known == what) {
            *compared += 1;
            differences.extend(difference);
        }
    }

    /// Notes how many of so many were found, and of how many thousandths that must be.
    fn share(&mut self, what: &str, found: u64, asked: u64, least: u64) {
        self.shares.push(Share { what: what.to_owned(), found, asked, least });
    }

    fn print(&self) -> ExitCode {
        println!("\n{:<44} {:>8} {:>8}", "compared with the file", "times", "differ");
        for (what, compared, differences) in &self.compared {
            println!("{what:<44} {compared:>8} {:>8}", differences.len());
            for difference in differences.iter().take(TOLD) {
                println!("    {difference}");
            }
        }
        println!("\n{:<44} {:>8} {:>8} {:>8}", "among the first ten hits", "asked", "found", "bound");
        for Share { what, found, asked, least } in &self.shares {
            println!("{what:<44} {asked:>8} {found:>8} {:>8}", least * asked / 1_000);
        }
        let holds = self.compared.iter().all(|(.., differences)| differences.is_empty())
            && self.shares.iter().all(Share::holds);
        if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
