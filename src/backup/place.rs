//! Where a backup is: in a folder, or below a prefix of a bucket. Both are laid out alike, so one can be copied into the other.
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use objects::Files;

use super::{DOCUMENT, files};
use crate::{
    config::{BackupPlace, Config},
    error::{Error, Result},
    storage,
};

/// Where a backup is, or several.
#[derive(Clone)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A prefix of a bucket.
    Bucket(Files),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(files) => write!(f, "{files}"),
        }
    }
}

impl Place {
    /// Opens a place of the settings or of the command line; of a bucket nothing is asked yet.
    pub fn open(place: &BackupPlace, config: &Config) -> Result<Self> {
        Ok(match place {
            BackupPlace::Folder(folder) => Self::Folder(folder.clone()),
            BackupPlace::Bucket { bucket, prefix } => Self::Bucket(storage::files(config, bucket, prefix)?),
        })
    }

    /// The place of that name in it.
    pub(super) fn below(&self, name: &str) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.join(name)),
            Self::Bucket(files) => Self::Bucket(files.below(name)),
        }
    }

    /// The names of the places in it.
    pub(super) async fn names(&self) -> Result<Vec<String>> {
        match self {
            Self::Folder(folder) => {
                fs::create_dir_all(folder).map_err(|error| files::of(folder, &error))?;
                let mut names = Vec::new();
                for entry in fs::read_dir(folder).map_err(|error| files::of(folder, &error))? {
                    let entry = entry.map_err(|error| files::of(folder, &error))?;
                    names.extend(entry.file_name().into_string());
                }
                Ok(names)
            }
            Self::Bucket(files) => files.folders().await.map_err(|error| self.failed(&error)),
        }
    }

    /// Whether a whole backup is there.
    pub(super) async fn is_whole(&self) -> Result<bool> {
        match self {
            Self::Folder(folder) => Ok(folder.join(DOCUMENT).is_file()),
            Self::Bucket(files) => match files.size(DOCUMENT).await {
                Ok(_) => Ok(true),
                Err(objects::Error::NotFound) => Ok(false),
                Err(error) => Err(self.failed(&error)),
            },
        }
    }

    /// Removes what is there; the document first, for what is half there is no backup.
    pub(super) async fn remove(&self) -> Result<()> {
        match self {
            Self::Folder(folder) => fs::remove_dir_all(folder).map_err(|error| files::of(folder, &error)),
            Self::Bucket(files) => {
                let removed = async {
                    match files.delete(DOCUMENT).await {
                        Err(objects::Error::NotFound) => {}
                        outcome => outcome?,
                    }
                    files.delete_all().await
                };
                removed.await.map_err(|error| self.failed(&error))
            }
        }
    }

    /// A failure that names the place.
    pub(super) fn failed(&self, error: &objects::Error) -> Error {
        Error::unexpected(format!("{self}: {}", cause(error)))
    }
}

/// What lies behind an error of an object store.
fn cause(error: &objects::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A folder in which a backup lies on its way to or from a bucket, until it is dropped.
pub(super) struct Staging(PathBuf);

impl Staging {
    /// A new folder of that name in the data folder; what an earlier process left of it is removed.
    pub(super) fn new(config: &Config, name: &str) -> Result<Self> {
        let folder = config.folder(name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(files::of(&folder, &error));
            }
            _ => {}
        }
        fs::create_dir_all(&folder).map_err(|error| files::of(&folder, &error))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "what a backup left on its way was not removed");
        }
    }
}
