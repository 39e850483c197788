//! Builds: the versions of a product, what state they are in, and which files they hold. `delivery` moves the bytes.
use std::collections::HashMap;

use entity::{
    build::{self, Status},
    build_file,
};
use futures::future::BoxFuture;
use objects::Stored;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{edit::locked, object_rows};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result, is_foreign_key_violation, is_unique_violation},
    events::Event,
    values::{FileName, Slug},
    web::{Cursor, Page, PageQuery, if_match::IfMatch},
};

mod offered;
mod queries;
pub(in crate::catalog) mod rollout;
mod wire;

pub use entity::build::{Arch, Kind};
pub use offered::{Wanted, newest, offered_to, released_of, update_of};
pub use queries::{PLATFORMS, VERSIONS};
pub use wire::{Build, BuildChanges, BuildFile, Earlier, NewBuild, Quarantine, ReleasedBuild, Update};

/// Where builds appear unless their publisher says otherwise.
pub const DEFAULT_CHANNEL: &str = "stable";
/// Files of one build at most: they are all shown with it.
const MOST_FILES: u64 = 1000;

const BUILD_EXISTS: Refusal = Refusal::conflict(
    "build_exists",
    "This version is already there for that platform, processor and channel.",
);
const BUILD_RELEASED: Refusal =
    Refusal::conflict("build_released", "A build that was released does not change any more.");
const BUILD_DRAFT: Refusal = Refusal::conflict("build_draft", "The build was never released.");
const BUILD_WITHDRAWN: Refusal =
    Refusal::conflict("build_withdrawn", "A build that was withdrawn is not offered again.");
const BUILD_EMPTY: Refusal = Refusal::conflict("build_empty", "A build without files can't be released.");
const TOO_MANY_FILES: Refusal = Refusal::conflict("too_many_files", "A build holds at most 1000 files.");
const PRODUCT_FULL: Refusal =
    Refusal::conflict("product_full", "The builds of this product hold as many bytes as they may.");

/// A file of a build with the object that holds its bytes.
pub use entity::build_file::Model as FileRow;

/// Adds a draft; 409 `build_exists`, 404 when the product is gone, 412 when it is not as asked any more.
pub async fn create(app: &App, product_id: Uuid, asked: &IfMatch, new: NewBuild) -> Result<Build> {
    let row = build::Model {
        id: app.clock.new_id(),
        product_id,
        version: new.version.into_string(),
        platform: new.platform,
        arch: new.arch.unwrap_or_default(),
        kind: new.kind.unwrap_or_default(),
        channel: new.channel.map_or_else(|| DEFAULT_CHANNEL.to_owned(), Slug::into_string),
        notes: new.notes.unwrap_or_default(),
        status: Status::Draft,
        rollout_percent: new.rollout_percent.unwrap_or(rollout::EVERYBODY),
        created_at: app.clock.now(),
        released_at: None,
        withdrawn_at: None,
    };
    app.db
        .write(async |tx| {
            locked(tx, product_id, asked).await?;
            queries::insert(tx, row.clone()).await.map_err(|error| match error {
                error if is_unique_violation(&error) => BUILD_EXISTS.into(),
                error if is_foreign_key_violation(&error) => NOT_FOUND.into(),
                error => error.into(),
            })
        })
        .await?;
    Ok(Build::of(row, Vec::new()))
}

/// A build with its files; 404.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Build> {
    let row = queries::build(db, id).await?.ok_or(NOT_FOUND)?;
    with_files(db, row).await
}

/// The product that a build is of; none when there is no such build.
pub async fn product_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>> {
    Ok(queries::build(db, id).await?.map(|row| row.product_id))
}

/// Whether a build is the product itself, on the usual channel, and offered to every owner.
pub async fn is_for_everybody(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    let row = queries::build(db, id).await?;
    Ok(row.is_some_and(|row| {
        let offered = row.status == Status::Released && row.rollout_percent == rollout::EVERYBODY;
        offered && row.kind == Kind::Build && row.channel == DEFAULT_CHANNEL
    }))
}

/// What publishers call builds, by id.
pub async fn versions(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    Ok(queries::versions(db, ids).await?.into_iter().collect())
}

