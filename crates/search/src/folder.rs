//! Generations of an index on disk: each whole in a folder of its own, one of them named as the one that counts.
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Names the generation that counts.
const CURRENT: &str = "current";

/// Why an index is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is none yet.
    Missing,
    /// It was made by a version whose documents are others.
    OtherVersion,
    /// It can't be read.
    Damaged,
}

/// The generation that counts and its version, if there is one.
pub(crate) fn current(root: &Path) -> io::Result<Option<(PathBuf, u32)>> {
    let text = match fs::read_to_string(root.join(CURRENT)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let mut words = text.split_whitespace();
    let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let sound = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let version = version.parse().ok().filter(|_| sound);
    Ok(version.map(|version| (root.join(name), version)))
}

/// An empty folder for a new generation.
pub(crate) fn fresh(root: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(root)?;
    let mut number = 1;
    loop {
        let folder = root.join(format!("generation-{number}"));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder),
        }
    }
}

/// Makes a whole generation the one that counts, and removes the others. Killed in between, either counts.
pub(crate) fn promote(root: &Path, folder: &Path, version: u32) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = root.join(format!("{CURRENT}.new"));
    let mut file = File::create(&draft)?;
    writeln!(file, "{name} {version}")?;
    file.sync_all()?;
    fs::rename(&draft, root.join(CURRENT))?;
    File::open(root)?.sync_all()?;
    remove_others(root, folder)
}

/// Removes every generation but one. An index that is still read keeps its files until it is dropped.
pub(crate) fn remove_others(root: &Path, kept: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() && path != kept {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}
