//! A folder as one archive: the same bytes whenever and wherever the same files are packed, so that a store knows them
//! again by their digest. Entries come sorted; times, owners and all of the modes but "may be run" are the same for all.
use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use tar::{Builder, EntryType, Header};

use crate::{
    digest::{Digest, Noting},
    error::{Error, Result},
};

/// What archives are called behind their name.
pub(crate) const EXTENSION: &str = "tar.zst";
/// How hard it is tried to make it small: packed once, downloaded often.
const LEVEL: i32 = 9;
/// 1980, which every program that unpacks takes for a date. Seconds since 1970.
const MODIFIED: u64 = 315_532_800;
const PLAIN: u32 = 0o644;
const RUNNABLE: u32 = 0o755;

/// Packs a folder into a file that is empty; gives its size and digest.
pub(crate) fn pack(folder: &Path, into: &File) -> Result<(u64, Digest)> {
    let mut entries = Vec::new();
    collect(folder, "", &mut entries)?;
    if entries.is_empty() {
        return Err(Error::Usage(format!("{}: the folder is empty", folder.display())));
    }
    entries.sort_by(|left, right| left.name.as_bytes().cmp(right.name.as_bytes()));
    let written = || -> Result<(u64, Digest)> {
        let output = io::BufWriter::new(Noting::new(into));
        let mut packed = zstd::Encoder::new(output, LEVEL).map_err(Error::file(folder))?;
        packed.include_checksum(true).map_err(Error::file(folder))?;
        let mut archive = Builder::new(packed);
        for entry in &entries {
            entry.append(&mut archive).map_err(Error::file(&entry.path))?;
        }
        let packed = archive.into_inner().map_err(Error::file(folder))?;
        let output = packed.finish().map_err(Error::file(folder))?;
        let output = output.into_inner().map_err(|error| Error::file(folder)(error.into_error()))?;
        let (_, size, digest) = output.finish();
        Ok((size, digest))
    };
    written()
}

/// Something of a folder.
struct Entry {
    /// From the folder on, with slashes.
    name: String,
    path: PathBuf,
    what: What,
}

enum What {
    Folder,
    File { size: u64, runnable: bool },
    Link(PathBuf),
}

/// Everything below a folder. What is no file, folder or link that stays inside can't be packed.
fn collect(folder: &Path, prefix: &str, entries: &mut Vec<Entry>) -> Result<()> {
    for found in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = found.map_err(Error::file(folder))?.path();
        let unfit = |why: &str| Error::Usage(format!("{}: {why}", path.display()));
        let own = path.file_name().and_then(|name| name.to_str());
        let own = own.ok_or_else(|| unfit("the name is not UTF-8"))?;
        let name = if prefix.is_empty() { own.to_owned() } else { format!("{prefix}/{own}") };
        let about = fs::symlink_metadata(&path).map_err(Error::file(&path))?;
        let what = if about.is_dir() {
            collect(&path, &name, entries)?;
            What::Folder
        } else if about.is_file() {
            What::File { size: about.len(), runnable: is_runnable(&about) }
        } else if about.is_symlink() {
            let target = fs::read_link(&path).map_err(Error::file(&path))?;
            if !stays_inside(prefix, &target) {
                return Err(unfit("the link leads out of the folder"));
            }
            What::Link(target)
        } else {
            return Err(unfit("it is neither a file nor a folder nor a link"));
        };
        entries.push(Entry { name, path, what });
    }
    Ok(())
}

/// Whether a link in a folder so deep in the archive leads to somewhere in it.
fn stays_inside(prefix: &str, target: &Path) -> bool {
    let mut depth = if prefix.is_empty() { 0 } else { prefix.split('/').count() };
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

#[cfg(unix)]
fn is_runnable(about: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o100 != 0
}

/// Elsewhere nothing tells.
#[cfg(not(unix))]
fn is_runnable(_: &Metadata) -> bool {
    false
}

impl Entry {
    fn append<W: io::Write>(&self, archive: &mut Builder<W>) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_mtime(MODIFIED);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(0);
        match &self.what {
            What::Folder => {
                header.set_entry_type(EntryType::Directory);
                header.set_mode(RUNNABLE);
                archive.append_data(&mut header, format!("{}/", self.name), io::empty())
            }
            What::File { size, runnable } => {
                header.set_entry_type(EntryType::Regular);
                header.set_mode(if *runnable { RUNNABLE } else { PLAIN });
                header.set_size(*size);
                let bytes = Exactly { inner: File::open(&self.path)?, left: *size };
                archive.append_data(&mut header, &self.name, bytes)
            }
            What::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(RUNNABLE);
                archive.append_link(&mut header, &self.name, target)
            }
        }
    }
}

/// As many bytes of a file as were promised: one that shrinks while it is packed would shift all that follows.
struct Exactly {
    inner: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        if read == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it changed while it was packed"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};

    use super::*;

    fn packed(folder: &Path) -> (u64, Digest, File) {
        let mut file = tempfile::tempfile().unwrap();
        let (size, digest) = pack(folder, &file).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        (size, digest, file)
    }

    fn fill(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let names = ["b/c", "a", "b.txt", "ü/ß", "z/y/x"];
        fill(one.path(), &names);
        fill(other.path(), &names.iter().rev().copied().collect::<Vec<_>>());
        let long_ago = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        File::options().write(true).open(other.path().join("a")).unwrap().set_times(long_ago).unwrap();
        let (size, digest, mut file) = packed(one.path());
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, size);
        assert_eq!(packed(other.path()).1, digest);
        fill(other.path(), &["b/d"]);
        assert_ne!(packed(other.path()).1, digest);
    }

    #[test]
    fn what_was_packed_unpacks() {
        let folder = tempfile::tempdir().unwrap();
        let deep = format!("{}/end", ["a long name of a folder"; 12].join("/"));
        fill(folder.path(), &["bin/game", "data", &deep]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, symlink};
            fs::set_permissions(folder.path().join("bin/game"), fs::Permissions::from_mode(0o700)).unwrap();
            symlink("../data", folder.path().join("bin/link")).unwrap();
        }
        let (_, _, file) = packed(folder.path());
        let into = tempfile::tempdir().unwrap();
        tar::Archive::new(zstd::Decoder::new(file).unwrap()).unpack(into.path()).unwrap();
        assert_eq!(fs::read_to_string(into.path().join(&deep)).unwrap(), deep);
        assert!(into.path().join("empty").is_dir());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(into.path().join("bin/game")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, RUNNABLE);
            assert_eq!(fs::read_to_string(into.path().join("bin/link")).unwrap(), "data");
        }
    }

    #[test]
    fn what_leads_out_of_the_folder_is_not_packed() {
        for (prefix, target, inside) in [
            ("", "a", true),
            ("", "./a/../b", true),
            ("a/b", "../../c", true),
            ("", "..", false),
            ("a", "../../b", false),
            ("a", "b/../../../c", false),
            ("a", "/etc/passwd", false),
        ] {
            assert_eq!(stays_inside(prefix, Path::new(target)), inside, "{prefix} {target}");
        }
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(pack(empty.path(), &tempfile::tempfile().unwrap()).unwrap_err().exit_code(), 2);
    }
}
