//! Are there known vulnerabilities in what `Cargo.lock` names? Asked of the RustSec database, wherever it can be had.

use std::fs;
use std::path::PathBuf;

use crate::process::{Result, command, root, run, run_and_listen};

/// An archive (`.tar.gz`) of the database, for where it can't be fetched.
const ARCHIVE_VARIABLE: &str = "MIST_ADVISORY_DB";

/// Where such an archive is looked for beside the checkout.
const ARCHIVE: &str = "../shared/data/advisory-db.tar.gz";

/// Warnings that are failures too; the others are shown.
const DENIED: [&str; 4] = ["--deny", "unsound", "--deny", "yanked"];

pub fn check() -> Result<()> {
    if std::env::var_os(ARCHIVE_VARIABLE).is_some() {
        return check_by_archive();
    }
    let (status, said) = run_and_listen(command("cargo", &["audit"]).args(DENIED))?;
    if status.success() {
        return Ok(());
    }
    if said.contains("couldn't fetch advisory database") {
        println!("the advisory database can't be fetched: looking for an archive of it");
        return check_by_archive();
    }
    Err(format!("`cargo audit` failed ({status})").into())
}

fn check_by_archive() -> Result<()> {
    let archive = std::env::var_os(ARCHIVE_VARIABLE).map_or_else(|| root().join(ARCHIVE), PathBuf::from);
    if !archive.is_file() {
        let place = archive.display();
        return Err(format!(
            "no advisory database: it can't be fetched and there is no archive of it at {place}; name one by {ARCHIVE_VARIABLE}"
        )
        .into());
    }
    let folder = root().join("target/advisory-db");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    run(command("tar", &["--extract", "--file"]).arg(&archive).arg("--directory").arg(&folder))?;
    run(command("cargo", &["audit", "--no-fetch", "--db"]).arg(&folder).args(DENIED))
}
