//! `cargo xtask fuzz`: schemathesis tries every operation of the API document on a store with the demo catalog.

use std::process::{Command, ExitCode};

use crate::postgres::Postgres;
use crate::process::{self, Result, root};
use crate::server::{ADMIN, PASSWORD, Server, build};
use crate::tools;

const VERSION: &str = "4.32.5";
/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,ignored_auth";
const PHASES: &str = "examples,fuzzing,stateful";
/// What ends the fuzzer's own session, and what goes on for as long as somebody listens.
const EXCLUDED: [&str; 5] =
    ["logout", "delete_session", "change_password", "erase_me", "stream_notifications"];

/// Try every operation of the API document with generated requests, as an admin.
#[derive(clap::Args)]
pub struct Args {
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Requests an operation and phase.
    #[arg(long, default_value_t = 30)]
    examples: u32,
    /// What the requests follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(args: &Args) -> Result {
    let programs = tools::python_package("schemathesis", VERSION)?;
    let binary = build(false)?;
    let postgres = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(async {
        let mut server = Server::new(&binary, postgres.as_ref().map(Postgres::url).as_deref()).await?;
        server.start(&["--demo"]).await?;
        server.admin().await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(server)
    })?;
    let mut fuzzer = Command::new(programs.join("schemathesis"));
    fuzzer
        // It leaves a folder of its own where it runs.
        .current_dir(root().join("target"))
        .env("SCHEMATHESIS_HOOKS", "tests.fuzz.hooks")
        .env("PYTHONPATH", root())
        .envs([("FUZZ_URL", server.url.as_str()), ("FUZZ_EMAIL", ADMIN), ("FUZZ_PASSWORD", PASSWORD)])
        .args(["run", &format!("{}/api/openapi.json", server.url), "--url", &server.url])
        .args(["--checks", CHECKS, "--phases", PHASES])
        .args(["--max-examples", &args.examples.to_string(), "--seed", &args.seed.to_string()])
        .args(["--generation-deterministic", "--suppress-health-check", "all"]);
    for operation in EXCLUDED {
        fuzzer.args(["--exclude-operation-id", operation]);
    }
    process::run(&mut fuzzer)?;
    Ok(ExitCode::SUCCESS)
}
