//! Uploads that come in parts: begun, continued after whatever broke off, and in the end a file of a draft.
//!
//! Who writes holds the lock of the bytes, or has the turn to write them. A row says how many of them count, and says so only once they are durable; what
//! lies behind that is cut off by the next part. All writing goes on when the sender's connection is gone, to keep what came.
use std::error::Error as StdError;

use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use entity::upload::Model;
use futures::{Stream, StreamExt};
use http::StatusCode;
use objects::{Draft, Opening, Sha256, Stored};
use uuid::Uuid;

use super::{
    direct_uploads, files, quota, tus::Checksum, upload_queries as queries, upload_turns::Turn, uploads,
};
use crate::{
    app::App,
    catalog::{builds, object_rows},
    error::{Error, NOT_FOUND, Refusal, Result},
    values::FileName,
    web::{Cursor, Page, PageQuery, json::PAYLOAD_TOO_LARGE},
};

/// Bytes that gather in memory before they are written.
const BATCH: usize = 1024 * 1024;
/// Chunks of them, so that tiny ones hold little memory.
const BATCH_CHUNKS: usize = 1024;
/// Bytes of a part after which those that came are made durable: a crash costs no more than these.
const CHECKPOINT: i64 = 64 * 1024 * 1024;
/// Uploads that are looked up at a time.
const LOOKED_UP: usize = 500;
/// Uploads to one build that wait for their rest.
const MOST_OPEN: u64 = 100;

const GONE: Refusal =
    Refusal::with_status(StatusCode::GONE, "upload_expired", "The upload is past its time; begin a new one.");
const LOCKED: Refusal = Refusal::with_status(
    StatusCode::LOCKED,
    "upload_locked",
    "Somebody is writing this upload at this moment.",
);
const OFFSET_MISMATCH: Refusal =
    Refusal::conflict("offset_mismatch", "The upload is at another offset; ask for it before you go on.");
const TOO_MANY_UPLOADS: Refusal = Refusal::conflict(
    "too_many_uploads",
    "At most 100 uploads to a build are open at a time; end one first.",
);

/// What a sender says of a file that will come in parts.
pub(super) struct New {
    pub(super) name: FileName,
    pub(super) metadata: String,
    /// Bytes.
    pub(super) length: i64,
}

/// What a sender says of a part before its bytes.
pub(super) struct Part {
    /// Where it begins.
    pub(super) offset: i64,
    /// Its bytes, where that is said.
    pub(super) length: Option<i64>,
    pub(super) checksum: Option<Checksum>,
    /// Whether the sender waits for a word before it sends the bytes.
    pub(super) waits: bool,
}

impl Part {
    /// 409 unless an upload goes on where the part begins, 413 when it would end behind its end.
    fn judge(&self, row: &Model) -> Result<()> {
        if self.offset != row.received {
            return Err(OFFSET_MISMATCH.into());
        }
        let left = row.length - row.received;
        if self.length.is_some_and(|length| length > left) { Err(PAYLOAD_TOO_LARGE.into()) } else { Ok(()) }
    }
}

/// Begins an upload; one of no bytes is a file at once. 413, 404 or 409 as the build is.
pub(super) async fn begin(app: &App, build: Uuid, new: New) -> Result<Model> {
    if u64::try_from(new.length).map_err(Error::unexpected)? > app.config.delivery.max_file_bytes {
        return Err(PAYLOAD_TOO_LARGE.into());
    }
    let row = Model {
        id: app.clock.new_id(),
        build_id: build,
        file_name: new.name.as_str().to_owned(),
        metadata: new.metadata,
        length: new.length,
        received: 0,
        sha256: None,
        completed_at: None,
        created_at: app.clock.now(),
        expires_at: expiry(app),
        state: None,
        writer: None,
        writer_until: None,
    };
    app.db
        .write(async |tx| {
            quota::lock(app, tx, build).await?;
            if queries::count_open(tx, build).await? >= MOST_OPEN {
                return Err(TOO_MANY_UPLOADS.into());
            }
            let length = u64::try_from(row.length).map_err(Error::unexpected)?;
            quota::require_room(app, tx, build, length, row.created_at).await?;
            Ok(queries::insert(tx, row.clone()).await?)
        })
        .await?;
    whole(app, build, row).await
}

