//! `mist import`: a catalog from a file, one product a line.
use std::path::Path;

use mist::{
    catalog::{self, Tally},
    config::Config,
    events,
    languages::Language,
    store,
};
use tokio::{fs::File, io::BufReader};

use super::{clock, say_error, told};

/// The file that is read for `-`.
const STANDARD_INPUT: &str = "/dev/stdin";

pub(crate) async fn run(settings: Config, file: &Path) -> Result<(), String> {
    let file = if file.as_os_str() == "-" { Path::new(STANDARD_INPUT) } else { file };
    let input = File::open(file).await.map_err(|error| format!("{}: {error}", file.display()))?;
    let db = store::connect(&settings).await.map_err(told)?;
    let outcome = catalog::import(&db, &clock(), None, Language::english(), BufReader::new(input)).await;
    // Here rather than by the next copy that starts, which has an index to build.
    let numbered = events::number(&db).await;
    db.close().await.map_err(|error| error.to_string())?;
    let tally = outcome.map_err(told)?;
    numbered.map_err(told)?;
    tell(&tally);
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} lines were not imported.", tally.failed)) }
}

fn tell(tally: &Tally) {
    println!("{} created, {} updated, {} failed", tally.created, tally.updated, tally.failed);
    for bad in &tally.errors {
        say_error(&format!("line {}: {}: {}", bad.line, bad.code, bad.message));
    }
}
