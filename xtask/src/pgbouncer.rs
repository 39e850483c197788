//! A PgBouncer before a PostgreSQL for as long as a task runs, in transaction mode: each transaction may meet another session.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::postgres::{Postgres, as_user, unprivileged_user};
use crate::process::{self, Result};
use crate::tools;

/// Where the tests find it: its port.
pub const PORT_VARIABLE: &str = "MIST_TEST_PGBOUNCER_PORT";

/// Few, so that sessions are shared: one store of a test has more connections.
const SESSIONS_PER_DATABASE: u32 = 3;

/// A running PgBouncer. Dropping it stops it.
pub struct PgBouncer {
    server: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    pub fn start(postgres: &Postgres) -> Result<Self> {
        let program = tools::need_pgbouncer()?;
        let user = unprivileged_user()?;
        let folder = tempfile::Builder::new().prefix("mist-pgbouncer-").tempdir()?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=mist\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\nmax_prepared_statements = 200\n\
             ignore_startup_parameters = extra_float_digits\n\
             default_pool_size = {SESSIONS_PER_DATABASE}\nmax_client_conn = 1000\nserver_idle_timeout = 2\n",
            postgres.port()
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings)?;
        if let Some(user) = &user {
            chown(folder.path(), Some(user.uid), Some(user.gid))?;
            chown(&file, Some(user.uid), Some(user.gid))?;
        }
        let server = as_user(&program, user.as_ref(), folder.path())
            .args(["-q", "pgbouncer.ini"])
            .stdout(Stdio::null())
            .spawn()?;
        let mut bouncer = Self { server, port, _folder: folder };
        bouncer.wait_until_ready()?;
        Ok(bouncer)
    }

    pub fn port(&self) -> String {
        self.port.to_string()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.server.try_wait()?.is_none() && Instant::now() < deadline {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            process::pause(Duration::from_millis(20))?;
        }
        Err("PgBouncer didn't start; it says why above".into())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        process::end(&mut self.server, Signal::INT, Duration::from_secs(5));
    }
}

/// 1.24 of `PgBouncer 1.24.1`.
pub fn version(program: &str) -> Option<(u32, u32)> {
    let said = process::ask(program, &["--version"])?;
    let mut numbers = said.lines().next()?.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Compiles its source in a folder: it has no package of the version that is needed.
pub fn compile(folder: &std::path::Path) -> Result<()> {
    let without = ["--without-openssl", "--without-cares", "--without-systemd"];
    let mut configure = Command::new("./configure");
    process::run(configure.args(without).current_dir(folder).stdout(Stdio::null()))?;
    process::run(Command::new("make").args(["-j2", "pgbouncer"]).current_dir(folder).stdout(Stdio::null()))
}
