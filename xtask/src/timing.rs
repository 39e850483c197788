//! `cargo xtask timing`: whether the time of a refusal tells who has an account.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{Caller, Server, build};
use crate::tools;

const KNOWN: &str = "ada@example.com";
const UNKNOWN: &str = "eve@example.com";
/// Sign-ins before any is measured.
const WARM_UP: usize = 5;
/// The medians may differ by so much, or by a tenth of the slower one.
const NOISE: Duration = Duration::from_millis(5);

/// Sign in with a wrong password and with an unknown address in turn: the median times must be alike.
#[derive(clap::Args)]
pub struct Args {
    /// Sign-ins of each kind.
    #[arg(long, default_value_t = 100)]
    samples: usize,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = build(false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn measure(args: &Args, binary: &std::path::Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.start(&[]).await?;
    server.register(KNOWN).await?;
    let nobody = server.nobody();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for sample in 0..WARM_UP + args.samples {
        // In turn, so that whatever else the machine does slows both; and each as often first.
        let (first, second) = if sample % 2 == 0 { (KNOWN, UNKNOWN) } else { (UNKNOWN, KNOWN) };
        for email in [first, second] {
            let elapsed = refused(&nobody, email).await?;
            if sample >= WARM_UP {
                if email == KNOWN { known.push(elapsed) } else { unknown.push(elapsed) }
            }
        }
    }
    let (known, unknown) = (median(known)?, median(unknown)?);
    let gap = known.abs_diff(unknown);
    let most = NOISE.max(known.max(unknown) / 10);
    println!(
        "wrong password {known:.2?}, unknown address {unknown:.2?}: {gap:.2?} apart, at most {most:.2?}"
    );
    Ok(if gap <= most { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The time of one refusal, by somebody whose device is a stranger's.
async fn refused(nobody: &Caller, email: &str) -> Result<Duration> {
    let body = json!({"email": email, "password": "another violet engine"});
    let began = Instant::now();
    let request = nobody.request(Method::POST, "/api/v1/auth/login").header("user-agent", "timing");
    let reply = request.json(&body).send().await?;
    let status = reply.status();
    let told = reply.text().await?;
    let elapsed = began.elapsed();
    if status == StatusCode::UNAUTHORIZED { Ok(elapsed) } else { Err(format!("{status} {told}").into()) }
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort();
    times.get(times.len() / 2).copied().ok_or_else(|| "nothing was measured".into())
}
