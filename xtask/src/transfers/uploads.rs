//! Uploads that are cut again and again, by their sender, by the end of the store, and by S3: each comes whole in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::{self, TryStreamExt};
use tokio::sync::mpsc;

use super::bucket::Bucket;
use super::faults::Faults;
use super::leftovers::{self, Place};
use super::made::Made;
use super::sender::{Cut, Sender};
use super::staff::Staff;
use super::{Args, number, tell};
use crate::bench::report::{Bound, Report};
use crate::memory::{MOST_MIB, Memory};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Server, text};
use crate::sizes::{MIB, mib};

/// Files of one build.
const OF_A_BUILD: usize = 10;
/// Smallest and largest of the small files, MiB.
const SMALL: (u64, u64) = (1, 20);
/// Who wants the store to end waits for others that do.
const GATHERED: Duration = Duration::from_millis(200);

/// Sends all files to a store over a folder, or over S3 with what answers 500 before it.
pub async fn measure(args: &Args, mut server: Server, on_s3: bool, report: &mut Report) -> Result<()> {
    let name = if on_s3 { "S3" } else { "a folder" };
    let bucket = if on_s3 { Some(Bucket::start()?) } else { None };
    let faults = match &bucket {
        Some(bucket) => Some(Faults::before(bucket.port).await?),
        None => None,
    };
    if let Some(faults) = &faults {
        Bucket::serve(faults.port, &mut server);
    }
    server.start(&[]).await?;
    let memory = Memory::watch(server.pid().ok_or("the store is not running")?);
    let staff = Staff::of(&server).await?;
    let files = planned(args, &staff).await?;
    let total: u64 = files.iter().map(|(made, _)| made.size).sum();
    println!("{} files of {:.0} MiB together, on {name}", files.len(), mib(total));

    let (kill, mut kills) = mpsc::unbounded_channel();
    let sender = Arc::new(Sender { staff, faults, kill });
    let began = Instant::now();
    let sending = tokio::spawn(send_all(args.clone(), Arc::clone(&sender), files.clone()));
    let killed = kill_when_asked(&mut server, &memory, &mut kills, &sending).await?;
    let cuts = sending.await??;
    let took = began.elapsed();

    let mut wrong = 0;
    for (made, build) in &files {
        let told = sender.staff.build(build).await?;
        let list = told.pointer("/files").and_then(|files| files.as_array()).cloned().unwrap_or_default();
        let name = name_of(*made);
        let found = list.iter().find(|file| text(file, "/name").is_ok_and(|found| found == name));
        let expected = made.sha256(0..made.size);
        if !found.is_some_and(|file| text(file, "/sha256").is_ok_and(|sha256| sha256 == expected)) {
            println!("{name} is not what was sent: {found:?}");
            wrong += 1;
        }
    }
    let answered = sender.faults.as_ref().map_or(0, Faults::answered);
    println!(
        "{} parts broken off, the store killed {killed} times, {answered} requests answered 500, in {took:.0?}",
        cuts.iter().sum::<usize>()
    );
    let fewest = cuts.iter().copied().min().unwrap_or(0);
    let peak = memory.end()?;
    let whole = files.len() - wrong;
    let what = |what: &str| format!("uploads to {name}: {what}");
    let shown = format!("{whole} of {} ({:.0} MiB)", files.len(), mib(total));
    tell(report, &what("whole, by their digests"), &shown, whole, Bound::AtLeast(number(files.len())));
    tell(report, &what("cuts of each"), &fewest.to_string(), fewest, Bound::AtLeast(number(args.cuts)));
    let shown = format!("{:.1} MiB", mib(peak));
    report.figure(&what("anonymous memory"), &shown, mib(peak), Bound::AtMost(f64::from(MOST_MIB)));

    let place = match &bucket {
        Some(bucket) => Place::Bucket(bucket),
        None => Place::Folder,
    };
    let left = leftovers::after_collecting(&server, &place, files.len())?;
    tell(report, &what("left over after `objects gc`"), &left.to_string(), left, Bound::AtMost(0.0));
    server.run(&["objects", "verify", "--digests"], "")?;
    Ok(())
}

/// The name of a file.
pub fn name_of(made: Made) -> String {
    format!("file-{}.bin", made.number)
}

/// The files and where they go.
async fn planned(args: &Args, staff: &Staff) -> Result<Vec<(Made, String)>> {
    let product = staff.product("Cut").await?;
    let mut random = Random::of(args.seed);
    let large = args.largest * 2 / 5;
    let mut sizes: Vec<u64> =
        (0..args.small).map(|_| between(&mut random, SMALL.0 * MIB, SMALL.1 * MIB)).collect();
    sizes.extend((0..args.large).map(|_| between(&mut random, large, args.largest)));
    let (mut files, mut build) = (Vec::new(), String::new());
    for (place, size) in sizes.into_iter().enumerate() {
        if place % OF_A_BUILD == 0 {
            build = staff.draft(&product, &format!("{}", place / OF_A_BUILD)).await?;
        }
        files.push((Made { number: place as u64 + 1, size }, build.clone()));
    }
    Ok(files)
}

fn between(random: &mut Random, least: u64, most: u64) -> u64 {
    least + random.below(usize::try_from(most.saturating_sub(least)).unwrap_or(usize::MAX)) as u64
}

/// Sends them, some at once, the large ones first; how often each was cut.
async fn send_all(args: Args, sender: Arc<Sender>, files: Vec<(Made, String)>) -> Result<Vec<usize>> {
    let (all, done) = (files.len(), Arc::new(AtomicUsize::new(0)));
    let kinds: &[Cut] = if sender.faults.is_some() { &Cut::ALL } else { &Cut::OF_A_FOLDER };
    let mut sent = Vec::new();
    for (made, build) in files.into_iter().rev() {
        let mut random = Random::of(args.seed.wrapping_add(made.number));
        let cuts: Vec<Cut> = (0..args.cuts).filter_map(|_| random.one_of(kinds).copied()).collect();
        let (sender, done) = (Arc::clone(&sender), Arc::clone(&done));
        sent.push(async move {
            let cuts = sender.bring(made, &build, cuts, random).await?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            println!("{done} of {all}: {} of {:.1} MiB, cut {cuts} times", name_of(made), mib(made.size));
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(cuts)
        });
    }
    stream::iter(sent).buffer_unordered(args.at_once.max(1)).try_collect().await
}

/// Kills the store and starts it again whenever somebody asks for that, until all is sent.
async fn kill_when_asked<T>(
    server: &mut Server,
    memory: &Memory,
    kills: &mut mpsc::UnboundedReceiver<()>,
    sending: &tokio::task::JoinHandle<T>,
) -> Result<usize> {
    let mut killed = 0;
    while !sending.is_finished() {
        // Looked at now and then, for the end of the sending says nothing here.
        let Ok(asked) = tokio::time::timeout(GATHERED, kills.recv()).await else { continue };
        if asked.is_none() {
            break;
        }
        tokio::time::sleep(GATHERED).await;
        while kills.try_recv().is_ok() {}
        server.kill()?;
        server.start(&[]).await?;
        memory.follow(server.pid().ok_or("the store is not running")?);
        killed += 1;
    }
    Ok(killed)
}
