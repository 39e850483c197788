//! A product on its way to its owner: what the target folder lacks, or has in another version.
use std::path::PathBuf;

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    download::{self, Fetched, From},
    error::{Error, Result},
    installed::Installed,
    library::{self, OwnedFile},
    progress::Progress,
    store::Store,
};

/// Files that are fetched at a time.
const PARALLEL: usize = 3;

/// A product to be fetched.
#[derive(Clone, Debug)]
pub struct Pull {
    /// Its slug or id.
    pub product: String,
    /// Where it should run; anywhere unless said.
    pub platform: Option<String>,
    /// The processor it should run on; any unless said.
    pub arch: Option<String>,
    /// `stable` unless said.
    pub channel: Option<String>,
    /// Where its files are put; made if it is missing.
    pub folder: PathBuf,
    /// Whether nothing is fetched, and only said what would be.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// As its publisher names it.
    pub version: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// The version that was there before, if one was.
    pub before: Option<String>,
    /// Whether nothing was newer than what was there.
    pub up_to_date: bool,
    /// Bytes that the store says have changed since what was there.
    pub changed: u64,
    /// Bytes that came.
    pub fetched: u64,
    /// Bytes that earlier halves of files had.
    pub resumed: u64,
    /// Files whose bytes were there.
    pub kept: usize,
    /// Files that came.
    pub files: usize,
    /// Names of files of the version before that are no part of this one. They stay where they are.
    pub left_over: Vec<String>,
}

/// Fetches the newest build that is offered, as far as the folder lacks it.
pub async fn pull(store: &Store, pull: &Pull, progress: &Progress) -> Result<Pulled> {
    let product = library::find(store, &pull.product).await?;
    let before = Installed::read(&pull.folder, &product.id);
    let stated = [("platform", &pull.platform), ("arch", &pull.arch), ("channel", &pull.channel)];
    let wanted: Vec<(&str, &str)> =
        stated.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
    let since = before.as_ref().map(|installed| installed.build.as_str());
    let update = library::update(store, &product.id, &wanted, since).await?;
    let build = update.build;
    if !pull.dry_run {
        std::fs::create_dir_all(&pull.folder).map_err(Error::file(&pull.folder))?;
    }

    let mut lacking: Vec<(&OwnedFile, PathBuf)> = Vec::new();
    for (place, file) in build.files.iter().enumerate() {
        if !download::is_there(&pull.folder, file).await? {
            let equal = build.files.iter().take(place).filter(|other| other.sha256 == file.sha256).count();
            lacking.push((file, pull.folder.join(download::half(file, equal))));
        }
    }
    let (files, kept) = (lacking.len(), build.files.len() - lacking.len());
    let bytes: u64 = lacking.iter().map(|(file, _)| file.size).sum();
    let fetched: Vec<Fetched> = match pull.dry_run {
        true => Vec::new(),
        false => {
            let from = From { store, product: &product.id, build: &build.id };
            let fetching = lacking
                .into_iter()
                .map(|(file, half)| download::fetch(from, &pull.folder, file, half, progress));
            stream::iter(fetching).buffer_unordered(PARALLEL).try_collect().await?
        }
    };
    let had = before.as_ref().map(|installed| installed.files.as_slice()).unwrap_or_default();
    let left_over = had.iter().filter(|had| !build.files.iter().any(|file| file.name == had.name));
    let left_over = left_over.map(|had| had.name.clone()).collect();
    if !pull.dry_run {
        let (product, build_id) = (product.id, build.id);
        let (version, mut files) = (build.version.clone(), build.files);
        for came in fetched.iter().map(|fetched| &fetched.file) {
            files.iter_mut().filter(|file| file.name == came.name).for_each(|file| file.clone_from(came));
        }
        Installed { product, build: build_id, version, files }.write(&pull.folder)?;
    }
    Ok(Pulled {
        version: build.version,
        notes: build.notes,
        before: before.map(|installed| installed.version),
        up_to_date: update.up_to_date && files == 0,
        changed: update.changed_size,
        fetched: if pull.dry_run { bytes } else { fetched.iter().map(|fetched| fetched.fetched).sum() },
        resumed: fetched.iter().map(|fetched| fetched.resumed).sum(),
        kept,
        files,
        left_over,
    })
}
