//! Uploads straight into the bucket: begun and ended here, while the bytes go by signed addresses past the store.
//!
//! What came is known only by reading it, so a job does before it becomes a file; until then the build is not released.
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use entity::direct_upload::{Model, Status};
use objects::{Completed, Direct, Key, Stored};
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::{direct_upload_queries as queries, files, quota};
use crate::{
    app::App,
    catalog::{builds, object_rows},
    error::{Error, NOT_FOUND, Refusal, Result},
    values::FileName,
    web::json::PAYLOAD_TOO_LARGE,
};

/// The kind of job that reads what came.
pub(super) const VERIFY: &str = "delivery.verify_direct_upload";
/// How long parts are taken: less than the day after which what nobody has is removed.
const LIFE: Duration = Duration::hours(23);
/// Such uploads of one build that are open or being read.
const MOST_OPEN: u64 = 100;
/// Uploads past their time that are removed at once.
const REMOVED_AT_ONCE: u64 = 100;

const NO_DIRECT_UPLOADS: Refusal = Refusal::conflict(
    "no_direct_uploads",
    "This store takes files itself; put them, or upload them in parts.",
);
const TOO_MANY_UPLOADS: Refusal = Refusal::conflict(
    "too_many_uploads",
    "At most 100 uploads to a build are open at a time; end one first.",
);
const UPLOAD_EXPIRED: Refusal = Refusal::with_status(
    http::StatusCode::GONE,
    "upload_expired",
    "The upload is past its time; begin a new one.",
);
const INVALID_PARTS: Refusal = Refusal::invalid(
    "invalid_parts",
    "The bucket does not have these parts; send what is missing, and name each part once.",
);
const NOT_VERIFIED: Refusal =
    Refusal::conflict("not_verified", "What was uploaded straight into the bucket is still being read.");

/// What the job is told.
#[derive(Serialize)]
struct Verify {
    upload_id: Uuid,
}

/// A part and where it goes.
pub(super) struct Part {
    /// From 1.
    pub(super) number: u64,
    /// Bytes.
    pub(super) size: u64,
    /// PUT it there.
    pub(super) url: String,
}

/// The parts of an open upload, and until when their addresses are good.
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Begins an upload of so many bytes: 409 `no_direct_uploads`, 413, 404 or 409 as the build is.
pub(super) async fn begin(app: &App, build: Uuid, name: &FileName, size: u64) -> Result<Model> {
    if size > app.config.delivery.max_file_bytes {
        return Err(PAYLOAD_TOO_LARGE.into());
    }
    let direct = app.objects.begin_direct(size).await?.ok_or(NO_DIRECT_UPLOADS)?;
    let row = row(app, build, name, size, &direct)?;
    let begun = app.db.write(async |tx| {
        quota::lock(app, tx, build).await?;
        if queries::count_open(tx, build).await? >= MOST_OPEN {
            return Err(TOO_MANY_UPLOADS.into());
        }
        quota::require_room(app, tx, build, size, row.created_at).await?;
        Ok(queries::insert(tx, row.clone()).await?)
    });
    if let Err(error) = begun.await {
        forget(app, &row).await;
        return Err(error);
    }
    Ok(row)
}

fn row(app: &App, build_id: Uuid, name: &FileName, size: u64, direct: &Direct) -> Result<Model> {
    let now = app.clock.now();
    Ok(Model {
        id: app.clock.new_id(),
        build_id,
        file_name: name.as_str().to_owned(),
        size: i64::try_from(size).map_err(Error::unexpected)?,
        object_key: direct.key.as_str().to_owned(),
        multipart_id: direct.upload.clone(),
        part_bytes: i64::try_from(direct.part_bytes).map_err(Error::unexpected)?,
        status: Status::Open,
        refusal: None,
        created_at: now,
        expires_at: now + LIFE,
    })
}

/// An upload; 404, 410 when it is open and past its time.
pub(super) async fn find(app: &App, build: Uuid, id: Uuid) -> Result<Model> {
    let row = queries::upload(&app.db.read, build, id).await?.ok_or(NOT_FOUND)?;
    let late = row.status == Status::Open && row.expires_at <= app.clock.now();
    if late { Err(UPLOAD_EXPIRED.into()) } else { Ok(row) }
}

