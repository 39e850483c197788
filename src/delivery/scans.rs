//! What a scanner says of files before anybody gets them: each object is looked through once, by a job.
use entity::object_scan::Verdict;
use objects::Key;
use queue::NewJob;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use uuid::Uuid;

use super::{scan_queries as queries, scanner};
use crate::{
    app::App,
    catalog::builds::{self, Build, FileRow, Quarantine},
    error::{Error, Refusal, Result},
};

/// The kind of job that looks through an object.
pub(super) const SCAN: &str = "delivery.scan";

const NOT_SCANNED: Refusal =
    Refusal::conflict("not_scanned", "Some `files` are still being looked through; release the build later.");
const INFECTED: Refusal =
    Refusal::conflict("infected", "The scanner found something in these `files`; replace them.");

/// What the job is told.
#[derive(Serialize)]
struct Scan<'a> {
    object_key: &'a str,
}

/// Has an object that was just put looked through, if there is a scanner. One in which something was found is looked through
/// again: whoever puts it anew may have mended the scanner.
pub(super) async fn ask(app: &App, tx: &DatabaseTransaction, object_key: &str) -> Result<()> {
    if app.config.delivery.scanner.is_empty() {
        return Ok(());
    }
    enqueue(app, tx, object_key, &[Verdict::Failed, Verdict::Infected]).await
}

/// Enqueues the job of an object unless it is judged, or a job for it is there.
async fn enqueue(app: &App, tx: &DatabaseTransaction, object_key: &str, doubted: &[Verdict]) -> Result<()> {
    let now = app.clock.now();
    let Some(asked_at) = queries::ask(tx, object_key, now, doubted).await? else { return Ok(()) };
    // A job that has just judged it, and is not done yet, is of another moment.
    let once = format!("{SCAN}:{object_key}:{}", asked_at.timestamp_micros());
    queue::enqueue(tx, NewJob::new(app.clock.new_id(), SCAN, &Scan { object_key }).dedupe(once), now).await?;
    Ok(())
}

/// Has the files of a build looked through of which nothing is known: they are from before there was a scanner, or it failed,
/// or their job was lost.
pub(super) async fn ask_of_build(app: &App, build: Uuid) -> Result<()> {
    if app.config.delivery.scanner.is_empty() {
        return Ok(());
    }
    let files = builds::files(&app.db.read, build).await?;
    let known = verdicts(&app.db.read, &files).await?;
    let judged = |file: &FileRow| matches!(known.of(file), Some(Verdict::Clean | Verdict::Infected));
    let unknown: Vec<String> =
        files.into_iter().filter(|file| !judged(file)).map(|file| file.object_key).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    app.db
        .write(async |tx| {
            for object_key in &unknown {
                enqueue(app, tx, object_key, &[Verdict::Failed]).await?;
            }
            Ok(())
        })
        .await?;
    app.wake.poke();
    Ok(())
}

/// 409 unless the scanner, if there is one, found nothing in any file of a build, which is locked.
pub(super) async fn require_clean(app: &App, tx: &DatabaseTransaction, build: Uuid) -> Result<()> {
    if app.config.delivery.scanner.is_empty() {
        return Ok(());
    }
    let files = builds::files(tx, build).await?;
    let known = verdicts(tx, &files).await?;
    let names = |wanted: &dyn Fn(Option<Verdict>) -> bool| -> Vec<&str> {
        files.iter().filter(|file| wanted(known.of(file))).map(|file| file.name.as_str()).collect()
    };
    let infected = names(&|verdict| verdict == Some(Verdict::Infected));
    if !infected.is_empty() {
        return Err(INFECTED.with("files", infected));
    }
    let unscanned = names(&|verdict| verdict != Some(Verdict::Clean));
    if unscanned.is_empty() { Ok(()) } else { Err(NOT_SCANNED.with("files", unscanned)) }
}

/// Says of a draft's files which are in quarantine.
pub(super) async fn mark(app: &App, build: &mut Build) -> Result<()> {
    if app.config.delivery.scanner.is_empty() || build.released_at.is_some() {
        return Ok(());
    }
    let files = builds::files(&app.db.read, build.id).await?;
    let known = verdicts(&app.db.read, &files).await?;
    for shown in &mut build.files {
        let verdict = files.iter().find(|file| file.name == shown.name).and_then(|file| known.of(file));
        shown.quarantine = match verdict {
            Some(Verdict::Clean) => None,
            Some(Verdict::Infected) => Some(Quarantine::Infected),
            Some(Verdict::Failed) => Some(Quarantine::Failed),
            Some(Verdict::Pending) | None => Some(Quarantine::Pending),
        };
    }
    Ok(())
}

/// Looks an object through, unless that was done, or nobody has it any more. What fails at the `last` attempt is noted.
pub(super) async fn scan(app: &App, object_key: &str, last: bool) -> Result<()> {
    if app.config.delivery.scanner.is_empty() {
        // Who sets one again asks again.
        return app.db.write(async |tx| Ok(queries::forget(tx, object_key).await?)).await;
    }
    let Some(Verdict::Pending) = queries::verdict(&app.db.read, object_key).await? else { return Ok(()) };
    let key = Key::parse(object_key).map_err(Error::unexpected)?;
    match scanner::judge(app, &key).await {
        Ok(scanner::Found::Nothing) => settle(app, object_key, Verdict::Clean).await,
        Ok(scanner::Found::Something) => {
            tracing::warn!(object = object_key, "the scanner found something in an object");
            settle(app, object_key, Verdict::Infected).await
        }
        Err(error) if last => {
            settle(app, object_key, Verdict::Failed).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

async fn settle(app: &App, object_key: &str, verdict: Verdict) -> Result<()> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(queries::settle(tx, object_key, verdict, now).await?)).await
}

/// What is known of some objects.
struct Known(Vec<(String, Verdict)>);

impl Known {
    fn of(&self, file: &FileRow) -> Option<Verdict> {
        self.0.iter().find(|(key, _)| *key == file.object_key).map(|(_, verdict)| *verdict)
    }
}

async fn verdicts(db: &impl ConnectionTrait, files: &[FileRow]) -> Result<Known> {
    let keys: Vec<&str> = files.iter().map(|file| file.object_key.as_str()).collect();
    Ok(Known(queries::verdicts(db, &keys).await?))
}