/// The uploads to a build that wait for their rest, newest first.
pub(super) async fn page(app: &App, build: Uuid, query: &PageQuery) -> Result<Page<Model>> {
    let list = format!("uploads/{build}");
    let before: Option<Uuid> = match &query.cursor {
        Some(text) => Some(Cursor::read(&app.keys.cursor, &list, text)?),
        None => None,
    };
    let rows = queries::open(&app.db.read, build, app.clock.now(), before, query.limit() + 1).await?;
    Page::of(rows, query.limit(), &app.keys.cursor, &list, |row| row.id)
}

/// An upload; 404, 410 past its time. One of which all bytes came is made a file, if that failed before and nobody does it at
/// this moment.
pub(super) async fn find(app: &App, build: Uuid, id: Uuid) -> Result<Model> {
    let row = known(app, build, id).await?;
    let (app, held) = (app.clone(), app.deliveries.hold());
    let work = async move {
        let found = match whole(&app, build, row.clone()).await {
            Err(Error::Refused(refusal, _)) if refusal == LOCKED => Ok(row),
            found => found,
        };
        drop(held);
        found
    };
    // On its own, for many bytes take longer than a question may.
    tokio::spawn(traces::within(work)).await.map_err(Error::unexpected)?
}

/// 404 unless there is such an upload, 410 past its time.
pub(super) async fn require(app: &App, build: Uuid, id: Uuid) -> Result<()> {
    known(app, build, id).await.map(drop)
}

/// Takes a part in, up to where it breaks off: 404, 409, 410, 413, 423, 460. Of a part that is refused nothing is kept,
/// and the last one makes the file.
pub(super) async fn append<E, S>(app: &App, build: Uuid, id: Uuid, part: Part, mut body: S) -> Result<Model>
where
    E: StdError + Send + 'static,
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
{
    let (app, held) = (app.clone(), app.deliveries.hold());
    let work = async move {
        let waits = part.waits;
        let taken = take(&app, build, id, part, &mut body).await;
        if taken.is_err() && !waits {
            uploads::linger(&mut body).await;
        }
        drop(held);
        taken
    };
    // On its own, for a handler is dropped with its connection.
    tokio::spawn(traces::within(work)).await.map_err(Error::unexpected)?
}

async fn take<E: StdError + 'static>(
    app: &App,
    build: Uuid,
    id: Uuid,
    part: Part,
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<Model> {
    builds::require_draft(&app.db.read, build).await?;
    let before = known(app, build, id).await?;
    if before.received == before.length {
        part.judge(&before)?;
        return whole(app, build, before).await;
    }
    in_turn(app, id, taken(app, build, id, part, body)).await
}

/// The same in the turn of its one writer.
async fn taken<E: StdError + 'static>(
    app: &App,
    build: Uuid,
    id: Uuid,
    part: Part,
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<Model> {
    let row = known(app, build, id).await?;
    let draft = open(app, &row).await?;
    // What counts is what the row says in the turn: whoever had it before may have brought the last byte, and named the
    // bytes by their digest since.
    let row = if app.objects.locks_drafts() { known(app, build, id).await? } else { row };
    part.judge(&row)?;
    if row.received == row.length {
        drop(draft);
        return made_whole(app, build, row).await;
    }
    let mut draft = draft.ok_or(GONE)?;
    draft.rewind(u64::try_from(row.received).map_err(Error::unexpected)?).await.map_err(refused)?;
    let row = Writing { app, draft: &mut draft, row, checksum: part.checksum }.fill(body).await?;
    if row.received == row.length { finish(app, build, row, Some(draft)).await } else { Ok(row) }
}

/// Does what one writer at a time may; 423 while there is another. A folder locks the bytes themselves.
async fn in_turn<T>(app: &App, upload: Uuid, work: impl Future<Output = Result<T>>) -> Result<T> {
    if app.objects.locks_drafts() {
        return work.await;
    }
    let turn = Turn::take(app, upload).await?.ok_or(LOCKED)?;
    let outcome = work.await;
    turn.end().await;
    outcome
}

