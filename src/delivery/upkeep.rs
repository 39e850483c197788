//! Looking after the bytes: whether they are all there, what nobody has, and moving them elsewhere.
use std::time::SystemTime;

use chrono::Duration;
use futures::{StreamExt, TryStreamExt, stream};
use objects::{Found, LEFTOVER_AGE, Objects, Stored, Verdict};

use super::{direct_uploads, resumable::prune_uploads, scanner, upload_queries};
use crate::{
    app::App,
    catalog::object_rows,
    config::StorageKind,
    error::{Error, Result},
    storage,
};

/// Rows or objects that are looked up together.
const PAGE: u64 = 500;
/// Objects whose sizes are asked at once.
const SIZES_AT_ONCE: usize = 16;
/// Objects that are read, or copied, at once.
const READ_AT_ONCE: usize = 4;

/// An object that is not as its row says.
#[derive(Debug)]
pub struct Broken {
    /// The object's row.
    pub object: Stored,
    /// What was found.
    pub verdict: Verdict,
}

/// What [`verify_objects`] found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Objects that were looked at.
    pub looked_at: u64,
    /// Those that are broken.
    pub broken: Vec<Broken>,
}

/// Compares every object with its row: its size, or all of its bytes.
pub async fn verify_objects(app: &App, digests: bool) -> Result<Verified> {
    let mut verified = Verified::default();
    let mut after = String::new();
    while let Some((rows, last)) = page(app, &after).await? {
        after = last;
        let at_once = if digests { READ_AT_ONCE } else { SIZES_AT_ONCE };
        let judged = stream::iter(rows).map(|object| judge(&app.objects, object, digests));
        let judged: Vec<Broken> = judged.buffered(at_once).try_collect().await?;
        verified.looked_at += judged.len() as u64;
        verified.broken.extend(judged.into_iter().filter(|judged| judged.verdict != Verdict::Sound));
    }
    Ok(verified)
}

async fn judge(objects: &Objects, object: Stored, digests: bool) -> Result<Broken> {
    let verdict = if digests {
        objects.verify(&object.key, object.size, &object.sha256).await?
    } else {
        objects.verify_size(&object.key, object.size).await?
    };
    Ok(Broken { object, verdict })
}

/// A page of rows and the name of its last, if there is one.
async fn page(app: &App, after: &str) -> Result<Option<(Vec<Stored>, String)>> {
    let rows = object_rows::page(&app.db.read, after, PAGE).await?;
    let last = rows.last().map(|last| last.key.as_str().to_owned());
    Ok(last.map(|last| (rows, last)))
}

/// What [`collect_garbage`] removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Rows of objects that no file refers to.
    pub rows: u64,
    /// Objects without a row.
    pub orphans: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Multipart uploads that came to no end; none where the storage can't list them.
    pub open_uploads: Option<u64>,
    /// Uploads in parts that are past their time.
    pub expired_uploads: u64,
}

/// Removes what nobody has and nobody will have: an object gets its row within a day of its bytes, or never.
pub async fn collect_garbage(app: &App) -> Result<Collected> {
    let before = app.clock.now() - Duration::from_std(LEFTOVER_AGE).map_err(Error::unexpected)?;
    let rows = object_rows::remove_unused(app, before).await?;
    let mut collected = Collected { rows, ..Collected::default() };
    let before = SystemTime::from(before);
    let mut old = app.objects.list().try_filter(|found| std::future::ready(found.modified < before)).fuse();
    loop {
        let mut batch = Vec::new();
        while batch.len() < SIZES_AT_ONCE * SIZES_AT_ONCE {
            let Some(found) = old.try_next().await? else { break };
            batch.push(found);
        }
        if batch.is_empty() {
            break;
        }
        remove_orphans(app, batch, before, &mut collected).await?;
    }
    collected.open_uploads = app.objects.abort_uploads_older(before).await?;
    collected.expired_uploads = prune_uploads(app).await?;
    scanner::remove_leftovers(app, before).await?;
    Ok(collected)
}

/// The same, and says so where something was removed.
pub async fn remove_garbage(app: &App) -> Result<()> {
    let collected = collect_garbage(app).await?;
    if collected != (Collected { open_uploads: collected.open_uploads, ..Collected::default() })
        || collected.open_uploads.is_some_and(|uploads| uploads > 0)
    {
        tracing::info!(?collected, "what nobody has was removed");
    }
    Ok(())
}

async fn remove_orphans(
    app: &App,
    found: Vec<Found>,
    before: SystemTime,
    collected: &mut Collected,
) -> Result<()> {
    let keys: Vec<_> = found.iter().map(|found| found.key.clone()).collect();
    // In this order: what is awaited becomes an object, and an object is awaited no more.
    let mut known = direct_uploads::awaited(&app.db.read, &keys).await?;
    known.extend(object_rows::known(&app.db.read, &keys).await?);
    for orphan in found.iter().filter(|found| !known.iter().any(|key| key == found.key.as_str())) {
        if app.objects.delete_older(&orphan.key, before).await? {
            collected.orphans += 1;
            collected.bytes += orphan.size;
        }
    }
    Ok(())
}

/// What [`migrate_objects`] did.
#[derive(Debug, Default)]
pub struct Migrated {
    /// Objects that were copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that were there already.
    pub there: u64,
    /// Objects that could not be copied, because they are missing or damaged where they should be.
    pub broken: Vec<Stored>,
    /// Uploads in parts that are open: they are not moved, and their senders begin anew.
    pub open_uploads: u64,
}

enum Outcome {
    Copied(u64),
    There,
    Broken(Stored),
}

/// Copies every object into another storage, where it is not yet; what is added meanwhile is copied by the next run.
pub async fn migrate_objects(app: &App, to: StorageKind) -> Result<Migrated> {
    let target = storage::open(&app.config, to)?;
    target.probe().await?;
    let mut migrated = Migrated::default();
    let mut after = String::new();
    while let Some((rows, last)) = page(app, &after).await? {
        after = last;
        let copied = stream::iter(rows).map(|object| copy(&app.objects, &target, object));
        let outcomes: Vec<Outcome> = copied.buffered(READ_AT_ONCE).try_collect().await?;
        for outcome in outcomes {
            match outcome {
                Outcome::Copied(bytes) => {
                    migrated.copied += 1;
                    migrated.bytes += bytes;
                }
                Outcome::There => migrated.there += 1,
                Outcome::Broken(object) => migrated.broken.push(object),
            }
        }
    }
    migrated.open_uploads = upload_queries::count_all_open(&app.db.read).await?;
    Ok(migrated)
}

async fn copy(from: &Objects, to: &Objects, object: Stored) -> Result<Outcome> {
    if to.verify_size(&object.key, object.size).await? == Verdict::Sound {
        return Ok(Outcome::There);
    }
    match to.copy(from, &object).await {
        Ok(()) => Ok(Outcome::Copied(object.size)),
        Err(objects::Error::NotFound) => Ok(Outcome::Broken(object)),
        // One that is cut short stands in the way of no other.
        Err(error) => match from.verify_size(&object.key, object.size).await? {
            Verdict::Sound => Err(error.into()),
            _ => Ok(Outcome::Broken(object)),
        },
    }
}
