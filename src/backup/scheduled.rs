//! Backups that the server makes by itself.
use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use tokio::{runtime::Handle, task::spawn_blocking};

use super::{Contents, DOCUMENT, files, make};
use crate::{
    app::App,
    error::{Error, Result},
};

/// How the folder of a backup is called: by when it was begun, UTC.
const NAME: &str = "mist-%Y%m%dT%H%M%SZ";

/// Makes a backup if the newest one is old enough, and removes those beyond what is kept. Nothing where no folder is set.
pub async fn run_due(app: &App) -> Result<()> {
    let settings = &app.config.backup;
    let Some(root) = &settings.folder else { return Ok(()) };
    fs::create_dir_all(root).map_err(|error| files::of(root, &error))?;
    let now = app.clock.now();
    let every = Duration::hours(settings.every_hours.get().into());
    let (whole, broken): (Vec<Found>, Vec<Found>) =
        found(root)?.into_iter().partition(|found| found.is_whole);
    for found in broken {
        tracing::warn!(folder = %found.folder.display(), "a backup that came to no end is removed");
        remove(&found.folder)?;
    }
    if whole.last().is_some_and(|last| now - last.begun < every) {
        return Ok(());
    }
    let folder = root.join(now.format(NAME).to_string());
    let (app, target) = (app.clone(), folder.clone());
    let contents = Contents { objects: settings.objects, master_key: false };
    // On a thread of its own: it writes files all the while.
    let making = spawn_blocking(move || {
        Handle::current().block_on(make(&app.db, &app.objects, &app.config, &app.clock, &target, contents))
    });
    let document = making.await.map_err(Error::unexpected)??;
    tracing::info!(folder = %folder.display(), rows = document.rows(), objects = document.objects, "backed up");
    let kept = usize::from(settings.keep.get());
    let surplus = (whole.len() + 1).saturating_sub(kept);
    whole.iter().take(surplus).try_for_each(|old| remove(&old.folder))
}

/// A folder that is called like a backup.
struct Found {
    folder: PathBuf,
    begun: DateTime<Utc>,
    is_whole: bool,
}

/// The backups of a folder, oldest first.
fn found(root: &Path) -> Result<Vec<Found>> {
    let read = || -> io::Result<Vec<Found>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name();
            let begun = name.to_str().and_then(|name| NaiveDateTime::parse_from_str(name, NAME).ok());
            if let Some(begun) = begun {
                let folder = entry.path();
                let is_whole = folder.join(DOCUMENT).is_file();
                all.push(Found { folder, begun: begun.and_utc(), is_whole });
            }
        }
        Ok(all)
    };
    let mut all = read().map_err(|error| files::of(root, &error))?;
    all.sort_by_key(|found| found.begun);
    Ok(all)
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).map_err(|error| files::of(folder, &error))
}
