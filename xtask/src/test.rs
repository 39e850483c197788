//! `cargo xtask test`: everything that must hold before a change is merged, in the order of what fails soonest.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::nextest::{self, Totals};
use crate::oidc;
use crate::pgbouncer::{self, PgBouncer};
use crate::postgres::{self, Postgres};
use crate::process::{Result, command, run as run_program};
use crate::smtp::{self, Sink};
use crate::{advisories, tools};

/// Where the tests find tus-js-client.
const TUS_VARIABLE: &str = "MIST_TEST_TUS";

/// Where the tests find a server of S3.
const S3_VARIABLE: &str = "MIST_TEST_S3";

/// Where the tests find the Python with services of AWS.
const AWS_VARIABLE: &str = "MIST_TEST_AWS";

/// Where the stores of the tests keep their bytes.
const STORAGE_VARIABLE: &str = "MIST_TEST_STORAGE";

/// Which database the API's tests run on.
const DATABASE_VARIABLE: &str = "MIST_TEST_DATABASE";

/// Where the tests find the Python with the libraries that judge tokens, codes and feeds.
const JUDGE_VARIABLE: &str = "MIST_TEST_JUDGE";

/// Check everything: format, lints, dependencies, and all tests on SQLite and on PostgreSQL.
///
/// Installs what is missing and needs nothing running. The last line is `N passed, N failed`.
#[derive(clap::Args)]
pub struct Args {
    /// Leave out the checks of the dependencies and the second run of the tests, on PostgreSQL.
    #[arg(long)]
    quick: bool,

    /// Run nothing but the tests whose name contains this.
    filter: Option<String>,
}

pub fn run(args: &Args) -> Result {
    let mut stages = Stages::default();
    stages.run("tools", tools::need_for_tests)?;
    if args.filter.is_none() {
        stages.run("format", || cargo(&["fmt", "--all", "--check"]))?;
        stages.run("lints", || {
            cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
        })?;
        if !args.quick {
            stages.run("tools for dependencies", tools::need_for_audits)?;
            stages.run("dependencies", || {
                cargo(&["deny", "--workspace", "--locked", "check", "bans", "licenses", "sources"])
            })?;
            stages.run("advisories", advisories::check)?;
        }
    }
    let totals = run_tests(args, &mut stages)?;
    stages.report();
    if totals.passed + totals.failed == 0 {
        println!("no test ran");
    }
    println!("{totals}");
    Ok(if totals.all_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All tests once, then those of the store itself again on the other database.
fn run_tests(args: &Args, stages: &mut Stages) -> Result<Totals> {
    let server = stages.run("start of PostgreSQL", Postgres::start)?;
    let sink = stages.run("start of the SMTP server", Sink::start)?;
    let provider = stages.run("start of the OpenID Connect provider", oidc::Provider::start)?;
    let issuer = provider.issuer();
    let judge = stages.run("libraries that judge tokens and feeds", tools::need_judge)?.display().to_string();
    let tus = stages.run("tus-js-client", tools::need_tus_client)?.display().to_string();
    let s3 = stages.run("a server of S3", tools::need_s3_server)?.display().to_string();
    let aws = stages.run("services of AWS", tools::need_aws)?.display().to_string();
    let (url, mail_url, mail_folder) = (server.url(), sink.url(), sink.folder());
    let variables = |database| {
        [
            (postgres::URL_VARIABLE, url.as_str()),
            (smtp::URL_VARIABLE, mail_url.as_str()),
            (smtp::FOLDER_VARIABLE, mail_folder.as_str()),
            (oidc::ISSUER_VARIABLE, issuer.as_str()),
            (JUDGE_VARIABLE, judge.as_str()),
            (TUS_VARIABLE, tus.as_str()),
            (S3_VARIABLE, s3.as_str()),
            (AWS_VARIABLE, aws.as_str()),
            (DATABASE_VARIABLE, database),
        ]
    };
    let filter: Vec<_> = args.filter.as_deref().into_iter().collect();
    let mut totals = stages.run("tests on SQLite", || nextest::run(&filter, &variables("sqlite")))?;
    // Uploads and downloads once more, with their bytes in S3.
    let bytes = [&["--filterset", "package(mist) and test(/^delivery::/)"], filter.as_slice()].concat();
    let on_s3 = [variables("sqlite").as_slice(), &[(STORAGE_VARIABLE, "s3")]].concat();
    totals += stages.run("tests on S3", || nextest::run(&bytes, &on_s3))?;
    if !args.quick {
        // Not `--package mist`: other features of its dependencies would be chosen, and all be built again.
        let store = [&["--filterset", "package(mist)"], filter.as_slice()].concat();
        totals += stages.run("tests on PostgreSQL", || nextest::run(&store, &variables("postgres")))?;
        // What is bought and signed in once more, with each transaction in whichever session is free.
        let bouncer = stages.run("start of PgBouncer", || PgBouncer::start(&server))?;
        let port = bouncer.port();
        let of = "package(mist) and test(/^(accounts|checkout|jobs)::/)";
        let shared = [&["--filterset", of], filter.as_slice()].concat();
        let through = [variables("postgres").as_slice(), &[(pgbouncer::PORT_VARIABLE, &port)]].concat();
        totals += stages.run("tests through PgBouncer", || nextest::run(&shared, &through))?;
    }
    Ok(totals)
}

fn cargo(args: &[&str]) -> Result<()> {
    run_program(&mut command("cargo", args))
}

/// What has been done and how long it took.
#[derive(Default)]
struct Stages(Vec<(&'static str, Duration)>);

impl Stages {
    /// The stage that fails says so and is the last.
    fn run<T>(&mut self, name: &'static str, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = stage();
        let time = start.elapsed();
        println!("== {name}: {:.1} s", time.as_secs_f64());
        self.0.push((name, time));
        outcome.map_err(|error| format!("{name}: {error}").into())
    }

    fn report(&self) {
        println!();
        for (name, time) in &self.0 {
            println!("{:>8.1} s  {name}", time.as_secs_f64());
        }
    }
}
