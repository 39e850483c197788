//! An OpenID Connect provider of our own for as long as a task runs: on a free port, its people made up.
//!
//! `cargo xtask oidc COMMAND…` runs a command beside one.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::process::{self, Result, command};
use crate::tools;

/// Where the tests find the provider.
pub const ISSUER_VARIABLE: &str = "MIST_TEST_OIDC_ISSUER";

/// Run a command beside an OpenID Connect provider for the tests.
#[derive(clap::Args)]
pub struct Args {
    /// The command; MIST_TEST_OIDC_ISSUER is set for it.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub fn run(args: &Args) -> Result {
    let provider = Provider::start()?;
    let (program, rest) = args.command.split_first().ok_or("no command")?;
    let mut child = Command::new(program).args(rest).env(ISSUER_VARIABLE, provider.issuer()).spawn()?;
    let code = process::wait(&mut child)?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A running provider. Dropping it stops it; it also ends by itself when we do.
pub struct Provider {
    server: Child,
    port: u16,
}

impl Provider {
    pub fn start() -> Result<Self> {
        let folder = tools::need_oidc_provider()?;
        let mut server = command("node", &["tests/oidc_provider.mjs"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns at length of what is right for tests alone.
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = &mut server.stdout {
            // The pipe stays open with the server: what it says later has somewhere to go.
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let started = "the OpenID Connect provider didn't start: `node tests/oidc_provider.mjs` says why";
        let port = line.trim().parse().map_err(|_| started)?;
        Ok(Self { server, port })
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        process::end(&mut self.server, Signal::TERM, Duration::from_secs(5));
    }
}
