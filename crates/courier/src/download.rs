//! One file on its way out of a store: into a half with a name of its own, compared with its digest, and only then
//! given its name. A half that is there already is gone on with.
use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use reqwest::{StatusCode, header::RANGE};

use crate::{
    digest::{Digest, Digesting},
    error::{Error, Result},
    library::{self, OwnedFile},
    names,
    patience::Patience,
    progress::{Bar, Progress},
    store::{Store, sent},
};

/// Where a file comes from.
#[derive(Clone, Copy)]
pub(crate) struct From<'a> {
    pub(crate) store: &'a Store,
    /// The id of the product.
    pub(crate) product: &'a str,
    /// The id of the build.
    pub(crate) build: &'a str,
}

/// What a file cost.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// The file as it came.
    pub(crate) file: OwnedFile,
    /// Bytes that came.
    pub(crate) fetched: u64,
    /// Bytes that an earlier half had.
    pub(crate) resumed: u64,
}

/// Whether a folder has the very bytes of a file.
pub(crate) async fn is_there(folder: &Path, file: &OwnedFile) -> Result<bool> {
    names::require_plain(&file.name)?;
    let (path, file) = (folder.join(&file.name), file.clone());
    blocking(move || {
        let Ok(mut there) = File::open(&path) else { return Ok(false) };
        if there.metadata().map_err(Error::file(&path))?.len() != file.size {
            return Ok(false);
        }
        let mut digest = Digesting::new();
        digest.read(&mut there).map_err(Error::file(&path))?;
        Ok(digest.finish() == file.sha256)
    })
    .await
}

/// What the half of a file is called before which a build has so many others of equal bytes. It is the same whenever the
/// build is fetched, so that it is gone on with.
pub(crate) fn half(file: &OwnedFile, equal: usize) -> String {
    let own = names::OWN;
    match equal {
        0 => format!("{own}{}.part", file.sha256),
        equal => format!("{own}{}-{equal}.part", file.sha256),
    }
}

/// Fetches a file into a folder, by way of its half there.
pub(crate) async fn fetch(
    from: From<'_>,
    folder: &Path,
    file: &OwnedFile,
    half: PathBuf,
    progress: &Progress,
) -> Result<Fetched> {
    names::require_plain(&file.name)?;
    let link = library::link(from.store, from.product, from.build, &file.name).await?;
    // A copy with its owner's name has another digest than the build says until it is made.
    if link.file.sha256 != file.sha256 && is_there(folder, &link.file).await? {
        return Ok(Fetched { file: link.file, fetched: 0, resumed: 0 });
    }
    let (file, mut link) = (&link.file, Some(link.url));
    let mut half = blocking(move || Half::open(half)).await?;
    let resumed = half.size;
    let bar = progress.begin(&file.name, file.size, resumed);
    let mut digest = half.fill(from, file, &mut link, &bar).await?;
    let mut fetched = half.size.saturating_sub(resumed);
    if digest != file.sha256 && resumed > 0 {
        // The earlier half was of something else; what comes whole is judged anew.
        half.cut()?;
        digest = half.fill(from, file, &mut link, &bar).await?;
        fetched += half.size;
    }
    if digest != file.sha256 || half.size != file.size {
        half.remove();
        return Err(Error::Tampered(file.name.clone()));
    }
    let target = folder.join(&file.name);
    blocking(move || half.name(&target)).await?;
    bar.end();
    Ok(Fetched { file: file.clone(), fetched, resumed })
}

/// What came of a file.
struct Half {
    path: PathBuf,
    file: File,
    size: u64,
    digest: Digesting,
}

impl Half {
    fn open(path: PathBuf) -> Result<Self> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(Error::file(&path))?;
        let mut digest = Digesting::new();
        let size = digest.read(&mut file).map_err(Error::file(&path))?;
        Ok(Self { path, file, size, digest })
    }

    /// Gets the rest, by the link that is there and with a new one whenever one breaks off; gives the digest of all.
    async fn fill(
        &mut self,
        from: From<'_>,
        file: &OwnedFile,
        link: &mut Option<String>,
        bar: &Bar,
    ) -> Result<Digest> {
        let mut patience = Patience::default();
        while self.size < file.size {
            let before = self.size;
            let outcome = self.go_on(from, file, link.take(), bar).await;
            if self.size > before {
                patience.renew();
            }
            match outcome {
                Ok(()) if self.size < file.size && self.size == before => {
                    return Err(Error::Unsound(format!("{}: nothing more comes of it", file.name)));
                }
                Ok(()) => {}
                Err(error) => patience.after(error).await?,
            }
        }
        Ok(self.digest.clone().finish())
    }

    async fn go_on(
        &mut self,
        from: From<'_>,
        file: &OwnedFile,
        link: Option<String>,
        bar: &Bar,
    ) -> Result<()> {
        let link = match link {
            Some(link) => link,
            None => library::link(from.store, from.product, from.build, &file.name).await?.url,
        };
        let mut request = from.store.fetch(&link);
        if self.size > 0 {
            request = request.header(RANGE, format!("bytes={}-", self.size));
        }
        let mut response = sent(request).await?;
        if response.status() != StatusCode::PARTIAL_CONTENT {
            self.cut()?;
            bar.set(0);
        }
        while let Some(chunk) = response.chunk().await? {
            if chunk.len() as u64 > file.size - self.size {
                self.remove();
                return Err(Error::Tampered(file.name.clone()));
            }
            // A few pages into the system's cache: shorter than handing them to another thread.
            self.file.write_all(&chunk).map_err(Error::file(&self.path))?;
            self.digest.update(&chunk);
            self.size += chunk.len() as u64;
            bar.advance(chunk.len() as u64);
        }
        Ok(())
    }

    /// Begins from nothing.
    fn cut(&mut self) -> Result<()> {
        let begun = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        begun.map_err(Error::file(&self.path))?;
        (self.size, self.digest) = (0, Digesting::new());
        Ok(())
    }

    /// Gives it its name, once its bytes are durable.
    fn name(self, target: &Path) -> Result<()> {
        self.file.sync_all().map_err(Error::file(&self.path))?;
        drop(self.file);
        std::fs::rename(&self.path, target).map_err(Error::file(target))
    }

    fn remove(&self) {
        // Best effort: a half that stays is of no harm, for it is compared before it is used.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Unsound(error.to_string()))?
}
