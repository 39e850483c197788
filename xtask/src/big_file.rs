//! `cargo xtask big-file`: a file of many gigabytes goes in and comes out, in flat memory and byte for byte.

use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use aws_lc_rs::digest::{Context, SHA256};
use futures::stream;
use reqwest::{Body, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::bench::process_facts::cpu_seconds;
use crate::memory::{MOST_MIB, Memory};
use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, Server, build, text};
use crate::sizes::{MIB, mib, size};
use crate::tools;

/// Bytes that are made at a time.
const CHUNK: u64 = MIB;

/// Upload a large file, download half of it, break off, go on with a new link; check each byte and the memory.
#[derive(clap::Args)]
pub struct Args {
    /// Such as 5GiB, 300MiB or a number of bytes.
    #[arg(long, default_value = "5GiB", value_parser = size)]
    size: u64,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result {
    let mist = build(true)?;
    let postgres = if args.postgres {
        tools::need_postgres()?;
        Some(Postgres::start()?)
    } else {
        None
    };
    let database = postgres.as_ref().map(Postgres::url);
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut server = Server::new(&mist, database.as_deref()).await?;
        server.start(&[]).await?;
        prove(&server, args.size).await
    })
}

async fn prove(server: &Server, size: u64) -> Result {
    let pid = server.pid().ok_or("the store is not running")?;
    let admin = server.admin().await?;
    let (product, build) = draft(&admin).await?;
    let expected = digest_of(0..size);
    let memory = Memory::watch(pid);

    let stopwatch = Stopwatch::start(pid)?;
    upload(&admin, &build, size, &expected).await?;
    stopwatch.tell("upload", size)?;

    // However long that took, a fresh token.
    let admin = server.sign_in(ADMIN).await?;
    sell(&admin, &product, &build).await?;
    let stopwatch = Stopwatch::start(pid)?;
    let received = download(server, &admin, &product, size).await?;
    stopwatch.tell("download", size)?;

    let peak = memory.end()?;
    println!("peak of anonymous memory: {:.1} MiB, at most {MOST_MIB} MiB", mib(peak));
    println!("sent     sha-256 {}", hex::encode(&expected));
    println!("received sha-256 {}", hex::encode(&received));
    let holds = received == expected && peak <= u64::from(MOST_MIB) * MIB;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A free product and a draft of its build.
async fn draft(admin: &Caller) -> Result<(String, String)> {
    let prices = json!([{"currency": "USD", "amount": 0}]);
    let body = json!({"kind": "game", "title": "Large", "platforms": ["linux"], "prices": prices});
    let product = admin.call(Method::POST, "/api/v1/admin/products", Some(body)).await?;
    let product = text(&product, "/id")?.to_owned();
    let path = format!("/api/v1/admin/products/{product}/builds");
    let build = admin.call(Method::POST, &path, Some(json!({"version": "1", "platform": "linux"}))).await?;
    Ok((product, text(&build, "/id")?.to_owned()))
}

/// Streams the file from nowhere.
async fn upload(admin: &Caller, build: &str, size: u64, digest: &[u8]) -> Result<()> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let chunks = stream::iter(chunks(0..size).map(|range| Ok::<_, std::io::Error>(bytes(range))));
    let reply = admin
        .request(Method::PUT, &format!("/api/v1/admin/builds/{build}/files/large.bin"))
        .header("content-length", size)
        .header("repr-digest", format!("sha-256=:{}:", STANDARD.encode(digest)))
        .body(Body::wrap_stream(chunks))
        .send()
        .await?;
    let status = reply.status();
    let file: Value = serde_json::from_str(&reply.text().await?)?;
    let told =
        (file.pointer("/size").and_then(Value::as_u64), file.pointer("/sha256").and_then(Value::as_str));
    if status != StatusCode::CREATED || told != (Some(size), Some(hex::encode(digest).as_str())) {
        return Err(format!("the upload was answered {status} {file}").into());
    }
    Ok(())
}

