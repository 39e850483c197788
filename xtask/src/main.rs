//! The project's own commands: `cargo xtask --help`. This file only dispatches; each command is a file.
#![allow(clippy::print_stdout, reason = "a command's output is its purpose")]
#![allow(unreachable_pub, reason = "in a program `pub` means: for its other files")]
#![allow(clippy::disallowed_methods, reason = "the store's clock, ids and transactions don't exist here")]

mod advisories;
mod bench;
mod big_file;
mod catalog;
mod catalog_check;
mod chaos;
mod copies;
mod copies_capacity;
mod cores;
mod crash;
mod crash_index;
mod crash_mail;
mod crash_money;
mod fuzz;
mod lint_deploy;
mod mail_sheet;
mod mailed;
mod memory;
mod million;
mod nextest;
mod oidc;
mod overload;
mod pgbouncer;
mod postgres;
mod process;
mod purchases;
mod race;
mod random;
mod scraped;
mod server;
mod sizes;
mod smtp;
mod soak;
mod steady;
mod stock;
mod storm;
mod stripe;
mod telling;
mod test;
mod timing;
mod tools;
mod traffic;
mod transfers;
mod wishers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    Test(test::Args),
    Postgres(postgres::Args),
    Crash(crash::Args),
    CrashIndex(crash_index::Args),
    CrashMail(crash_mail::Args),
    CrashMoney(crash_money::Args),
    Copies(copies::Args),
    CopiesCapacity(copies_capacity::Args),
    Overload(overload::Args),
    Chaos(chaos::Args),
    Soak(soak::Args),
    Race(race::Args),
    Bench(bench::Args),
    Purchases(purchases::Args),
    BigFile(big_file::Args),
    Fuzz(fuzz::Args),
    LintDeploy(lint_deploy::Args),
    MailSheet(mail_sheet::Args),
    Million(million::Args),
    Catalog(catalog::Args),
    CatalogCheck(catalog_check::Args),
    Smtp(smtp::Args),
    Storm(storm::Args),
    Telling(telling::Args),
    Oidc(oidc::Args),
    Timing(timing::Args),
    Transfers(transfers::Args),
    Wishers(wishers::Args),
}

fn main() -> ExitCode {
    let task = Cli::parse().command;
    let outcome = process::watch_signals().and_then(|()| match task {
        Task::Test(args) => test::run(&args),
        Task::Postgres(args) => postgres::run(&args),
        Task::Crash(args) => crash::run(&args),
        Task::CrashIndex(args) => crash_index::run(&args),
        Task::CrashMail(args) => crash_mail::run(&args),
        Task::CrashMoney(args) => crash_money::run(&args),
        Task::Copies(args) => copies::run(&args),
        Task::CopiesCapacity(args) => copies_capacity::run(&args),
        Task::Overload(args) => overload::run(&args),
        Task::Chaos(args) => chaos::run(&args),
        Task::Soak(args) => soak::run(&args),
        Task::Race(args) => race::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Purchases(args) => purchases::run(&args),
        Task::BigFile(args) => big_file::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::LintDeploy(args) => lint_deploy::run(&args),
        Task::MailSheet(args) => mail_sheet::run(&args),
        Task::Million(args) => million::run(&args),
        Task::Catalog(args) => catalog::run(&args),
        Task::CatalogCheck(args) => catalog_check::run(&args),
        Task::Smtp(args) => smtp::run(&args),
        Task::Storm(args) => storm::run(&args),
        Task::Telling(args) => telling::run(&args),
        Task::Oidc(args) => oidc::run(&args),
        Task::Timing(args) => timing::run(&args),
        Task::Transfers(args) => transfers::run(&args),
        Task::Wishers(args) => wishers::run(&args),
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
