//! Backups that the server makes by itself.
use std::time::Instant;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use tokio::{runtime::Handle, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{Contents, Place, make};
use crate::{
    app::App,
    error::{Error, Result},
};

/// How the place of a backup is called: by when it was begun, UTC.
const NAME: &str = "mist-%Y%m%dT%H%M%SZ";

/// Makes a backup if the newest one is old enough, and removes those beyond what is kept. Nothing where no place is set.
pub async fn run_due(app: &App) -> Result<()> {
    let Some(root) = &app.config.backup.folder else { return Ok(()) };
    let every = Duration::hours(app.config.backup.every_hours.get().into());
    metrics::gauge!("mist_backup_interval_seconds").set(every.num_seconds() as f64);
    let ran = match Place::open(root, &app.config) {
        Ok(root) => run(app, &root, every).await,
        Err(error) => Err(error),
    };
    if ran.is_err() {
        metrics::counter!("mist_backup_failures_total").increment(1);
    }
    ran
}

/// When the newest whole backup in a place was begun, UTC; none where there is none.
pub async fn newest(root: &Place) -> Result<Option<DateTime<Utc>>> {
    let whole = found(root).await?.into_iter().filter(|found| found.is_whole);
    Ok(whole.map(|found| found.begun).max())
}

/// Tells when the newest whole backup was begun.
fn measure(newest: Option<DateTime<Utc>>) {
    let seconds = newest.map_or(0, |begun| begun.timestamp());
    metrics::gauge!("mist_backup_last_success_timestamp_seconds").set(seconds as f64);
}

async fn run(app: &App, root: &Place, every: Duration) -> Result<()> {
    let (settings, now) = (&app.config.backup, app.clock.now());
    let (whole, broken): (Vec<Found>, Vec<Found>) =
        found(root).await?.into_iter().partition(|found| found.is_whole);
    for found in broken {
        tracing::warn!(place = %found.place, "a backup that came to no end is removed");
        found.place.remove().await?;
    }
    measure(whole.last().map(|last| last.begun));
    if whole.last().is_some_and(|last| now - last.begun < every) {
        return Ok(());
    }
    let place = root.below(&now.format(NAME).to_string());
    let (began, target, copy) = (Instant::now(), place.clone(), app.clone());
    let contents = Contents { objects: settings.objects, master_key: false };
    // Ends with this: at the shutdown, and when another copy has the turn by now.
    let cut = CancellationToken::new();
    let _cuts = cut.clone().drop_guard();
    // On a thread of its own: it writes files all the while.
    let making = spawn_blocking(move || {
        let made = make(&copy.db, &copy.objects, &copy.config, &copy.clock, &target, contents);
        Handle::current().block_on(cut.run_until_cancelled(made))
    });
    let made = making.await.map_err(Error::unexpected)?;
    let document = made.ok_or_else(|| Error::unavailable("the backup was cut off"))??;
    measure(Some(now));
    tracing::info!(
        %place,
        rows = document.rows(),
        objects = document.objects,
        recovery_point = %document.made_at,
        seconds = began.elapsed().as_secs(),
        "backed up"
    );
    let kept = usize::from(settings.keep.get());
    let surplus = (whole.len() + 1).saturating_sub(kept);
    for old in whole.iter().take(surplus) {
        old.place.remove().await?;
    }
    Ok(())
}

/// A place that is called like a backup.
struct Found {
    place: Place,
    begun: DateTime<Utc>,
    is_whole: bool,
}

/// The backups of a place, oldest first.
async fn found(root: &Place) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    for name in root.names().await? {
        let Ok(begun) = NaiveDateTime::parse_from_str(&name, NAME) else { continue };
        let place = root.below(&name);
        let is_whole = place.is_whole().await?;
        all.push(Found { place, begun: begun.and_utc(), is_whole });
    }
    all.sort_by_key(|found| found.begun);
    Ok(all)
}
