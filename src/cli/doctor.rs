//! `mist doctor`: everything that a store needs around it, looked at once. It changes nothing that stays, and tells no secret.
use std::{fmt, time::Duration};

use mist::config::Config;
use tokio::time::timeout;

mod address;
mod backup;
mod clocks;
mod database;
mod mail;
mod payments;
mod settings;
mod storage;
mod tls;

/// For one look: a dependency that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a look found.
struct Finding {
    verdict: Verdict,
    what: String,
    /// What to do about it; nothing where all is well.
    advice: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// The store works, though not as it should in production.
    Warning,
    /// The store doesn't work.
    Failure,
}

impl Finding {
    fn ok(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, what: what.into(), advice: "" }
    }

    fn warning(what: impl Into<String>, advice: &'static str) -> Self {
        Self { verdict: Verdict::Warning, what: what.into(), advice }
    }

    fn failure(what: impl Into<String>, advice: &'static str) -> Self {
        Self { verdict: Verdict::Failure, what: what.into(), advice }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        })
    }
}

/// Prints a line for each finding; an error when there is a failure among them.
pub(crate) async fn run(settings: Config) -> Result<(), String> {
    let mut failures = 0;
    let mut warnings = 0;
    let mut tell = |subject: &str, findings: Vec<Finding>| {
        for Finding { verdict, what, advice } in findings {
            println!("{verdict:<8} {subject:<9} {what}");
            if !advice.is_empty() {
                println!("{:18} -> {advice}", "");
            }
            failures += usize::from(verdict == Verdict::Failure);
            warnings += usize::from(verdict == Verdict::Warning);
        }
    };
    tell("settings", settings::look(&settings));
    tell("database", in_time(database::look(&settings)).await);
    tell("storage", in_time(storage::look(&settings)).await);
    tell("mail", in_time(mail::look(&settings)).await);
    tell("payments", payments::look(&settings));
    tell("backup", in_time(backup::look(&settings)).await);
    tell("tls", tls::look(&settings));
    tell("clock", in_time(clocks::look(&settings)).await);
    tell("address", in_time(address::look(&settings)).await);
    match failures {
        0 => {
            println!("Nothing is broken; warnings: {warnings}.");
            Ok(())
        }
        count => Err(format!("Broken: {count}; warnings: {warnings}.")),
    }
}

async fn in_time(look: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    match timeout(PATIENCE, look).await {
        Ok(findings) => findings,
        Err(_) => {
            let what = format!("no answer in {} seconds", PATIENCE.as_secs());
            vec![Finding::failure(what, "see whether it runs, and whether a firewall stands before it")]
        }
    }
}