/// The builds of a product, newest first.
pub async fn page(app: &App, product_id: Uuid, query: &PageQuery) -> Result<Page<Build>> {
    let list = format!("builds/{product_id}");
    let before: Option<Uuid> = match &query.cursor {
        Some(text) => Some(Cursor::read(&app.keys.cursor, &list, text)?),
        None => None,
    };
    let rows = queries::builds(&app.db.read, product_id, before, query.limit() + 1).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut files = queries::files(&app.db.read, &ids).await?;
    let builds = rows.into_iter().map(|row| {
        let files = files.remove(&row.id).unwrap_or_default();
        Build::of(row, files)
    });
    Page::of(builds.collect(), query.limit(), &app.keys.cursor, &list, |build| build.id)
}

/// Deletes a draft with its files; 409 `build_released`.
pub async fn delete(app: &App, id: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            lock_draft(tx, id).await?;
            Ok(queries::delete(tx, id).await?)
        })
        .await
}

/// Judges whether a draft, which is locked, may be released.
pub type Ready = for<'a> fn(&'a App, &'a DatabaseTransaction, Uuid) -> BoxFuture<'a, Result<()>>;

/// Releases a draft that is `ready`: from here on it is offered and never changes. Releasing it again changes nothing.
pub async fn release(app: &App, actor: Uuid, id: Uuid, ready: Ready) -> Result<Build> {
    change(app, id, async |tx, row| {
        match row.status {
            Status::Released => return Ok(()),
            Status::Withdrawn => return Err(BUILD_WITHDRAWN.into()),
            Status::Draft => {}
        }
        if queries::count_files(tx, id).await? == 0 {
            return Err(BUILD_EMPTY.into());
        }
        ready(app, tx, id).await?;
        if queries::release(tx, id, app.clock.now()).await? {
            record(app, tx, "build.released", actor, row).await?;
        }
        Ok(())
    })
    .await
}

/// Withdraws a released build: it is no longer offered. Withdrawing it again changes nothing.
pub async fn withdraw(app: &App, actor: Uuid, id: Uuid) -> Result<Build> {
    change(app, id, async |tx, row| {
        match row.status {
            Status::Withdrawn => return Ok(()),
            Status::Draft => return Err(BUILD_DRAFT.into()),
            Status::Released => {}
        }
        if queries::withdraw(tx, id, app.clock.now()).await? {
            record(app, tx, "build.withdrawn", actor, row).await?;
        }
        Ok(())
    })
    .await
}

/// Changes what is said of a build: its notes while it is a draft, and to how many of a hundred owners it is offered, now or
/// once it is released: always to the same ones, and to more of them when the number rises. 409 `build_withdrawn`,
/// `build_released` for other notes than it was released with. The same again changes nothing.
pub async fn edit(app: &App, actor: Uuid, id: Uuid, changes: &BuildChanges) -> Result<Build> {
    change(app, id, async |tx, row| {
        if row.status == Status::Withdrawn {
            return Err(BUILD_WITHDRAWN.into());
        }
        if let Some(notes) = changes.notes.as_ref().filter(|notes| **notes != row.notes) {
            if row.status != Status::Draft {
                return Err(BUILD_RELEASED.into());
            }
            queries::note(tx, id, notes).await?;
        }
        if let Some(percent) = changes.rollout_percent
            && queries::roll_out(tx, id, percent).await?
            && row.status == Status::Released
        {
            record(app, tx, "build.rolled_out", actor, row).await?;
        }
        Ok(())
    })
    .await
}

/// 404 unless there is such a build, 409 `build_released` unless it is a draft.
pub async fn require_draft(db: &impl ConnectionTrait, id: Uuid) -> Result<()> {
    let row = queries::build(db, id).await?.ok_or(NOT_FOUND)?;
    if row.status == Status::Draft { Ok(()) } else { Err(BUILD_RELEASED.into()) }
}

/// Gives a draft a file whose bytes are already durable, in place of the one of that name; the build stays locked until the
/// transaction ends. `delivery` has what it puts looked through, and so is the one that calls this.
pub async fn put_file(
    app: &App,
    tx: &DatabaseTransaction,
    build_id: Uuid,
    name: &FileName,
    stored: &Stored,
) -> Result<FileRow> {
    // The product first, as whoever changes the state of a build.
    let product = queries::build(tx, build_id).await?.ok_or(NOT_FOUND)?.product_id;
    let limited = app.config.delivery.product_bytes > 0;
    if limited {
        queries::lock_product(tx, product).await?;
    }
    lock_draft(tx, build_id).await?;
    let now = app.clock.now();
    let row = build_file::Model {
        build_id,
        name: name.as_str().to_owned(),
        object_key: object_rows::keep(tx, stored, now).await?,
        size: i64::try_from(stored.size).map_err(Error::unexpected)?,
        sha256: stored.sha256.to_hex(),
        created_at: now,
    };
    queries::put_file(tx, row.clone()).await?;
    if queries::count_files(tx, build_id).await? > MOST_FILES {
        return Err(TOO_MANY_FILES.into());
    }
    if limited {
        require_room(app, tx, product, 0).await?;
    }
    Ok(row)
}