/// The bytes of an upload, which nobody else writes from then on; none when they are gone, or an object by now.
async fn open(app: &App, row: &Model) -> Result<Option<Draft>> {
    match app.objects.draft(name(row.id), opening(row)?).await {
        Err(objects::Error::NotFound) => Ok(None),
        draft => Ok(Some(draft.map_err(refused)?)),
    }
}

/// How the bytes of an upload are opened: made when none came yet.
fn opening(row: &Model) -> Result<Opening<'_>> {
    Ok(Opening {
        make: row.received == 0,
        size: u64::try_from(row.length).map_err(Error::unexpected)?,
        state: row.state.as_deref(),
    })
}

/// A part that is being written.
struct Writing<'a> {
    app: &'a App,
    draft: &'a mut Draft,
    row: Model,
    checksum: Option<Checksum>,
}

impl Writing<'_> {
    /// Writes what comes, and gives the row as it is then.
    async fn fill<E: StdError + 'static>(
        mut self,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    ) -> Result<Model> {
        let (mut batch, mut batched, mut end) = (Vec::new(), 0, self.row.received);
        let broken = loop {
            let bytes = match body.next().await {
                Some(Ok(bytes)) => bytes,
                Some(Err(error)) => break Some(uploads::interruption(&error)),
                None => break None,
            };
            end += i64::try_from(bytes.len()).map_err(Error::unexpected)?;
            if end > self.row.length {
                return Err(PAYLOAD_TOO_LARGE.into());
            }
            if let Some(checksum) = &mut self.checksum {
                checksum.update(&bytes);
            }
            batched += bytes.len();
            batch.push(bytes);
            if batched >= BATCH || batch.len() >= BATCH_CHUNKS {
                self.draft.append(std::mem::take(&mut batch)).await?;
                batched = 0;
                // A part whose digest is still to be judged counts only at its end.
                if self.checksum.is_none() && end - self.row.received >= CHECKPOINT {
                    self.keep(end).await?;
                }
            }
        };
        self.draft.append(batch).await?;
        match (self.checksum.take(), broken) {
            (Some(_), Some(broken)) => return Err(broken),
            (Some(checksum), None) => checksum.judge()?,
            (None, Some(broken)) => {
                self.keep(end).await?;
                return Err(broken);
            }
            (None, None) => {}
        }
        self.keep(end).await?;
        Ok(self.row)
    }

    /// Makes what was written durable and lets it count; 404 when the upload was ended meanwhile, 409 when somebody else had
    /// the turn since and moved it on.
    async fn keep(&mut self, end: i64) -> Result<()> {
        let state = self.draft.sync().await?;
        let expires_at = expiry(self.app);
        let counted = async |tx: &sea_orm::DatabaseTransaction| {
            Ok(queries::advance(tx, &self.row, end, state.as_deref(), expires_at).await?)
        };
        if !self.app.db.write(counted).await? {
            require(self.app, self.row.build_id, self.row.id).await?;
            return Err(OFFSET_MISMATCH.into());
        }
        (self.row.received, self.row.state, self.row.expires_at) = (end, state, expires_at);
        Ok(())
    }
}

/// Ends an upload, and frees its bytes; 404.
pub(super) async fn end(app: &App, build: Uuid, id: Uuid) -> Result<()> {
    if !app.db.write(async |tx| Ok(queries::delete(tx, build, id).await?)).await? {
        return Err(NOT_FOUND.into());
    }
    match app.objects.delete_draft(name(id)).await {
        // Nothing came yet, or it is a file by now.
        Err(objects::Error::NotFound) => Ok(()),
        deleted => Ok(deleted?),
    }
}

/// Removes the uploads that are past their time, and the bytes of every one that is gone, and says how many.
pub async fn prune_uploads(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let expired = app.db.write(async |tx| Ok(queries::delete_expired(tx, now).await?)).await?;
    // A row is there before its bytes are: those that lie here without one have lost it.
    let lying: Vec<Uuid> = app.objects.drafts().await?.into_iter().map(Uuid::from_u128).collect();
    for ids in lying.chunks(LOOKED_UP) {
        let known = queries::known(&app.db.read, ids).await?;
        for id in ids.iter().filter(|id| !known.contains(id)) {
            match app.objects.delete_draft(name(*id)).await {
                Err(objects::Error::NotFound) => {}
                deleted => deleted?,
            }
        }
    }
    Ok(expired + direct_uploads::prune(app).await?)
}

