//! What is sent: files as they are, and folders as archives.
use std::{
    collections::HashSet,
    fs::{self, File},
    io::SeekFrom,
    path::{Path, PathBuf},
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};

use crate::{
    archive,
    digest::{Digest, Digesting},
    error::{Error, Result},
};

/// One file of a build to be.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// What it is called in the store.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) digest: Digest,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    /// It has no name, so that nothing is left of it whatever ends the program.
    Archive(File),
}

impl Parcel {
    /// A file, or a folder packed into an archive that is called so, which takes room below `scratch` meanwhile.
    pub(crate) fn of(path: &Path, archive: &str, scratch: &Path) -> Result<Self> {
        if fs::metadata(path).map_err(Error::file(path))?.is_dir() {
            return Self::packed(path, archive, scratch);
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Error::Usage(format!("{}: the name is not UTF-8", path.display())))?;
        let (mut digest, mut file) = (Digesting::new(), File::open(path).map_err(Error::file(path))?);
        let size = digest.read(&mut file).map_err(Error::file(path))?;
        let (name, source) = (name.to_owned(), Source::File(path.to_owned()));
        Ok(Self { name, size, digest: digest.finish(), source })
    }

    fn packed(folder: &Path, archive: &str, scratch: &Path) -> Result<Self> {
        fs::create_dir_all(scratch).map_err(Error::file(scratch))?;
        let file = tempfile::tempfile_in(scratch).map_err(Error::file(scratch))?;
        let (size, digest) = archive::pack(folder, &file)?;
        let name = format!("{archive}.{}", archive::EXTENSION);
        Ok(Self { name, size, digest, source: Source::Archive(file) })
    }

    /// Some of its bytes.
    pub(crate) async fn part(&self, offset: u64, length: u64) -> Result<impl AsyncRead + Send + 'static> {
        let failed = |error| Error::File { path: self.name.clone(), error };
        let mut file = match &self.source {
            Source::File(path) => tokio::fs::File::open(path).await.map_err(failed)?,
            // Its place is shared with this one; one part at a time is sent of a parcel.
            Source::Archive(file) => tokio::fs::File::from_std(file.try_clone().map_err(failed)?),
        };
        file.seek(SeekFrom::Start(offset)).await.map_err(failed)?;
        Ok(file.take(length))
    }
}

/// The parcels of some paths; no two of one name.
pub(crate) fn parcels(paths: &[PathBuf], archive: &str, scratch: &Path) -> Result<Vec<Parcel>> {
    let parcels: Vec<Parcel> =
        paths.iter().map(|path| Parcel::of(path, archive, scratch)).collect::<Result<_>>()?;
    let mut names = HashSet::new();
    for parcel in &parcels {
        if !names.insert(parcel.name.as_str()) {
            return Err(Error::Usage(format!("two files would be called {}", parcel.name)));
        }
    }
    Ok(parcels)
}
