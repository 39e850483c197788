//! CPU per gigabyte of downloads, against nginx that sends the same file with sendfile.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

use super::load::pairs;
use super::process_facts::cpu_seconds;
use super::report::{Bound, Report};
use crate::process::{self, Result};
use crate::server::{Caller, Server, text};

/// Bytes of the file.
const SIZE: usize = 64 * 1024 * 1024;
/// Connections that download at once.
const CONNECTIONS: &str = "8";
/// Most CPU per gigabyte, as a multiple of nginx's.
const MOST: f64 = 2.0;

pub async fn measure(server: &Server, admin: &Caller, seconds: u32, report: &mut Report) -> Result<()> {
    let bytes: Vec<u8> =
        (0..SIZE).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let nginx = Nginx::start(&bytes).await?;
    let url = link(admin, bytes).await?;
    let pid = server.pid().ok_or("the store is not running")?;
    let (ours, theirs, ratio) = pairs(
        3,
        || cpu_per_gigabyte(&url, pid, seconds),
        || cpu_per_gigabyte(&nginx.url, nginx.worker()?, seconds),
    )?;
    let shown = format!("{ours:.2} CPU s/GB, nginx {theirs:.2}: {ratio:.2} ×");
    report.figure("download, 8 connections", &shown, ratio, Bound::AtMost(MOST));
    Ok(())
}

/// Makes a product whose one file is `bytes`, buys it, and gives the link.
async fn link(admin: &Caller, bytes: Vec<u8>) -> Result<String> {
    let body = json!({"kind": "game", "title": "Bench", "platforms": ["linux"], "prices": [{"currency": "USD", "amount": 0}]});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let product = text(&product, "/id")?;
    let body = json!({"version": "1", "platform": "linux"});
    let build =
        admin.call(Method::POST, &format!("/api/v1/admin/products/{product}/builds"), Some(body)).await?;
    let build = text(&build, "/id")?;
    let reply = admin
        .request(Method::PUT, &format!("/api/v1/admin/builds/{build}/files/bench.bin"))
        .body(bytes)
        .send()
        .await?;
    if !reply.status().is_success() {
        return Err(reply.text().await?.into());
    }
    admin.call(Method::POST, &format!("/api/v1/admin/builds/{build}/release"), None).await?;
    admin.call(Method::POST, &format!("/api/v1/admin/products/{product}/publish"), None).await?;
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    admin.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
    let link =
        admin.call(Method::POST, &format!("/api/v1/library/{product}/downloads"), Some(json!({}))).await?;
    Ok(text(&link, "/url")?.to_owned())
}

/// CPU seconds of a process per gigabyte it sent to wrk.
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn cpu_per_gigabyte(url: &str, pid: u32, seconds: u32) -> Result<f64> {
    let before = cpu_seconds(pid)?;
    let duration = format!("-d{seconds}s");
    let output =
        Command::new("wrk").args(["-t1", "-c", CONNECTIONS, &duration, "--timeout", "60s", url]).output()?;
    let used = cpu_seconds(pid)? - before;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.contains("Non-2xx") {
        return Err(format!("{url}: {said}").into());
    }
    // `12.34GB read` of "  180 requests in 4.02s, 12.34GB read": whole bytes, cut-off answers included.
    let read = said
        .lines()
        .find_map(|line| line.trim().strip_suffix(" read")?.rsplit(", ").next().map(str::to_owned));
    let read = read.ok_or_else(|| format!("wrk said nothing of {url}: {said}"))?;
    let (number, unit) = read.split_at(read.find(|c: char| c.is_alphabetic()).unwrap_or(read.len()));
    let unit = match unit {
        "GB" => 1u64 << 30,
        "MB" => 1 << 20,
        other => return Err(format!("an odd unit: {other}").into()),
    };
    Ok(used / (number.parse::<f64>()? * unit as f64 / 1e9))
}

/// nginx with one worker over a folder of its own.
struct Nginx {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    async fn start(bytes: &[u8]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("bench.bin"), bytes)?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let config = folder.path().join("nginx.conf");
        fs::write(&config, settings(folder.path(), port))?;
        let child = Command::new("nginx").arg("-c").arg(&config).arg("-p").arg(folder.path()).spawn()?;
        let nginx = Self { child, url: format!("http://127.0.0.1:{port}/bench.bin"), _folder: folder };
        let client = reqwest::Client::new();
        while client.head(&nginx.url).send().await.is_err() {
            process::pause(Duration::from_millis(10))?;
        }
        Ok(nginx)
    }

    /// The one worker, which sends the bytes.
    fn worker(&self) -> Result<u32> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        Ok(children.split_whitespace().next().ok_or("nginx has no worker")?.parse()?)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        process::end(&mut self.child, Signal::QUIT, Duration::from_secs(5));
    }
}

fn settings(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}; proxy_temp_path {folder};\n\
         fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n\
         server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
}
