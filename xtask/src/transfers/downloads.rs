//! Downloads in ranges of which some break off: each is put together whole.

use std::time::Instant;

use aws_lc_rs::digest::{Context, SHA256};
use futures::future::join_all;
use futures::stream;
use reqwest::header::HeaderValue;
use reqwest::{Body, Method, StatusCode};

use super::made::Made;
use super::staff::{self, Staff};
use super::uploads::name_of;
use super::{Args, number, tell};
use crate::bench::process_facts::cpu_seconds;
use crate::bench::report::{Bound, Report};
use crate::memory::{MOST_MIB, Memory};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, Server};
use crate::sizes::{MIB, mib};

/// Bytes that are asked for at a time.
const RANGE: u64 = 32 * MIB;
/// Of so many connections one breaks off.
const BREAKS: usize = 10;
/// Downloads of one account.
const OF_AN_ACCOUNT: usize = 8;
/// How often a part may fail by itself.
const FAILURES: usize = 20;

pub async fn measure(args: &Args, mut server: Server, report: &mut Report) -> Result<()> {
    server.start(&[]).await?;
    let pid = server.pid().ok_or("the store is not running")?;
    let staff = Staff::of(&server).await?;
    let made = Made { number: 0, size: args.download_size };
    let product = offer(&staff, made).await?;
    let mut buyers = Vec::new();
    for number in 0..args.downloads.div_ceil(OF_AN_ACCOUNT) {
        let buyer = server.register(&format!("buyer{number}@example.com")).await?;
        staff::buy(&buyer, &product).await?;
        buyers.push(buyer);
    }
    let expected = made.sha256(0..made.size);
    let memory = Memory::watch(pid);
    let (began, cpu) = (Instant::now(), cpu_seconds(pid)?);
    let downloads = (0..args.downloads).filter_map(|number| {
        let buyer = buyers.get(number / OF_AN_ACCOUNT)?.clone();
        let random = Random::of(args.seed.wrapping_add(number as u64));
        Some(tokio::spawn(Download { buyer, nobody: server.nobody(), random, made }.fetch(product.clone())))
    });
    let (mut equal, mut broken) = (0, 0);
    for fetched in join_all(downloads.collect::<Vec<_>>()).await {
        let (sha256, breaks) = fetched??;
        equal += usize::from(sha256 == expected);
        broken += breaks;
    }
    let (took, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds(pid)? - cpu);
    let peak = memory.end()?;
    let gigabytes = mib(made.size) * number(args.downloads) * 1.048_576e-3;
    let shown = format!(
        "{equal} of {} ({:.0} MiB each, {broken} connections broken off)",
        args.downloads,
        mib(made.size)
    );
    let least = number(args.downloads);
    tell(report, "downloads in ranges: equal", &shown, equal, Bound::AtLeast(least));
    let shown = format!("{:.0} MB/s, {:.2} CPU s/GB", gigabytes * 1000.0 / took, cpu / gigabytes);
    report.figure("downloads in ranges: pace", &shown, 0.0, Bound::None);
    let shown = format!("{:.1} MiB", mib(peak));
    report.figure(
        "downloads in ranges: anonymous memory",
        &shown,
        mib(peak),
        Bound::AtMost(f64::from(MOST_MIB)),
    );
    Ok(())
}

/// A product that everybody may have, whose build is that file.
pub async fn offer(staff: &Staff, made: Made) -> Result<String> {
    let product = staff.product("Offered").await?;
    let build = staff.draft(&product, "1").await?;
    let chunks = stream::unfold(0, move |from| async move {
        let bytes = made.bytes(from);
        let next = from + bytes.len() as u64;
        (!bytes.is_empty()).then_some((Ok::<_, std::io::Error>(bytes), next))
    });
    let path = format!("/api/v1/admin/builds/{build}/files/{}", name_of(made));
    let request = staff.caller().await?.request(Method::PUT, &path).header("content-length", made.size);
    let reply = request.body(Body::wrap_stream(chunks)).send().await?;
    if !reply.status().is_success() {
        return Err(reply.text().await?.into());
    }
    staff.offer(&product, &build).await?;
    Ok(product)
}

/// Somebody who downloads.
struct Download {
    buyer: Caller,
    nobody: Caller,
    random: Random,
    made: Made,
}

impl Download {
    /// Fetches a file range by range; its digest, and how many connections broke off.
    async fn fetch(mut self, product: String) -> Result<(String, usize)> {
        let mut link = staff::link(&self.buyer, &product).await?;
        let (mut digest, mut have, mut broken, mut failures) = (Context::new(&SHA256), 0, 0, 0);
        let mut tag: Option<HeaderValue> = None;
        while have < self.made.size {
            let end = self.made.size.min(have + RANGE);
            let breaks = self.random.below(BREAKS) == 0;
            let enough =
                if breaks { self.random.below(usize::try_from(end - have)?) as u64 } else { u64::MAX };
            match self.range(&link, have..end, tag.as_ref(), enough, &mut digest).await {
                Ok((received, of)) => {
                    have += received;
                    tag = of;
                    broken += usize::from(breaks);
                }
                Err(Broken { received, why }) => {
                    have += received;
                    failures += 1;
                    if failures > FAILURES {
                        return Err(format!("a download failed {failures} times, at last: {why}").into());
                    }
                    link = staff::link(&self.buyer, &product).await?;
                }
            }
        }
        Ok((hex::encode(digest.finish()), broken))
    }

    /// Fetches a range, or at least so many bytes of it; how many came, and of which version they are.
    async fn range(
        &self,
        link: &str,
        range: std::ops::Range<u64>,
        tag: Option<&HeaderValue>,
        enough: u64,
        digest: &mut Context,
    ) -> std::result::Result<(u64, Option<HeaderValue>), Broken> {
        let mut request = self.nobody.request(Method::GET, link);
        request = request.header("range", format!("bytes={}-{}", range.start, range.end - 1));
        if let Some(tag) = tag {
            request = request.header("if-range", tag.clone());
        }
        let mut reply = request.send().await.map_err(|error| Broken::at(0, &error))?;
        if reply.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Broken { received: 0, why: format!("a range was answered {}", reply.status()) });
        }
        let of = reply.headers().get("etag").cloned();
        let mut received = 0;
        while received < enough {
            match reply.chunk().await {
                Ok(Some(chunk)) => {
                    digest.update(&chunk);
                    received += chunk.len() as u64;
                }
                Ok(None) => break,
                Err(error) => return Err(Broken::at(received, &error)),
            }
        }
        Ok((received, of))
    }
}

/// A range that broke off by itself after some bytes.
struct Broken {
    received: u64,
    why: String,
}

impl Broken {
    fn at(received: u64, error: &reqwest::Error) -> Self {
        Self { received, why: error.to_string() }
    }
}
