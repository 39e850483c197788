//! A streaming replica of a server: it shows what the server has committed, a moment later.

use std::os::unix::fs::chown;
use std::time::{Duration, Instant};

use super::{Keeps, Postgres, as_user, asked, free_port, programs, serve, unprivileged_user};
use crate::process::{self, Result};

/// How long a replica may take to show what its server has committed.
const PATIENCE: Duration = Duration::from_secs(60);

impl Postgres {
    /// A replica of this server, on a port of its own.
    pub fn replica(&self) -> Result<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let user = unprivileged_user()?;
        let folder = tempfile::Builder::new().prefix("mist-replica-").tempdir()?;
        if let Some(user) = &user {
            chown(folder.path(), Some(user.uid), Some(user.gid))?;
        }
        let copied = as_user(&programs.join("pg_basebackup"), user.as_ref(), folder.path())
            .args(["--host=127.0.0.1", "--username=mist", &format!("--port={}", self.port)])
            .args(["--pgdata=data", "--write-recovery-conf", "--create-slot", "--slot=replica"])
            .args(["--checkpoint=fast", "--no-sync"])
            .output()?;
        if !copied.status.success() {
            return Err(format!("pg_basebackup failed:\n{}", String::from_utf8_lossy(&copied.stderr)).into());
        }
        let port = free_port()?;
        let server = serve(&programs, user.as_ref(), folder.path(), port, Keeps::Some)?;
        let mut replica = Self { server, port, folder, keeps: Keeps::Some };
        replica.wait_until_ready(&programs)?;
        Ok(replica)
    }

    /// Waits until this replica shows all that its server has committed so far.
    pub fn catch_up(&self, server: &Self) -> Result<()> {
        let written = asked(&server.url(), "SELECT pg_current_wal_flush_lsn()")?;
        let shown = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if asked(&self.url(), &shown)? == "t" {
                return Ok(());
            }
            process::pause(Duration::from_millis(100))?;
        }
        Err("the replica does not catch up".into())
    }
}
