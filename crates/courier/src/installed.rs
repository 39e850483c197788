//! What a target folder holds, kept in it: by this an update asks for no more than what changed.
use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    library::OwnedFile,
};

/// Where it is noted, in the target folder.
const FILE: &str = ".mist-installed.json";
/// Bytes of it that are read: more than a build of the most files needs.
const LONGEST: u64 = 1024 * 1024;

/// What was put into a folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Installed {
    /// The id of the product.
    pub(crate) product: String,
    /// The id of the build.
    pub(crate) build: String,
    pub(crate) version: String,
    pub(crate) files: Vec<OwnedFile>,
}

impl Installed {
    /// What a folder holds of a product. What can't be read is asked for anew.
    pub(crate) fn read(folder: &Path, product: &str) -> Option<Self> {
        let path = path(folder);
        let small = std::fs::metadata(&path).is_ok_and(|about| about.len() <= LONGEST);
        let text = small.then(|| std::fs::read(&path).ok()).flatten()?;
        let installed: Self = serde_json::from_slice(&text).ok()?;
        (installed.product == product).then_some(installed)
    }

    /// Notes it, in the place of what was noted before, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = path(folder);
        let written = || {
            let mut file = tempfile::Builder::new().prefix(crate::names::OWN).tempfile_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error).map(drop)
        };
        written().map_err(Error::file(&path))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
