//! The folder of a copy's index, which no other process uses meanwhile.
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Copies that share one data folder at most.
const MOST_COPIES: u32 = 64;

/// A folder that is this copy's until it is dropped.
pub(super) struct Home {
    /// Where the index lies.
    pub(super) folder: PathBuf,
    /// Stands there while somebody wants the index built anew.
    request: PathBuf,
    _lock: File,
}

/// A folder in which some copy has, or had, its index.
pub(super) struct Place {
    /// Where the index lies.
    pub(super) folder: PathBuf,
    /// Whether a process has it now.
    pub(super) is_held: bool,
    request: PathBuf,
}

impl Place {
    /// Asks whoever has the folder to build its index anew.
    pub(super) fn ask_anew(&self) -> Result<()> {
        File::create(&self.request).map(drop).map_err(Error::unexpected)
    }
}

/// The folders below `root`, in their order. Nothing of an index is opened or changed.
pub(super) fn places(root: &Path) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for number in 1..=MOST_COPIES {
        let Ok(lock) = File::open(lock_of(root, number)) else { continue };
        let is_held = match lock.try_lock_shared() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(Error::unexpected(error)),
        };
        let (folder, request) = (folder_of(root, number), request_of(root, number));
        places.push(Place { folder, is_held, request });
    }
    Ok(places)
}

fn lock_of(root: &Path, number: u32) -> PathBuf {
    root.join(format!("{number}.lock"))
}

fn folder_of(root: &Path, number: u32) -> PathBuf {
    root.join(number.to_string())
}

fn request_of(root: &Path, number: u32) -> PathBuf {
    root.join(format!("{number}.rebuild"))
}

impl Home {
    /// The first folder below `root` that nobody has: a second process on one data folder gets another.
    pub(super) fn take(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).map_err(Error::unexpected)?;
        for number in 1..=MOST_COPIES {
            let lock = File::create(lock_of(root, number)).map_err(Error::unexpected)?;
            match lock.try_lock() {
                Ok(()) => {
                    let (folder, request) = (folder_of(root, number), request_of(root, number));
                    return Ok(Self { folder, request, _lock: lock });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(Error::unexpected(error)),
            }
        }
        Err(Error::unexpected(format!("{MOST_COPIES} processes share {}", root.display())))
    }

    /// Whether the index is to be built anew since somebody asked; said once.
    pub(super) fn take_request(&self) -> bool {
        fs::remove_file(&self.request).is_ok()
    }
}
