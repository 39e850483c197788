//! E-books that say whose they are: each buyer of one gets a copy that bears their name and the number of their order, made
//! when it is first asked for and kept. Where that can't be done there is no download: never the file without a name.
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration as StdDuration,
};

use chrono::Duration;
use entity::download_grant::Model as Grant;
use futures::TryStreamExt;
use http::StatusCode;
use objects::{Key, Stored};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};
use uuid::Uuid;

use crate::{
    accounts,
    app::App,
    catalog::{
        self,
        builds::{self, FileRow},
        object_rows,
        stamped::{self, Whose},
    },
    checkout,
    error::{Error, NOT_FOUND, Refusal, Result},
    library::{self, Source},
};

/// Copies that are made at once in this process: each is in memory, several times over.
const AT_ONCE: usize = 2;
/// Copies that are made or wait for that.
const MOST_WAITING: usize = 64;
/// How long whoever asks first waits for a copy; it is made to its end even so.
const PATIENCE: StdDuration = StdDuration::from_secs(5);
/// Seconds after which one is likely made.
const RETRY: u64 = 2;
/// How exactly it is known when a copy was last asked for.
const USED: Duration = Duration::days(1);
/// How long copies are kept that nobody asks for: longer than any link lives. They are made again.
const KEPT: Duration = Duration::days(30);
/// Copies that are forgotten in one transaction.
const BATCH: u64 = 1_000;

const BEING_STAMPED: Refusal = Refusal::with_status(
    StatusCode::SERVICE_UNAVAILABLE,
    "being_stamped",
    "Your copy of this is being made; ask again in a moment.",
)
.after(RETRY);
const NOT_STAMPABLE: Refusal = Refusal::conflict(
    "not_stampable",
    "A copy with your name can't be made of this file; write to the store.",
);

/// What this process is stamping.
pub(super) struct Press {
    making: Arc<Mutex<HashSet<Whose>>>,
    slots: Arc<Semaphore>,
}

impl Default for Press {
    fn default() -> Self {
        Self { making: Arc::default(), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Press {
    /// A turn to make a copy; none while it is being made, or too many are.
    fn begin(&self, whose: &Whose) -> Option<Turn> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let free = making.len() < MOST_WAITING && making.insert(whose.clone());
        free.then(|| Turn { making: Arc::clone(&self.making), whose: whose.clone() })
    }
}

/// While this is there, nobody else makes that copy.
struct Turn {
    making: Arc<Mutex<HashSet<Whose>>>,
    whose: Whose,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.making.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.whose);
    }
}

/// What somebody gets of a file.
pub(super) enum Theirs {
    /// This.
    There(FileRow),
    /// A copy that is still to be made of this.
    Unmade(FileRow),
}

/// What the owner of a product gets of one of its files.
pub(super) async fn theirs(
    app: &App,
    tx: &DatabaseTransaction,
    account: Uuid,
    product: Uuid,
    file: FileRow,
) -> Result<Theirs> {
    if !app.config.delivery.stamp || !stamped::may_be_stamped(&file.name) {
        return Ok(Theirs::There(file));
    }
    if catalog::product(tx, product).await?.is_none_or(|row| row.kind != catalog::Kind::Ebook) {
        return Ok(Theirs::There(file));
    }
    let whose = Whose { account, product, sha256: file.sha256.clone() };
    let Some(copy) = stamped::find(tx, &whose).await? else { return Ok(Theirs::Unmade(file)) };
    let now = app.clock.now();
    if copy.used_at <= now - USED {
        stamped::note_use(tx, &copy, now).await?;
    }
    Ok(Theirs::There(stamped::in_place_of(file, copy)))
}

/// The file that a grant leads to: the one of its build, or the copy of its owner.
pub(super) async fn granted(db: &impl ConnectionTrait, grant: &Grant) -> Result<Option<FileRow>> {
    let Some(file) = builds::file(db, grant.build_id, &grant.file_name).await? else { return Ok(None) };
    if file.object_key == grant.object_key {
        return Ok(Some(file));
    }
    let sha256 = file.sha256.clone();
    let whose = Whose { account: grant.account_id, product: grant.product_id, sha256 };
    let copy = stamped::find(db, &whose).await?.filter(|copy| copy.object_key == grant.object_key);
    Ok(copy.map(|copy| stamped::in_place_of(file, copy)))
}