/// Releases the build, publishes the product, and buys it.
async fn sell(admin: &Caller, product: &str, build: &str) -> Result<()> {
    admin.call(Method::POST, &format!("/api/v1/admin/builds/{build}/release"), None).await?;
    admin.call(Method::POST, &format!("/api/v1/admin/products/{product}/publish"), None).await?;
    let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    admin.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
    Ok(())
}

/// Downloads half, breaks off, goes on with a new link, and gives the digest of both halves.
async fn download(server: &Server, admin: &Caller, product: &str, size: u64) -> Result<Vec<u8>> {
    let nobody = server.nobody();
    let mut digest = Context::new(&SHA256);
    let mut first = nobody.request(Method::GET, &link(admin, product).await?).send().await?;
    expect(&first, StatusCode::OK)?;
    let etag = first.headers().get("etag").ok_or("no entity tag")?.clone();
    let half = receive(&mut first, &mut digest, size / 2).await?;
    drop(first);

    let link = link(admin, product).await?;
    let range = format!("bytes={half}-");
    let mut rest =
        nobody.request(Method::GET, &link).header("range", range).header("if-range", etag).send().await?;
    expect(&rest, StatusCode::PARTIAL_CONTENT)?;
    let length = half + receive(&mut rest, &mut digest, u64::MAX).await?;
    println!("broke off after {half} bytes, went on to {length}");
    Ok(digest.finish().as_ref().to_vec())
}

async fn link(admin: &Caller, product: &str) -> Result<String> {
    let path = format!("/api/v1/library/{product}/downloads");
    let download = admin.call(Method::POST, &path, Some(json!({}))).await?;
    Ok(text(&download, "/url")?.to_owned())
}

fn expect(response: &Response, status: StatusCode) -> Result<()> {
    let got = response.status();
    if got == status { Ok(()) } else { Err(format!("the download was answered {got}, not {status}").into()) }
}

/// Digests what comes until there were at least that many bytes; says how many.
async fn receive(response: &mut Response, digest: &mut Context, enough: u64) -> Result<u64> {
    let mut received = 0;
    while received < enough {
        let Some(chunk) = response.chunk().await? else { break };
        digest.update(&chunk);
        received += chunk.len() as u64;
    }
    Ok(received)
}

/// The digest of a stretch of the file.
fn digest_of(range: Range<u64>) -> Vec<u8> {
    let mut digest = Context::new(&SHA256);
    for range in chunks(range) {
        digest.update(&bytes(range));
    }
    digest.finish().as_ref().to_vec()
}

fn chunks(range: Range<u64>) -> impl Iterator<Item = Range<u64>> + Send {
    let end = range.end;
    let step = usize::try_from(CHUNK).unwrap_or(usize::MAX);
    range.step_by(step).map(move |start| start..(start + CHUNK).min(end))
}

/// A stretch of the file that begins at a multiple of 8: splitmix64 of the place, so that no two stretches are alike.
fn bytes(range: Range<u64>) -> Vec<u8> {
    let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let words = (range.start / 8..range.end.div_ceil(8)).flat_map(|place| {
        let mut word = place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)).to_le_bytes()
    });
    words.take(length).collect()
}

/// Time and processor time of a step.
struct Stopwatch {
    pid: u32,
    began: Instant,
    cpu: f64,
}

impl Stopwatch {
    fn start(pid: u32) -> Result<Self> {
        Ok(Self { pid, began: Instant::now(), cpu: cpu_seconds(pid)? })
    }

    #[expect(clippy::cast_precision_loss, reason = "for reading")]
    fn tell(self, step: &str, size: u64) -> Result<()> {
        let (time, cpu) = (self.began.elapsed().as_secs_f64(), cpu_seconds(self.pid)? - self.cpu);
        let gigabytes = size as f64 / 1e9;
        println!(
            "{step}: {time:.1} s, {:.0} MB/s, {:.2} CPU s/GB",
            gigabytes * 1000.0 / time,
            cpu / gigabytes
        );
        Ok(())
    }
}