/// The parts of an upload with new addresses; none unless it is open.
pub(super) async fn parts(app: &App, row: &Model) -> Result<Option<Parts>> {
    if row.status != Status::Open {
        return Ok(None);
    }
    let left = (row.expires_at - app.clock.now()).to_std().unwrap_or(StdDuration::ZERO);
    let life = app.objects.direct_life(left).await?.ok_or(NO_DIRECT_UPLOADS)?;
    let (direct, size) = (direct(row)?, size(row)?);
    let mut parts = Vec::new();
    for number in 1..=direct.parts(size) {
        let from = (number - 1) * direct.part_bytes;
        let url = app.objects.direct_part(&direct, number, life).await?;
        parts.push(Part { number, size: direct.part_bytes.min(size - from), url });
    }
    let expires_at = app.clock.now() + Duration::from_std(life).map_err(Error::unexpected)?;
    Ok(Some(Parts { parts, expires_at }))
}

/// Ends the sending: the parts, named by what the bucket answered to each, become an object that is read next. Doing so
/// again changes nothing. 422 `invalid_parts`.
pub(super) async fn complete(app: &App, build: Uuid, id: Uuid, named: Vec<(u64, String)>) -> Result<Model> {
    let row = find(app, build, id).await?;
    match row.status {
        Status::Open => {}
        Status::Verifying => {
            have_read(app, &[id]).await?;
            return Ok(row);
        }
        Status::Verified | Status::Refused => return Ok(row),
    }
    builds::require_draft(&app.db.read, build).await?;
    let direct = direct(&row)?;
    let tags = in_order(named, direct.parts(size(&row)?))?;
    match app.objects.complete_direct(&direct, tags).await? {
        Completed::Whole => {}
        Completed::Refused => return Err(INVALID_PARTS.into()),
    }
    app.db
        .write(async |tx| {
            // Locked, so that the build is not released between this and what its release looks at.
            builds::lock_draft(tx, build).await?;
            if queries::settle(tx, id, Status::Open, Status::Verifying, None).await? {
                enqueue(app, tx, id).await?;
            }
            Ok(())
        })
        .await?;
    app.wake.poke();
    find(app, build, id).await
}

/// Has what waits to be read for a build read, should its job have been lost.
pub(super) async fn ask_of_build(app: &App, build: Uuid) -> Result<()> {
    have_read(app, &queries::verifying(&app.db.read, build).await?).await
}

