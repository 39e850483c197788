//! Backups that the server makes by itself.
use std::time::Instant;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use tokio::{runtime::Handle, task::spawn_blocking};

use super::{Contents, Place, make};
use crate::{
    app::App,
    error::{Error, Result},
};

/// How the place of a backup is called: by when it was begun, UTC.
const NAME: &str = "mist-%Y%m%dT%H%M%SZ";

/// Makes a backup if the newest one is old enough, and removes those beyond what is kept. Nothing where no place is set.
pub async fn run_due(app: &App) -> Result<()> {
    let settings = &app.config.backup;
    let Some(root) = &settings.folder else { return Ok(()) };
    let root = Place::open(root, &app.config)?;
    let now = app.clock.now();
    let every = Duration::hours(settings.every_hours.get().into());
    let (whole, broken): (Vec<Found>, Vec<Found>) =
        found(&root).await?.into_iter().partition(|found| found.is_whole);
    for found in broken {
        tracing::warn!(place = %found.place, "a backup that came to no end is removed");
        found.place.remove().await?;
    }
    if whole.last().is_some_and(|last| now - last.begun < every) {
        return Ok(());
    }
    let place = root.below(&now.format(NAME).to_string());
    let (began, target, copy) = (Instant::now(), place.clone(), app.clone());
    let contents = Contents { objects: settings.objects, master_key: false };
    // On a thread of its own: it writes files all the while.
    let making = spawn_blocking(move || {
        Handle::current().block_on(make(
            &copy.db,
            &copy.objects,
            &copy.config,
            &copy.clock,
            &target,
            contents,
        ))
    });
    let document = making.await.map_err(Error::unexpected)??;
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
