//! `cargo xtask mail-sheet`: a picture of every mail, as a browser shows its HTML.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::process::{Result, root, run as run_program};
use crate::server::{Server, chosen};
use crate::tools;

/// Where the picture lies.
const SHEET: &str = "docs/mails.png";
/// In which language the mails are.
const LANGUAGE: &str = "en";
/// Pixels of the picture: all mails fit on it.
const SIZE: &str = "1920,3000";
/// Bytes that it may have: it lies in the repository.
const BYTES_MAX: u64 = 1_000_000;

/// Make docs/mails.png of every mail with made-up people and products, by Chromium.
#[derive(clap::Args)]
pub struct Args {
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_chromium()?;
    let binary = chosen(args.binary.as_deref(), false)?;
    let server = tokio::runtime::Runtime::new()?.block_on(Server::new(&binary, None))?;
    let folder = tempfile::Builder::new().prefix("mist-mails-").tempdir()?;
    let out = folder.path().to_str().ok_or("a path that is not UTF-8")?;
    print!("{}", server.run(&["mail", "preview", "--language", LANGUAGE, "--out", out], "")?);
    let picture = root().join(SHEET);
    run_program(
        Command::new("chromium")
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={out}/browser"))
            .arg(format!("--window-size={SIZE}"))
            .arg(format!("--screenshot={}", picture.display()))
            .arg(format!("file://{out}/{LANGUAGE}/index.html")),
    )?;
    let bytes = std::fs::metadata(&picture)?.len();
    println!("{SHEET}: {bytes} bytes");
    Ok(if bytes <= BYTES_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
