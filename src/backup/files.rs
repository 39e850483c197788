//! The files of a backup: lines with their digest, durable before the document names them.
use std::{
    fs,
    io::{BufRead, BufReader, BufWriter, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;

use crate::error::{Error, Result};

/// Bytes that are written or read at once.
const BUFFER: usize = 1024 * 1024;
/// Nobody but who made a backup reads it: it holds what the store knows of people.
const MODE: u32 = 0o600;
/// The same of the folder of a backup.
const FOLDER_MODE: u32 = 0o700;

/// A file that is written line by line.
pub(super) struct Lines {
    path: PathBuf,
    file: BufWriter<fs::File>,
    digest: digest::Context,
    count: u64,
}

impl Lines {
    /// A new file; one of that name must not be there.
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        let file = create(&path)?;
        Ok(Self {
            path,
            file: BufWriter::with_capacity(BUFFER, file),
            digest: digest::Context::new(&digest::SHA256),
            count: 0,
        })
    }

    /// Writes one line.
    pub(super) fn push(&mut self, mut line: Vec<u8>) -> Result<()> {
        line.push(b'\n');
        self.digest.update(&line);
        self.count += 1;
        self.file.write_all(&line).map_err(|error| of(&self.path, &error))
    }

    /// Makes it durable; how many lines it has, and its digest in hex.
    pub(super) fn finish(self) -> Result<(u64, String)> {
        let Self { path, file, digest, count } = self;
        let file = file.into_inner().map_err(|error| of(&path, &error))?;
        file.sync_all().map_err(|error| of(&path, &error))?;
        Ok((count, hex::encode(digest.finish())))
    }
}

/// The lines of a file, without their ends.
pub(super) fn lines(path: &Path) -> Result<impl Iterator<Item = Result<String>> + use<'_>> {
    let file = fs::File::open(path).map_err(|error| of(path, &error))?;
    let lines = BufReader::with_capacity(BUFFER, file).lines();
    Ok(lines.map(move |line| line.map_err(|error| of(path, &error))))
}

/// The digest of a file's bytes, in hex.
pub(super) fn digest_of(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path).map_err(|error| of(path, &error))?;
    let mut digest = Digest(digest::Context::new(&digest::SHA256));
    std::io::copy(&mut file, &mut digest).map_err(|error| of(path, &error))?;
    Ok(hex::encode(digest.0.finish()))
}

struct Digest(digest::Context);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes a small file, durably.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| of(path, &error))
}

/// Makes the names in a folder durable.
pub(super) fn sync(folder: &Path) -> Result<()> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| of(folder, &error))
}

/// Makes a folder for a backup; it may be there, but nothing may be in it.
pub(super) fn empty_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| of(folder, &error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| of(folder, &error))?;
    match entries.next() {
        // What was bought lies in it too.
        None => fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER_MODE))
            .map_err(|error| of(folder, &error)),
        Some(_) => Err(of(folder, &"it is not empty; a backup needs a folder of its own")),
    }
}

/// A new file that nobody else reads; one of that name must not be there.
pub(super) fn create(path: &Path) -> Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(MODE).open(path).map_err(|error| of(path, &error))
}

/// A failure that names the file.
pub(super) fn of(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::unexpected(format!("{}: {error}", path.display()))
}
