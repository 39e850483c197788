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
    _lock: File,
}

impl Home {
    /// The first folder below `root` that nobody has: a second process on one data folder gets another.
    pub(super) fn take(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).map_err(Error::unexpected)?;
        for number in 1..=MOST_COPIES {
            let lock = File::create(root.join(format!("{number}.lock"))).map_err(Error::unexpected)?;
            match lock.try_lock() {
                Ok(()) => return Ok(Self { folder: root.join(number.to_string()), _lock: lock }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(Error::unexpected(error)),
            }
        }
        Err(Error::unexpected(format!("{MOST_COPIES} processes share {}", root.display())))
    }
}
