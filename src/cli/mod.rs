//! What the subcommands do: they call the library and print.
#![expect(clippy::print_stdout, reason = "the command line speaks on standard output")]

use mist::{clock::Clock, config::Config, error::Error, store};
use tokio_util::sync::CancellationToken;

pub(crate) mod account;
pub(crate) mod backup;
mod carrying;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod mail;
mod mail_preview;
pub(crate) mod objects;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod reconcile;
pub(crate) mod serve;

/// Tells a failure on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks on standard error")]
pub(crate) fn say_error(text: &str) {
    eprintln!("{text}");
}

pub(crate) async fn migrate(settings: Config) -> Result<(), String> {
    let unmigrated = Config {
        database: mist::config::Database { migrate: false, ..settings.database.clone() },
        ..settings
    };
    let db = store::connect(&unmigrated).await.map_err(told)?;
    // As the first process of a container it would not end by itself when it is told to.
    let stop = CancellationToken::new();
    tokio::spawn(serve::cancel_on_signal(stop.clone())?);
    match stop.run_until_cancelled(store::migrate(&db)).await {
        Some(migrated) => migrated.map_err(told)?,
        None => return Err("Told to stop: nothing was migrated, or all of it.".to_owned()),
    }
    println!("The database has every migration.");
    db.close().await.map_err(|error| error.to_string())
}

pub(crate) fn openapi(settings: Config) -> Result<(), String> {
    let document =
        mist::router::document(&settings.http).to_pretty_json().map_err(|error| error.to_string())?;
    println!("{document}");
    Ok(())
}

pub(crate) fn roles() {
    print!("{}", mist::accounts::matrix::page());
}

pub(crate) fn config(settings: &Config) -> Result<(), String> {
    println!("{}", serde_json::to_string_pretty(settings).map_err(|error| error.to_string())?);
    Ok(())
}

/// A failure as the operator reads it.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn told(error: Error) -> String {
    error.to_string()
}

/// The machine's clock.
pub(crate) fn clock() -> Clock {
    Clock::system()
}
