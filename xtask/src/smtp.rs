//! An SMTP server of our own for as long as a task runs: on a free port, its mail in a temporary folder.
//!
//! `cargo xtask smtp COMMAND…` runs a command beside one.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{self, Result, command};
use crate::tools;

/// Where the tests find the server.
pub const URL_VARIABLE: &str = "MIST_TEST_SMTP_URL";
/// Where the tests find what it took.
pub const FOLDER_VARIABLE: &str = "MIST_TEST_SMTP_FOLDER";

/// Run a command beside an SMTP server for the tests.
#[derive(clap::Args)]
pub struct Args {
    /// The command; MIST_TEST_SMTP_URL and MIST_TEST_SMTP_FOLDER are set for it.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub fn run(args: &Args) -> Result {
    let sink = Sink::start()?;
    let (program, rest) = args.command.split_first().ok_or("no command")?;
    let (url, folder) = (sink.url(), sink.folder());
    let variables = [(URL_VARIABLE, url), (FOLDER_VARIABLE, folder)];
    let mut child = Command::new(program).args(rest).envs(variables).spawn()?;
    let code = process::wait(&mut child)?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A running server. Dropping it stops it and removes its folder; it also ends by itself when we do.
pub struct Sink {
    server: Child,
    port: u16,
    folder: TempDir,
}

impl Sink {
    pub fn start() -> Result<Self> {
        Self::slow(Duration::ZERO)
    }

    /// One that waits between having a message and saying so.
    pub fn slow(pause: Duration) -> Result<Self> {
        let python = tools::need_smtp_sink()?;
        let folder = tempfile::Builder::new().prefix("mist-smtp-").tempdir()?;
        let mut server = command(python.to_str().ok_or("a path that is not UTF-8")?, &["tests/smtp_sink.py"])
            .arg(folder.path())
            .arg(pause.as_secs_f64().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let port = line.trim().parse().map_err(|_| "the SMTP server didn't start; see above")?;
        Ok(Self { server, port, folder })
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Every message it took, in the order in which they came.
    pub fn taken(&self) -> Result<Vec<Taken>> {
        let journal = match std::fs::read_to_string(self.folder.path().join("journal")) {
            Ok(journal) => journal,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        // The last line may still be being written.
        let whole = journal.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        Ok(whole.filter_map(Taken::read).collect())
    }
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its `Message-ID`.
    pub id: String,
    /// Its subject.
    pub subject: String,
}

impl Taken {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, '\t').skip(1).map(str::to_owned);
        let (id, _, subject) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { id, subject })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        process::end(&mut self.server, Signal::TERM, Duration::from_secs(5));
    }
}
