//! Mail as files: one `.eml` each, for trying the store out and for tests.
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    app::create_data_dir,
    error::{Error, Result},
};

/// The folder that mail is put into.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Writes a mail that is whole or not there, and on the disk when this returns.
    ///
    /// The name begins with the time in the id, so that names sort in the order in which mails were asked for, and
    /// that the same mail is the same file.
    pub(super) async fn put(&self, id: Uuid, at: DateTime<Utc>, bytes: Vec<u8>) -> Result<()> {
        let made = id.get_timestamp().and_then(|time| {
            let (seconds, nanos) = time.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        });
        let name = format!("{}-{id}.eml", made.unwrap_or(at).format("%Y%m%dT%H%M%S%.3fZ"));
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
        written.map_err(Error::unexpected)?.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Error::Full(std::sync::Arc::new(error))
            }
            _ => Error::unavailable(error),
        })
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    create_data_dir(folder)?;
    // Two processes may write the same mail at once, each its own draft.
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let renamed = write_draft(&draft, bytes).and_then(|()| std::fs::rename(&draft, folder.join(name)));
    if renamed.is_err()
        && let Err(error) = std::fs::remove_file(&draft)
    {
        tracing::debug!(%error, "an unfinished mail stays in the folder");
    }
    renamed?;
    File::open(folder)?.sync_all()
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}
