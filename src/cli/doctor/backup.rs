//! The backups that the store makes by itself: whether their place can be used, and how old the newest is.
use chrono::TimeDelta;
use mist::{
    backup::{self, Place},
    config::{BackupPlace, Config},
};

use super::Finding;
use crate::cli::clock;

const PLACE: &str =
    "name a folder that this user may write to, or s3://BUCKET/PREFIX, by MIST_BACKUP__FOLDER";
const OLD: &str = "see the log of the store for why none was made";

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let Some(place) = &config.backup.folder else {
        return vec![Finding::ok("backup.folder: none, so the store makes no backups by itself")];
    };
    if let BackupPlace::Folder(folder) = place
        && let Err(error) = writable(folder)
    {
        return vec![Finding::failure(format!("backup.folder {}: {error}", folder.display()), PLACE)];
    }
    let newest = match Place::open(place, config) {
        Ok(root) => backup::newest(&root).await,
        Err(error) => Err(error),
    };
    let allowed = TimeDelta::hours(config.backup.every_hours.get().into()) * 2;
    vec![match newest {
        Err(error) => Finding::failure(format!("backup.folder: {error}"), PLACE),
        Ok(None) => Finding::warning(format!("backup.folder {place}: no backup is there yet"), OLD),
        Ok(Some(begun)) if clock().now() - begun > allowed => {
            Finding::warning(format!("backup.folder {place}: the newest backup is of {begun}"), OLD)
        }
        Ok(Some(begun)) => Finding::ok(format!("the newest backup is of {begun}")),
    }]
}

/// Makes a folder in it, or in what is there of the way to it, and takes it away again.
fn writable(folder: &std::path::Path) -> std::io::Result<()> {
    let there = folder.ancestors().find(|folder| folder.is_dir());
    let there = there.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(".".as_ref());
    let probe = there.join(format!(".mist-doctor-{}", std::process::id()));
    std::fs::create_dir(&probe)?;
    std::fs::remove_dir(&probe)
}