/// Locks the product of a build, before which no build of it is locked; 404.
pub async fn lock_product_of(tx: &DatabaseTransaction, build_id: Uuid) -> Result<()> {
    let product = queries::build(tx, build_id).await?.ok_or(NOT_FOUND)?.product_id;
    queries::lock_product(tx, product).await?;
    Ok(())
}

/// Every build of a build's product; 404.
pub async fn beside(db: &impl ConnectionTrait, build_id: Uuid) -> Result<Vec<Uuid>> {
    let product = queries::build(db, build_id).await?.ok_or(NOT_FOUND)?.product_id;
    Ok(queries::of_product(db, product).await?)
}

/// 409 `product_full` unless a build's product has room for so many bytes more. Final where the product is locked.
pub async fn require_room_for(app: &App, db: &impl ConnectionTrait, build_id: Uuid, more: u64) -> Result<()> {
    if app.config.delivery.product_bytes == 0 {
        return Ok(());
    }
    let product = queries::build(db, build_id).await?.ok_or(NOT_FOUND)?.product_id;
    require_room(app, db, product, more).await
}

async fn require_room(app: &App, db: &impl ConnectionTrait, product: Uuid, more: u64) -> Result<()> {
    let most = app.config.delivery.product_bytes;
    let held = u64::try_from(queries::bytes(db, product).await?).map_err(Error::unexpected)?;
    if held.saturating_add(more) > most { Err(PRODUCT_FULL.with("most_bytes", most)) } else { Ok(()) }
}

/// Takes a file off a draft; 404, 409 `build_released`.
pub async fn delete_file(app: &App, build_id: Uuid, name: &str) -> Result<()> {
    app.db
        .write(async |tx| {
            lock_draft(tx, build_id).await?;
            if queries::delete_file(tx, build_id, name).await? { Ok(()) } else { Err(NOT_FOUND.into()) }
        })
        .await
}

/// A file of a build.
pub async fn file(db: &impl ConnectionTrait, build_id: Uuid, name: &str) -> Result<Option<FileRow>> {
    Ok(queries::file(db, build_id, name).await?)
}

/// The files of a build.
pub async fn files(db: &impl ConnectionTrait, build_id: Uuid) -> Result<Vec<FileRow>> {
    Ok(queries::file_rows(db, build_id).await?)
}

/// Runs a change of state with the product and the build locked, in this order, and gives the build as it is then.
async fn change(
    app: &App,
    id: Uuid,
    work: impl AsyncFnOnce(&DatabaseTransaction, &build::Model) -> Result<()> + Clone,
) -> Result<Build> {
    let product_id = queries::build(&app.db.read, id).await?.ok_or(NOT_FOUND)?.product_id;
    app.db
        .write(async |tx| {
            queries::lock_product(tx, product_id).await?;
            let row = queries::lock(tx, id).await?.ok_or(NOT_FOUND)?;
            work.clone()(tx, &row).await?;
            find(tx, id).await
        })
        .await
}

/// The product shows its builds, so that a change of theirs is an edit of it.
async fn record(
    app: &App,
    tx: &DatabaseTransaction,
    kind: &'static str,
    actor: Uuid,
    row: &build::Model,
) -> Result<()> {
    queries::touch_product(tx, row.product_id, app.clock.now()).await?;
    let event = Event::new(kind, row.id).actor(actor).with("product_id", row.product_id.to_string());
    Ok(event.record(tx, &app.clock).await?)
}

/// Locks a draft until the transaction ends; 404, 409 `build_released`.
pub async fn lock_draft(tx: &DatabaseTransaction, id: Uuid) -> Result<()> {
    let row = queries::lock(tx, id).await?.ok_or(NOT_FOUND)?;
    if row.status == Status::Draft { Ok(()) } else { Err(BUILD_RELEASED.into()) }
}

async fn with_files(db: &impl ConnectionTrait, row: build::Model) -> Result<Build> {
    let files = queries::files(db, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    Ok(Build::of(row, files))
}
