//! A server of S3 by others, and what it keeps.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{self, Result};
use crate::server::Server;
use crate::tools;

const NAME: &str = "mist";
const KEY: &str = "mistkey";
const SECRET: &str = "mistsecret12345";

/// A server with one bucket.
pub struct Bucket {
    child: Child,
    folder: TempDir,
    /// Where it listens.
    pub port: u16,
}

impl Bucket {
    pub fn start() -> Result<Self> {
        let program = match std::env::var_os("MIST_TEST_S3") {
            Some(program) => PathBuf::from(program),
            None => tools::need_s3_server()?,
        };
        let folder = tempfile::Builder::new().prefix("mist-bucket-").tempdir()?;
        std::fs::create_dir_all(folder.path().join(NAME))?;
        let mut child = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", "0", "--access-key", KEY, "--secret-key", SECRET])
            .arg(folder.path())
            .env("RUST_LOG", "s3s_fs=info")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("the server of S3 says nothing")?).lines();
        let said = lines.by_ref().map_while(std::result::Result::ok).find_map(|line| port(&line));
        let Some(port) = said else {
            process::end(&mut child, Signal::TERM, Duration::from_secs(5));
            return Err("the server of S3 does not say where it listens".into());
        };
        // It is listened to for as long as it talks, lest it waits for that.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, folder, port })
    }

    /// Lets a store keep its bytes here, which it reaches at that port.
    pub fn serve(port: u16, server: &mut Server) {
        server.set("MIST_STORAGE__KIND", "s3");
        server.set("MIST_STORAGE__S3__BUCKET", NAME);
        server.set("MIST_STORAGE__S3__REGION", "us-east-1");
        server.set("MIST_STORAGE__S3__ENDPOINT", &format!("http://127.0.0.1:{port}"));
        server.set("MIST_STORAGE__S3__PATH_STYLE", "true");
        server.set("MIST_STORAGE__S3__ACCESS_KEY_ID", KEY);
        server.set("MIST_STORAGE__S3__SECRET_ACCESS_KEY", SECRET);
        server.set("MIST_STORAGE__S3__DIRECT_LINKS", "false");
    }

    /// The folder of the bucket.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }

    /// The folder of the server, in which it keeps what has no end yet.
    pub fn everything(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        process::end(&mut self.child, Signal::TERM, Duration::from_secs(5));
    }
}

/// The port in `server is running at http://127.0.0.1:8014/`.
fn port(line: &str) -> Option<u16> {
    let (_, place) = line.split_once("running at http://127.0.0.1:")?;
    let digits = place.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