async fn have_read(app: &App, uploads: &[Uuid]) -> Result<()> {
    if uploads.is_empty() {
        return Ok(());
    }
    app.db
        .write(async |tx| {
            for id in uploads {
                enqueue(app, tx, *id).await?;
            }
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// Enqueues the job that reads an upload, unless there is one.
async fn enqueue(app: &App, tx: &impl ConnectionTrait, upload_id: Uuid) -> Result<()> {
    let job = NewJob::new(app.clock.new_id(), VERIFY, &Verify { upload_id });
    queue::enqueue(tx, job.dedupe(format!("{VERIFY}:{upload_id}")), app.clock.now()).await?;
    Ok(())
}

/// The entity tags of all parts in their order; 422 unless each is named once.
fn in_order(mut named: Vec<(u64, String)>, parts: u64) -> Result<Vec<String>> {
    named.sort_by_key(|(number, _)| *number);
    if !named.iter().map(|(number, _)| *number).eq(1..=parts) {
        return Err(INVALID_PARTS.into());
    }
    Ok(named.into_iter().map(|(_, tag)| tag).collect())
}

/// Reads what came, and makes it a file of its build. It may have been done before by a job that was cut off. What could not
/// be read at the `last` attempt is refused, so that its build waits for it no longer.
pub(super) async fn verify(app: &App, id: Uuid, last: bool) -> Result<()> {
    let Some(row) = queries::known(&app.db.read, id).await? else { return Ok(()) };
    if row.status != Status::Verifying {
        return Ok(());
    }
    let read = read(app, &row).await;
    if read.is_err() && last {
        refuse(app, &row, "unreadable").await?;
    }
    read
}

async fn read(app: &App, row: &Model) -> Result<()> {
    let (id, key, size) =
        (row.id, Key::parse(row.object_key.as_str()).map_err(Error::unexpected)?, size(row)?);
    match app.objects.size(&key).await {
        Ok(found) if found == size => {}
        Ok(_) => return refuse(app, row, "wrong_size").await,
        Err(objects::Error::NotFound) => return refuse(app, row, "missing").await,
        Err(error) => return Err(error.into()),
    }
    let stored = Stored { sha256: app.objects.digest(&key, size).await?, key, size };
    let name = FileName::parse(&row.file_name).map_err(|invalid| Error::unexpected(invalid.code))?;
    object_rows::restore(app, &stored).await?;
    let made = app.db.write(async |tx| {
        let file = files::put_in(app, tx, row.build_id, &name, &stored).await?;
        // Ended meanwhile: then this puts nothing.
        let settled = queries::settle(tx, id, Status::Verifying, Status::Verified, None).await?;
        if settled { Ok(file.object_key) } else { Err(NOT_FOUND.into()) }
    });
    match made.await {
        Ok(kept) => {
            app.wake.poke();
            object_rows::drop_duplicate(app, &stored, &kept).await;
            Ok(())
        }
        Err(Error::Refused(refusal, _)) => refuse(app, row, refusal.code).await,
        Err(error) => Err(error),
    }
}

async fn refuse(app: &App, row: &Model, why: &str) -> Result<()> {
    let refused = async |tx: &sea_orm::DatabaseTransaction| {
        Ok(queries::settle(tx, row.id, Status::Verifying, Status::Refused, Some(why)).await?)
    };
    if app.db.write(refused).await? {
        tracing::warn!(upload = %row.id, why, "what was uploaded into the bucket became no file");
        forget(app, row).await;
    }
    Ok(())
}

/// Ends an upload, and frees its bytes unless they are a file by now; 404.
pub(super) async fn end(app: &App, build: Uuid, id: Uuid) -> Result<()> {
    let row = queries::upload(&app.db.read, build, id).await?.ok_or(NOT_FOUND)?;
    let unused = app.db.write(async |tx| Ok(queries::delete_unused(tx, id).await?)).await?;
    if unused {
        forget(app, &row).await;
    } else {
        app.db.write(async |tx| Ok(queries::delete(tx, id).await?)).await?;
    }
    Ok(())
}

/// Removes the uploads that are past their time, and says how many. What is being read stays until that is done.
pub(super) async fn prune(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let mut removed = 0;
    for row in queries::expired(&app.db.read, now, REMOVED_AT_ONCE).await? {
        let unused = app.db.write(async |tx| Ok(queries::delete_expired(tx, &row).await?)).await?;
        if unused {
            removed += 1;
            if row.status == Status::Open {
                forget(app, &row).await;
            }
        }
    }
    Ok(removed)
}

/// 409 `not_verified` while something of a build, which is locked, is being read.
pub(super) async fn require_verified(tx: &impl ConnectionTrait, build: Uuid) -> Result<()> {
    if queries::count_verifying(tx, build).await? > 0 { Err(NOT_VERIFIED.into()) } else { Ok(()) }
}

/// Those of some objects that become files yet.
pub(super) async fn awaited(db: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<String>> {
    let keys: Vec<&str> = keys.iter().map(Key::as_str).collect();
    Ok(queries::awaited(db, &keys).await?)
}

/// Frees what came. Best effort: else it is removed with all that nobody has.
async fn forget(app: &App, row: &Model) {
    let forgotten = match direct(row) {
        Ok(direct) => app.objects.abort_direct(&direct).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    if let Err(error) = forgotten {
        tracing::warn!(%error, upload = %row.id, "the bytes of an upload were not removed");
    }
}

fn direct(row: &Model) -> Result<Direct> {
    Ok(Direct {
        key: Key::parse(row.object_key.as_str()).map_err(Error::unexpected)?,
        upload: row.multipart_id.clone(),
        part_bytes: u64::try_from(row.part_bytes).map_err(Error::unexpected)?,
    })
}

fn size(row: &Model) -> Result<u64> {
    u64::try_from(row.size).map_err(Error::unexpected)
}