async fn known(app: &App, build: Uuid, id: Uuid) -> Result<Model> {
    let row = queries::upload(&app.db.read, build, id).await?.ok_or(NOT_FOUND)?;
    if row.expires_at <= app.clock.now() { Err(GONE.into()) } else { Ok(row) }
}

/// Makes a file of an upload of which every byte came and that is none yet; any other stays as it is.
async fn whole(app: &App, build: Uuid, row: Model) -> Result<Model> {
    if row.received < row.length || row.completed_at.is_some() {
        return Ok(row);
    }
    in_turn(app, row.id, made_whole(app, build, row)).await
}

/// The same in the turn of its one writer.
async fn made_whole(app: &App, build: Uuid, row: Model) -> Result<Model> {
    let row = known(app, build, row.id).await?;
    if row.completed_at.is_some() {
        return Ok(row);
    }
    let draft = open(app, &row).await?;
    finish(app, build, row, draft).await
}

/// Makes a file of all bytes. Each step may have been done before by one that was cut off.
async fn finish(app: &App, build: Uuid, row: Model, draft: Option<Draft>) -> Result<Model> {
    let stored = keep(app, &row, draft).await?;
    let file_name = FileName::parse(&row.file_name).map_err(|invalid| Error::unexpected(invalid.code))?;
    object_rows::restore(app, &stored).await?;
    let now = app.clock.now();
    let made = app.db.write(async |tx| {
        let file = files::put_in(app, tx, build, &file_name, &stored).await?;
        // Ended, or done by somebody else: then this puts nothing.
        if queries::complete(tx, row.id, now).await? { Ok(file.object_key) } else { Err(NOT_FOUND.into()) }
    });
    let made = made.await;
    if let Err(error) = &made {
        object_rows::discard(app, &stored, error).await;
    }
    let after = known(app, build, row.id).await?;
    if after.completed_at.is_none() {
        made?;
        return Ok(after);
    }
    if let Ok(key) = made {
        app.wake.poke();
        object_rows::drop_duplicate(app, &stored, &key).await;
    }
    free(app, row.id).await;
    Ok(after)
}

/// Removes what is left of the bytes of an upload that is a file. Best effort: else it is removed with all that nobody has.
async fn free(app: &App, id: Uuid) {
    match app.objects.delete_draft(name(id)).await {
        Ok(()) | Err(objects::Error::NotFound) => {}
        Err(error) => tracing::warn!(%error, upload = %id, "the pieces of an upload were not removed"),
    }
}

/// Makes an object of the bytes of an upload.
async fn keep(app: &App, row: &Model, mut draft: Option<Draft>) -> Result<Stored> {
    let size = u64::try_from(row.length).map_err(Error::unexpected)?;
    let sha256 = match (&row.sha256, &mut draft) {
        (Some(text), _) => Sha256::from_hex(text).map_err(Error::unexpected)?,
        (None, Some(draft)) => {
            let sha256 = draft.digest().await?;
            let text = sha256.to_hex();
            if !app.db.write(async |tx| Ok(queries::seal(tx, row.id, &text).await?)).await? {
                return Err(NOT_FOUND.into());
            }
            sha256
        }
        (None, None) => return Err(GONE.into()),
    };
    let stored = match draft {
        Some(draft) => draft.keep(&sha256, size).await,
        None => app.objects.stored(&sha256, size).await,
    };
    stored.map_err(refused)
}

/// The name of an upload's bytes.
fn name(id: Uuid) -> u128 {
    id.as_u128()
}

fn expiry(app: &App) -> DateTime<Utc> {
    app.clock.now() + Duration::days(app.config.delivery.upload_days.into())
}

/// What bytes in parts refuse: they are held by another, or gone.
fn refused(error: objects::Error) -> Error {
    match error {
        objects::Error::Busy => LOCKED.into(),
        objects::Error::NotFound => GONE.into(),
        error => error.into(),
    }
}
