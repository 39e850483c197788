//! The files of an index that serves, written without waiting for the disk.
//!
//! A change is seen sooner by the tenth of a second that some twenty waits take, and loses nothing by it: a process that is
//! killed leaves its files to the system, and where the power failed, every file is looked at before one is used again
//! ([`are_whole`]). An index that isn't whole is built anew from what it was made of.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tantivy::{
    Index,
    directory::{
        AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite,
        WatchCallback, WatchHandle, WritePtr,
        error::{DeleteError, LockError, OpenReadError, OpenWriteError},
    },
};

use crate::error::Result;

/// A folder of files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    mapped: MmapDirectory,
    /// Names drafts, so that no two writers share one.
    drafts: Arc<AtomicU64>,
}

impl Files {
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let mapped = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        Ok(Self { folder: folder.to_owned(), mapped, drafts: Arc::default() })
    }
}

/// Whether every file of an index's last commit says what was written.
pub(crate) fn are_whole(index: &Index, folder: &Path) -> Result<bool> {
    let known = index.directory().list_managed_files();
    let segments: Vec<String> =
        index.load_metas()?.segments.iter().map(|segment| segment.id().uuid_string()).collect();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        // One that isn't known would not be looked at.
        if segments.iter().any(|segment| text.starts_with(segment.as_str()))
            && !known.contains(Path::new(&name))
        {
            return Ok(false);
        }
    }
    Ok(index.validate_checksum()?.is_empty())
}

impl Directory for Files {
    fn get_file_handle(&self, path: &Path) -> std::result::Result<Arc<dyn FileHandle>, OpenReadError> {
        self.mapped.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> std::result::Result<(), DeleteError> {
        self.mapped.delete(path)
    }

    fn exists(&self, path: &Path) -> std::result::Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> std::result::Result<WritePtr, OpenWriteError> {
        let opened = OpenOptions::new().write(true).create_new(true).open(self.folder.join(path));
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })?;
        Ok(BufWriter::new(Box::new(Written(file))))
    }

    fn atomic_read(&self, path: &Path) -> std::result::Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("draft-{number}"));
        fs::write(&draft, data)?;
        fs::rename(&draft, self.folder.join(path))
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> std::result::Result<DirectoryLock, LockError> {
        self.mapped.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(callback)
    }
}

struct Written(File);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for Written {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}
