//! Hundreds who read slowly: they hold no connection of the database, and slow nobody else down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Method, Url};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::downloads;
use super::made::Made;
use super::staff::{self, Staff};
use super::{Args, number, tell};
use crate::bench::report::{Bound, Report};
use crate::memory::{MOST_MIB, Memory};
use crate::postgres::asked;
use crate::process::Result;
use crate::server::{Caller, Server};
use crate::sizes::{MIB, mib};

/// Bytes of the file, more than anybody reads.
const SIZE: u64 = 64 * MIB;
/// What is read at a time, bytes.
const SIP: usize = 1024;
/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// What the system may take in for a reader, bytes, so that the store notices how slow it is.
const WINDOW: u32 = 4 * 1024;
/// Between two looks at a list.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Times below this say more of the machine than of the store.
const LEAST: Duration = Duration::from_millis(2);

pub async fn measure(args: &Args, mut server: Server, report: &mut Report) -> Result<()> {
    server.set("MIST_DELIVERY__STREAMS_PER_ACCOUNT", &args.readers.max(1).to_string());
    server.start(&["--demo"]).await?;
    let pid = server.pid().ok_or("the store is not running")?;
    let staff = Staff::of(&server).await?;
    let product = downloads::offer(&staff, Made { number: 0, size: SIZE }).await?;
    let buyer = server.register("slow@example.com").await?;
    staff::buy(&buyer, &product).await?;
    let link: Url = staff::link(&buyer, &product).await?.parse()?;
    let (list, library) = ("/api/v1/products?limit=24", "/api/v1/library");
    let look = Duration::from_secs(args.seconds);
    let idle = [percentile(&server.nobody(), list, look).await?, percentile(&buyer, library, look).await?];

    let memory = Memory::watch(pid);
    let reading = Arc::new(AtomicUsize::new(0));
    let address: SocketAddr =
        link.socket_addrs(|| None)?.into_iter().next().ok_or("the link leads nowhere")?;
    let readers: Vec<_> = (0..args.readers)
        .map(|_| tokio::spawn(read_slowly(address, link.clone(), Arc::clone(&reading))))
        .collect();
    let began = Instant::now();
    while reading.load(Ordering::Relaxed) < args.readers && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let slow = [percentile(&server.nobody(), list, look).await?, percentile(&buyer, library, look).await?];
    let held = match server.database() {
        Some(database) => Some(connections(database)?),
        None => None,
    };
    let still = reading.load(Ordering::Relaxed);
    for reader in readers {
        reader.abort();
    }
    let peak = memory.end()?;

    tell(
        report,
        "slow readers at 1 KB/s, to the end",
        &still.to_string(),
        still,
        Bound::AtLeast(number(args.readers)),
    );
    for (what, idle, slow) in [("list", idle[0], slow[0]), ("library, from the database", idle[1], slow[1])] {
        let ratio = slow.as_secs_f64() / idle.max(LEAST).as_secs_f64();
        let shown = format!("{slow:.1?} with them, {idle:.1?} without: {ratio:.2} × (of {LEAST:?} at least)");
        report.figure(&format!("slow readers: p99 of the {what}"), &shown, ratio, Bound::AtMost(2.0));
    }
    if let Some(held) = held {
        tell(
            report,
            "slow readers: connections of the database at work",
            &held.to_string(),
            held,
            Bound::AtMost(2.0),
        );
    }
    let shown = format!("{:.1} MiB", mib(peak));
    report.figure("slow readers: anonymous memory", &shown, mib(peak), Bound::AtMost(f64::from(MOST_MIB)));
    Ok(())
}

/// Connections that do something, or have a transaction open.
fn connections(database: &str) -> Result<usize> {
    let statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND pid <> pg_backend_pid() AND state <> 'idle'";
    Ok(asked(database, statement)?.parse()?)
}

/// The 99th percentile of how long an answer takes.
async fn percentile(caller: &Caller, path: &str, time: Duration) -> Result<Duration> {
    let (mut took, end) = (Vec::new(), Instant::now() + time);
    while Instant::now() < end {
        let began = Instant::now();
        caller.call(Method::GET, path, None).await?;
        took.push(began.elapsed());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    took.sort_unstable();
    took.get(took.len() * 99 / 100).copied().ok_or_else(|| "nothing was looked at".into())
}

/// Reads a kilobyte each second for as long as it is let; counted while it does.
async fn read_slowly(address: SocketAddr, link: Url, reading: Arc<AtomicUsize>) -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(WINDOW)?;
    let mut stream = socket.connect(address).await?;
    let path =
        link.query().map_or_else(|| link.path().to_owned(), |query| format!("{}?{query}", link.path()));
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await?;
    let mut sip = [0; SIP];
    if stream.read(&mut sip).await? == 0 || !sip.starts_with(b"HTTP/1.1 200") {
        return Err(format!("a slow reader was answered {}", String::from_utf8_lossy(&sip)).into());
    }
    reading.fetch_add(1, Ordering::Relaxed);
    loop {
        tokio::time::sleep(EVERY).await;
        if stream.read(&mut sip).await.is_ok_and(|read| read > 0) {
            continue;
        }
        reading.fetch_sub(1, Ordering::Relaxed);
        return Err("a slow reader was cut off".into());
    }
}
