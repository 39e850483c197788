//! nginx before the copies, by the settings that `deploy/nginx.conf` gives to operators.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::postgres::as_user;
use crate::process::{self, Result};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx. Dropping it stops it.
pub struct Balancer {
    child: Child,
    /// Where it listens.
    pub url: String,
    folder: TempDir,
}

impl Balancer {
    /// Before copies at these addresses.
    pub async fn before(copies: &[String]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("mist-balancer-").tempdir()?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings = folder.path().join("nginx.conf");
        fs::write(&settings, told(copies, port, folder.path())?)?;
        let log = fs::File::create(folder.path().join("log"))?;
        let child = as_user(Path::new("nginx"), None, folder.path())
            .arg("-c")
            .arg(&settings)
            .arg("-p")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut balancer = Self { child, url: format!("http://127.0.0.1:{port}"), folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if balancer.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                return Err(format!("nginx did not start:\n{}", balancer.log()).into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(balancer)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        process::end(&mut self.child, Signal::TERM, Duration::from_secs(5));
    }
}

/// The settings with these copies, for a folder and a port of this machine.
fn told(copies: &[String], port: u16, folder: &Path) -> Result<String> {
    let settings = fs::read_to_string(process::root().join("deploy/nginx.conf"))?;
    let folder = folder.display().to_string();
    // Its workers must read what root wrote.
    let mut told = String::from(if geteuid().is_root() { "user root;\n" } else { "" });
    told.push_str("daemon off;\n");
    let mut named = false;
    for line in settings.lines() {
        match line.trim_start().strip_prefix("server mist-") {
            // The first copy's line is every copy's.
            Some(rest) if !named => {
                let (_, how) = rest.split_once(' ').ok_or("a copy without settings")?;
                for copy in copies {
                    told.push_str(&format!("server {} {how}\n", copy.trim_start_matches("http://")));
                }
                named = true;
            }
            Some(_) => {}
            None => {
                let line = line.replace("listen 8080", &format!("listen 127.0.0.1:{port}"));
                told.push_str(&line.replace("/tmp/", &format!("{folder}/")));
                told.push('\n');
            }
        }
    }
    if named { Ok(told) } else { Err("deploy/nginx.conf names no copies".into()) }
}
