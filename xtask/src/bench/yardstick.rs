//! The program that answers the same bytes from memory, and nothing else.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::Signal;

use crate::process::{self, Result, command, root};

/// Builds it.
pub fn build() -> Result<()> {
    process::run(&mut command("cargo", &["build", "--locked", "--release", "--package", "yardstick"]))
}

/// The yardstick's process.
pub struct Yardstick {
    child: Child,
    /// Where it is reached.
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Yardstick {
    /// Starts it over the bytes of a list and of a detail.
    pub async fn start(list: &str, detail: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (list_file, detail_file) = (folder.path().join("list"), folder.path().join("detail"));
        fs::write(&list_file, list)?;
        fs::write(&detail_file, detail)?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(root().join("target/release/yardstick"))
            .arg(&address)
            .args([list_file, detail_file])
            .spawn()?;
        let yardstick = Self { child, url: format!("http://{address}"), _folder: folder };
        let client = reqwest::Client::new();
        while client.get(format!("{}/list", yardstick.url)).send().await.is_err() {
            process::pause(Duration::from_millis(10))?;
        }
        Ok(yardstick)
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        process::end(&mut self.child, Signal::TERM, Duration::from_secs(5));
    }
}
