//! Downloads against nginx that sends the same file with sendfile, in pace and processor time, and then uploads.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::json;

use super::load::median;
use super::process_facts::cpu_seconds;
use super::report::{Bound, Report};
use super::upload;
use crate::memory::{MOST_MIB, Memory};
use crate::process::{self, Result};
use crate::server::{Caller, Server, text};
use crate::sizes::mib;

/// Bytes of the file that is downloaded.
const SIZE: usize = 64 * 1024 * 1024;
/// Connections that download at once.
const CONNECTIONS: [&str; 3] = ["1", "8", "64"];
/// Rounds of each comparison.
const ROUNDS: usize = 3;
/// Most CPU per gigabyte, as a multiple of nginx's.
const MOST: f64 = 1.1;
/// Least pace, in hundredths of nginx's.
const LEAST: f64 = 95.0;

pub async fn measure(server: &Server, admin: &Caller, seconds: u32, report: &mut Report) -> Result<()> {
    let bytes: Vec<u8> =
        (0..SIZE).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let nginx = Nginx::start(&bytes).await?;
    let (product, build) = draft(admin).await?;
    let url = link(admin, &product, &build, bytes).await?;
    let pid = server.pid().ok_or("the store is not running")?;
    let memory = Memory::watch(pid);
    for connections in CONNECTIONS {
        let (mut pace, mut cpu) = (Rounds::default(), Rounds::default());
        for _ in 0..ROUNDS {
            let ours = load(&url, pid, connections, seconds)?;
            let theirs = load(&nginx.url, nginx.worker()?, connections, seconds)?;
            pace.note(ours.pace, theirs.pace);
            cpu.note(ours.cpu, theirs.cpu);
        }
        let (ours, theirs, ratio) = pace.medians();
        let shown = format!("{ours:.0} MB/s, nginx {theirs:.0}: {:.0} %", ratio * 100.0);
        let what = format!("download, {connections} connections: pace");
        report.figure(&what, &shown, ratio * 100.0, Bound::AtLeast(LEAST));
        let (ours, theirs, ratio) = cpu.medians();
        let shown = format!("{ours:.2} CPU s/GB, nginx {theirs:.2}: {ratio:.2} ×");
        report.figure(&format!("download, {connections} connections"), &shown, ratio, Bound::AtMost(MOST));
    }
    upload::measure(server, admin, &product, report).await?;
    let peak = memory.end()?;
    let shown = format!("{:.1} MiB", mib(peak));
    report.figure(
        "downloads and uploads: anonymous memory",
        &shown,
        mib(peak),
        Bound::AtMost(MOST_MIB.into()),
    );
    Ok(())
}

/// A free product and a draft of its build.
async fn draft(admin: &Caller) -> Result<(String, String)> {
    let body = json!({"kind": "game", "title": "Bench", "platforms": ["linux"], "prices": [{"currency": "USD", "amount": 0}]});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let product = text(&product, "/id")?.to_owned();
    let body = json!({"version": "1", "platform": "linux"});
    let path = format!("/api/v1/admin/products/{product}/builds");
    let build = admin.call(Method::POST, &path, Some(body)).await?;
    Ok((product, text(&build, "/id")?.to_owned()))
}

/// Lets `bytes` be the one file of the build, buys it, and gives the link.
async fn link(admin: &Caller, product: &str, build: &str, bytes: Vec<u8>) -> Result<String> {
    let reply = admin
        .request(Method::PUT, &format!("/api/v1/admin/builds/{build}/files/bench.bin"))
        .body(bytes)
        .send()
        .await?;
    if reply.status() != StatusCode::CREATED {
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

/// Ours, theirs and the ratio of each round.
#[derive(Default)]
struct Rounds(Vec<f64>, Vec<f64>, Vec<f64>);

impl Rounds {
    fn note(&mut self, ours: f64, theirs: f64) {
        self.0.push(ours);
        self.1.push(theirs);
        self.2.push(ours / theirs);
    }

    fn medians(self) -> (f64, f64, f64) {
        (median(self.0), median(self.1), median(self.2))
    }
}

/// What wrk took.
struct Load {
    /// Megabytes a second.
    pace: f64,
    /// Processor seconds of the server for a gigabyte.
    cpu: f64,
}

/// Lets wrk read an address, and looks at what that costs a process.
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn load(url: &str, pid: u32, connections: &str, seconds: u32) -> Result<Load> {
    let before = cpu_seconds(pid)?;
    let duration = format!("-d{seconds}s");
    let began = Instant::now();
    let output =
        Command::new("wrk").args(["-t1", "-c", connections, &duration, "--timeout", "60s", url]).output()?;
    let (took, used) = (began.elapsed().as_secs_f64(), cpu_seconds(pid)? - before);
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
    let gigabytes = number.parse::<f64>()? * unit as f64 / 1e9;
    Ok(Load { pace: gigabytes * 1000.0 / took, cpu: used / gigabytes })
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
