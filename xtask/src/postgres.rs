//! A PostgreSQL of our own for as long as a task runs: on a free port, in a temporary folder.
//!
//! `cargo xtask postgres` keeps one running; `cargo xtask postgres COMMAND…` runs a command beside one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use crate::process::{self, Result};
use crate::tools;

mod replica;

/// Where the tests find the server; a superuser who may create databases.
pub const URL_VARIABLE: &str = "MIST_TEST_POSTGRES_URL";

const OLDEST: u32 = 15;

/// Run a PostgreSQL for the tests until Ctrl-C, or for as long as a command runs.
#[derive(clap::Args)]
pub struct Args {
    /// A command to run with MIST_TEST_POSTGRES_URL set.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    let server = Postgres::start()?;
    let Some((program, rest)) = args.command.split_first() else {
        println!("{URL_VARIABLE}={}", server.url());
        while process::pause(Duration::from_secs(60)).is_ok() {}
        return Ok(ExitCode::SUCCESS);
    };
    let mut child = Command::new(program).args(rest).env(URL_VARIABLE, server.url()).spawn()?;
    let status = process::wait(&mut child)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A running server. Dropping it stops it and removes its folder.
pub struct Postgres {
    server: Child,
    port: u16,
    folder: TempDir,
    keeps: Keeps,
}

/// What a server has on its disk of what it said it had committed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Some of it, which is quick: for tasks that never end it in a hurry.
    Some,
    /// All of it, as in production.
    All,
}

impl Postgres {
    pub fn start() -> Result<Self> {
        Self::start_as(Keeps::Some)
    }

    /// One that loses nothing of what it said it had committed, however it ends.
    pub fn start_durable() -> Result<Self> {
        Self::start_as(Keeps::All)
    }

    fn start_as(keeps: Keeps) -> Result<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let user = unprivileged_user()?;
        let folder = tempfile::Builder::new().prefix("mist-postgres-").tempdir()?;
        if let Some(user) = &user {
            chown(folder.path(), Some(user.uid), Some(user.gid))?;
        }
        let created = as_user(&programs.join("initdb"), user.as_ref(), folder.path())
            .args(["--pgdata=data", "--username=mist", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8"])
            .output()?;
        if !created.status.success() {
            return Err(format!("initdb failed:\n{}", String::from_utf8_lossy(&created.stderr)).into());
        }

        let port = free_port()?;
        let server = serve(&programs, user.as_ref(), folder.path(), port, keeps)?;
        let mut postgres = Self { server, port, folder, keeps };
        postgres.wait_until_ready(&programs)?;
        Ok(postgres)
    }

    /// Ends the server, which breaks off every connection, and starts it again over what it holds.
    pub fn restart(&mut self) -> Result<()> {
        // "Fast": whoever is connected isn't waited for.
        self.restart_by(Signal::INT)
    }

    /// The same without a farewell, as `pg_ctl restart -m immediate` does it: it recovers what was not yet in its tables.
    pub fn restart_at_once(&mut self) -> Result<()> {
        self.restart_by(Signal::QUIT)
    }

    fn restart_by(&mut self, signal: Signal) -> Result<()> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        process::end(&mut self.server, signal, Duration::from_secs(30));
        let user = unprivileged_user()?;
        self.server = serve(&programs, user.as_ref(), self.folder.path(), self.port, self.keeps)?;
        self.wait_until_ready(&programs)
    }

    pub fn url(&self) -> String {
        format!("postgres://mist@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens, on this machine alone.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process that all others of it descend from.
    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn wait_until_ready(&mut self, programs: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.server.try_wait()?.is_none() && Instant::now() < deadline {
            let ready = Command::new(programs.join("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", "--username=mist", "--port", &self.port.to_string()])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            process::pause(Duration::from_millis(50))?;
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(format!("PostgreSQL didn't start:\n{log}").into())
    }
}

fn serve(programs: &Path, user: Option<&User>, folder: &Path, port: u16, keeps: Keeps) -> Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("log"))?;
    let quick: &[&str] = match keeps {
        Keeps::Some => &["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"],
        Keeps::All => &[],
    };
    let server = as_user(&programs.join("postgres"), user, folder)
        .args(["-D", "data", "-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", &format!("unix_socket_directories={}", folder.display())])
        .args(["-c", "max_connections=300"])
        .args(quick)
        .process_group(0)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    Ok(server)
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // "Immediate": nothing it holds is to be kept.
        process::end(&mut self.server, Signal::QUIT, Duration::from_secs(10));
    }
}

/// Runs a statement by the client that comes with it.
pub fn psql(database: &str, statement: &str) -> Result<()> {
    asked(database, statement).map(drop)
}

/// What a statement answers: values alone.
pub fn asked(database: &str, statement: &str) -> Result<String> {
    let programs = programs().ok_or("PostgreSQL is not installed")?;
    let output = Command::new(programs.join("psql"))
        .args([database, "--quiet", "--tuples-only", "--no-align", "--command", statement])
        .output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

/// The folder of the newest server programs that are new enough. Debian keeps them off the PATH.
pub fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .chain(std::env::split_paths(&path))
        .filter_map(|folder| Some(fs::canonicalize(folder.join("initdb")).ok()?.parent()?.to_owned()))
        .filter_map(|folder| Some((version(&folder.join("postgres"))?, folder)))
        .filter(|(version, _)| *version >= OLDEST)
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian …)`.
fn version(postgres: &Path) -> Option<u32> {
    let said = process::ask(postgres.to_str()?, &["--version"])?;
    said.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// PostgreSQL and what belongs to it refuse to run as root: then they run as somebody who may do nothing.
pub fn unprivileged_user() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let mut fields =
            passwd.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?;
        Some(User { uid: fields.nth(2)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    let user = find("postgres").or_else(|| find("nobody"));
    user.map(Some).ok_or_else(|| "there is no user `postgres` or `nobody` to run PostgreSQL as".into())
}

pub fn as_user(program: &Path, user: Option<&User>, folder: &Path) -> Command {
    // On Linux the server also ends when we are killed and can't stop it.
    let mut command = if cfg!(target_os = "linux") {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--pdeathsig", "QUIT", "--"]).arg(program);
        setpriv
    } else {
        Command::new(program)
    };
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
