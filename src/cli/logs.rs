//! `mist logs`: counts downloads by the logs of what sent them.
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use flate2::bufread::MultiGzDecoder;
use mist::{app::App, config::Config, delivery, store};

use super::{clock, told};

/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Count the downloads that S3 server access logs or CloudFront standard logs tell of, as text or in gzip. A request
    /// counts once, however often its file is read. Needs `delivery.count_by_logs`.
    Ingest {
        /// The files, in any order.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    let Command::Ingest { files } = command;
    let db = store::connect(&settings).await.map_err(told)?;
    let port = settings.http.listen.port();
    let app = App::open(settings, clock(), db, port).await.map_err(told)?;
    for file in &files {
        let mut log = open(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let counted = delivery::count_logged(&app, log.as_mut()).await.map_err(told)?;
        println!(
            "{}: {} downloads counted, {} known already, {} too old or of nobody",
            file.display(),
            counted.counted,
            counted.known,
            counted.passed_over
        );
    }
    Ok(())
}

fn open(path: &Path) -> std::io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::new(File::open(path)?);
    let packed = file.fill_buf()?.starts_with(&GZIP);
    Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) })
}
