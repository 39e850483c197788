//! A file that is removed unless it is kept.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;

use crate::folder::is_taken;

/// A temporary file untouched for this long belongs to a process that died: 24 hours.
pub const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

const NAME_BYTES: usize = 16;

/// A new file of a random name; dropping it closes and removes it.
pub(crate) struct Temporary {
    pub(crate) file: File,
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        let mut name = [0; NAME_BYTES];
        rand::fill(&mut name).map_err(io::Error::other)?;
        let path = folder.join(hex::encode(name));
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { file, path, kept: false })
    }

    /// Gives the file its lasting name, in place of any file already there.
    pub(crate) fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.kept = true;
        Ok(())
    }

    /// Removes the file, and says when that failed.
    pub(crate) fn remove(mut self) -> io::Result<()> {
        self.kept = true;
        fs::remove_file(&self.path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a temporary file could not be removed");
        }
    }
}

/// Removes the temporaries of processes that died; what can't be removed is logged and stays.
pub(crate) fn remove_leftovers(folder: &Path, now: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_taken(&path) {
            continue;
        }
        match remove_leftover(&path, now) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "a leftover could not be removed");
            }
            _ => {}
        }
    }
    Ok(())
}

fn remove_leftover(path: &Path, now: SystemTime) -> io::Result<()> {
    let touched = fs::symlink_metadata(path)?.modified()?;
    let age = now.duration_since(touched).unwrap_or_default();
    if age > LEFTOVER_AGE { fs::remove_file(path) } else { Ok(()) }
}
