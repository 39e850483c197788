//! Where things lie under the root, and how a file becomes durable there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::temporary::{self, Temporary};
use crate::{Error, Found, Key};

pub(crate) mod draft;
pub(crate) mod read;
pub(crate) mod write;

/// What a probe writes: one block, so that a full disk is noticed.
const PROBE: [u8; 4096] = [0; 4096];

/// How a name ends of an object that is taken away to be looked at.
const TAKEN: &str = "removed";

pub(crate) struct Folder {
    root: PathBuf,
    objects: PathBuf,
    tmp: PathBuf,
    drafts: PathBuf,
}

impl Folder {
    /// Makes the root and its subfolders where they are missing, and removes what died processes left.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        make_durable(&root)?;
        let folder =
            Self { objects: root.join("objects"), tmp: root.join("tmp"), drafts: root.join("drafts"), root };
        folder.make_subfolders()?;
        folder.give_back()?;
        #[expect(clippy::disallowed_methods, reason = "file times are the machine's, not the store's")]
        temporary::remove_leftovers(&folder.tmp, SystemTime::now())?;
        Ok(folder)
    }

    /// The subfolders are made again when only they are gone. A missing root is an error: it may be a disk that is not mounted.
    fn make_subfolders(&self) -> io::Result<()> {
        let made = [make(&self.objects)?, make(&self.tmp)?, make(&self.drafts)?];
        if made.contains(&true) { sync(&self.root) } else { Ok(()) }
    }

    pub(crate) fn temporary(&self) -> io::Result<Temporary> {
        match Temporary::create(&self.tmp) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_subfolders()?;
                Temporary::create(&self.tmp)
            }
            other => other,
        }
    }

    /// Gives a synced file its lasting name. All folders above it are synced, even those already there: another writer may
    /// have made them a moment ago and not synced yet, and syncing a clean folder costs next to nothing.
    pub(crate) fn keep(&self, temporary: Temporary, key: &Key) -> io::Result<()> {
        self.place(key, |to| temporary.rename(to))
    }

    /// As [`Self::keep`], for a draft.
    pub(crate) fn keep_draft(&self, name: u128, key: &Key) -> io::Result<()> {
        self.place(key, |to| fs::rename(self.draft(name), to))
    }

    fn place(&self, key: &Key, rename: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let [first, second] = self.shards(key);
        make(&self.objects)?;
        make(&first)?;
        make(&second)?;
        rename(&second.join(key.as_str()))?;
        for folder in [&second, &first, &self.objects, &self.root] {
            sync(folder)?;
        }
        Ok(())
    }

    pub(crate) fn open_object(&self, key: &Key) -> Result<File, Error> {
        File::open(self.path(key)).map_err(|error| self.absence(error))
    }

    pub(crate) fn size(&self, key: &Key) -> Result<u64, Error> {
        let metadata = fs::metadata(self.path(key)).map_err(|error| self.absence(error))?;
        Ok(metadata.len())
    }

    pub(crate) fn delete(&self, key: &Key) -> Result<(), Error> {
        let [_, shard] = self.shards(key);
        fs::remove_file(shard.join(key.as_str())).map_err(|error| self.absence(error))?;
        Ok(sync(&shard)?)
    }

    /// Removes an object that nobody wrote since then; false when somebody did, or it is not there.
    ///
    /// Who writes the same bytes gives them this name at any moment: so it is taken away first, looked at, and given
    /// back when it is new.
    pub(crate) fn delete_older(&self, key: &Key, than: SystemTime) -> Result<bool, Error> {
        let path = self.path(key);
        let is_old = |path: &Path| Ok::<_, io::Error>(fs::symlink_metadata(path)?.modified()? < than);
        match is_old(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let taken = self.tmp.join(key.as_str()).with_extension(TAKEN);
        fs::rename(&path, &taken)?;
        let removed = is_old(&taken).and_then(|old| match old {
            true => fs::remove_file(&taken).map(|()| true),
            false => self.place(key, |to| fs::rename(&taken, to)).map(|()| false),
        });
        match removed {
            Ok(true) => {
                let [_, shard] = self.shards(key);
                sync(&shard)?;
                Ok(true)
            }
            // Whoever opens the folder at this moment gave it back.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            other => Ok(other?),
        }
    }

    /// Gives back what a process that died had taken away to look at. It is as new as if it were written now: should nobody
    /// have it, it is found again. What can't be given back is logged and stays.
    fn give_back(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.tmp)? {
            let taken = entry?.path();
            let name = taken.file_stem().and_then(|name| name.to_str());
            let Some(key) = name.filter(|_| is_taken(&taken)).and_then(|name| Key::parse(name).ok()) else {
                continue;
            };
            let given = File::open(&taken)
                .and_then(|file| renew(&file))
                .and_then(|()| self.place(&key, |to| fs::rename(&taken, to)));
            match given {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, %key, "an object could not be given back");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The shards that there are, in order: folders of objects whose names begin alike.
    pub(crate) fn shards_there(&self) -> io::Result<Vec<PathBuf>> {
        let mut shards = Vec::new();
        for first in folders(&self.objects)? {
            shards.extend(folders(&first)?);
        }
        Ok(shards)
    }

    /// The objects of a shard; what is none is passed over.
    pub(crate) fn objects_of(shard: &Path) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(shard)? {
            let entry = entry?;
            let Some(key) = entry.file_name().into_string().ok().and_then(|name| Key::parse(name).ok())
            else {
                continue;
            };
            match entry.metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => {
                    let metadata = other?;
                    found.push(Found { key, size: metadata.len(), modified: metadata.modified()? });
                }
            }
        }
        Ok(found)
    }

    /// Opens a draft, and makes it when it is missing and may be.
    pub(crate) fn open_draft(&self, name: u128, make: bool) -> Result<File, Error> {
        let open =
            || File::options().read(true).write(true).create(make).truncate(false).open(self.draft(name));
        let opened = match open() {
            Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
                self.make_subfolders()?;
                open()
            }
            opened => opened,
        };
        opened.map_err(|error| self.absence(error))
    }

    /// Makes the names of the drafts durable.
    pub(crate) fn sync_drafts(&self) -> io::Result<()> {
        sync(&self.drafts)
    }

    pub(crate) fn delete_draft(&self, name: u128) -> Result<(), Error> {
        fs::remove_file(self.draft(name)).map_err(|error| self.absence(error))
    }

    /// The names of all drafts; what is no draft's name is passed over.
    pub(crate) fn drafts(&self) -> io::Result<Vec<u128>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.drafts)? {
            let name = entry?.file_name();
            names.extend(name.to_str().and_then(|name| u128::from_str_radix(name, 16).ok()));
        }
        Ok(names)
    }

    fn draft(&self, name: u128) -> PathBuf {
        self.drafts.join(format!("{name:032x}"))
    }

    pub(crate) fn probe(&self) -> io::Result<()> {
        self.make_subfolders()?;
        let mut temporary = self.temporary()?;
        temporary.file.write_all(&PROBE)?;
        temporary.remove()
    }

    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        let [_, shard] = self.shards(key);
        shard.join(key.as_str())
    }

    fn shards(&self, key: &Key) -> [PathBuf; 2] {
        let (first, rest) = key.as_str().split_at(2);
        let (second, _) = rest.split_at(2);
        let first = self.objects.join(first);
        let second = first.join(second);
        [first, second]
    }

    /// A file that is not there is a missing object only while the folder of objects is there.
    fn absence(&self, error: io::Error) -> Error {
        let absent = error.kind() == io::ErrorKind::NotFound && self.objects.is_dir();
        if absent { Error::NotFound } else { error.into() }
    }
}

/// Whether a file is an object that was taken away to be looked at.
pub(crate) fn is_taken(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == TAKEN)
}

/// Makes a file as new as if it were written now.
fn renew(file: &File) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "file times are the machine's, not the store's")]
    file.set_modified(SystemTime::now())
}

/// The folders in a folder, in order.
fn folders(above: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(above)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Makes one folder; true when it was not there.
fn make(folder: &Path) -> io::Result<bool> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a folder and those above it, each durable in the one that holds it.
fn make_durable(folder: &Path) -> io::Result<()> {
    let Some(parent) = folder.parent() else { return Ok(()) };
    if folder.is_dir() {
        return Ok(());
    }
    make_durable(parent)?;
    if make(folder)? { sync(parent) } else { Ok(()) }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