/// Makes an owner's copy of a file: 409 `not_stampable`, 503 `being_stamped` when that takes longer than is waited.
pub(super) async fn make(app: &App, account: Uuid, product: Uuid, file: FileRow) -> Result<()> {
    if u64::try_from(file.size).map_err(Error::unexpected)? > app.config.delivery.stamp_max_bytes {
        return Err(NOT_STAMPABLE.into());
    }
    let whose = Whose { account, product, sha256: file.sha256.clone() };
    let turn = app.deliveries.press().begin(&whose).ok_or(BEING_STAMPED)?;
    let (app, held) = (app.clone(), app.deliveries.hold());
    let work = async move {
        let made = stamp(&app, &whose, &file).await;
        drop((turn, held));
        made
    };
    // On its own, for it goes on when whoever asked waits no more.
    match timeout(PATIENCE, tokio::spawn(traces::within(work))).await {
        Ok(made) => made.map_err(Error::unexpected)?,
        Err(_) => Err(BEING_STAMPED.into()),
    }
}

/// What is said when a copy was made and is gone again.
pub(super) fn unmade() -> Error {
    BEING_STAMPED.into()
}

async fn stamp(app: &App, whose: &Whose, file: &FileRow) -> Result<()> {
    let _slot = app.deliveries.press().slots.acquire().await.map_err(Error::unexpected)?;
    let line = line(app, whose).await?;
    let bytes = read(app, file).await?;
    let epub = file.name.to_ascii_lowercase().ends_with(".epub");
    let made = spawn_blocking(move || match epub {
        true => stamps::epub(&bytes, &line),
        false => stamps::pdf(&bytes, &line),
    });
    let copy = made.await.map_err(Error::unexpected)?.map_err(|why| {
        tracing::error!(build = %file.build_id, file = file.name, %why, "a file can't be stamped");
        NOT_STAMPABLE
    })?;
    let stored = keep(app, copy).await?;
    object_rows::restore(app, &stored).await?;
    let kept = app
        .db
        .write(async |tx| {
            // Whoever is erased meanwhile leaves no copy behind.
            if accounts::hold_living(tx, &[whose.account]).await?.is_empty() {
                return Err(NOT_FOUND.into());
            }
            stamped::put(tx, app.clock.new_id(), whose, &stored, app.clock.now()).await
        })
        .await;
    if let Err(error) = &kept {
        object_rows::discard(app, &stored, error).await;
    }
    let kept = kept?;
    object_rows::drop_duplicate(app, &stored, &kept.object_key).await;
    Ok(())
}

/// What a copy says: the store's name, the owner's, and the number of the order, or the day on which it was given.
async fn line(app: &App, whose: &Whose) -> Result<String> {
    let db = &app.db.read;
    let right = library::first_right(db, whose.account, whose.product).await?.ok_or(NOT_FOUND)?;
    let number = match right.source {
        Source::Order | Source::Gift => checkout::number_of_line(db, right.source_id).await?,
        Source::Grant => None,
    };
    let number = number.unwrap_or_else(|| right.granted_at.date_naive().to_string());
    let name =
        accounts::display_names(db, &[whose.account]).await?.remove(&whose.account).unwrap_or_default();
    Ok(format!("{} · {name} · {number}", app.config.store.name))
}

async fn read(app: &App, file: &FileRow) -> Result<Vec<u8>> {
    let key = Key::parse(file.object_key.as_str()).map_err(Error::unexpected)?;
    let size = u64::try_from(file.size).map_err(Error::unexpected)?;
    let mut chunks = app.objects.read(&key, 0..size).await?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(Error::unexpected)?);
    while let Some(chunk) = chunks.try_next().await.map_err(Error::unavailable)? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn keep(app: &App, copy: Vec<u8>) -> Result<Stored> {
    let mut writer = app.objects.writer_of(copy.len() as u64).await?;
    writer.write(copy.into()).await?;
    Ok(writer.finish().await?)
}

/// Forgets the copies that nobody has asked for in a long time, and says how many; they are made again when somebody does.
pub async fn forget_copies(app: &App) -> Result<u64> {
    let before = app.clock.now() - KEPT;
    app.db.write_in_batches(BATCH, async |tx| stamped::forget(tx, before, BATCH).await).await
}
