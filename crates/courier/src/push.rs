//! A build on its way into a store. Whatever broke off is done again: the draft that is there is filled with what it
//! lacks, and a build that was released with the same bytes is what was wanted.
use std::path::PathBuf;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    parcel::{Parcel, parcels},
    product,
    progress::Progress,
    publishing::{self, Build, Made, Status},
    store::Store,
    upload::{self, Sent},
};

/// A build to be sent.
#[derive(Clone, Debug)]
pub struct Push {
    /// The slug or id of its product.
    pub product: String,
    /// As its publisher names it.
    pub version: String,
    /// What it runs on.
    pub platform: String,
    /// Which processor it is for.
    pub arch: String,
    /// Where it appears.
    pub channel: String,
    /// Whether it comes with the product, rather than being it.
    pub extra: bool,
    /// Release notes, Markdown.
    pub notes: Option<String>,
    /// To how many of a hundred owners it is offered once it is released.
    pub rollout_percent: Option<u8>,
    /// Whether it is released once it is whole.
    pub release: bool,
    /// Whether nothing is changed, and only said what would be.
    pub dry_run: bool,
    /// Files, and folders that become an archive each.
    pub paths: Vec<PathBuf>,
    /// Files that are sent at a time.
    pub parallel: usize,
    /// Where archives lie meanwhile.
    pub scratch: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// The id of the build; none of one that a dry run would have made.
    pub build: Option<String>,
    /// Whether it is released.
    pub released: bool,
    /// Its files.
    pub files: usize,
    /// Bytes of all its files.
    pub size: u64,
    /// Bytes that were sent, or would be.
    pub sent: u64,
    /// Bytes of files that the store had in part.
    pub resumed: u64,
    /// Files that the store had already.
    pub kept: usize,
}

/// Sends a build.
pub async fn push(store: &Store, push: &Push, progress: &Progress) -> Result<Pushed> {
    let product = product::find(store, &push.product).await?;
    let parcels = packed(push, &product.name).await?;
    let made = Made {
        version: &push.version,
        platform: &push.platform,
        arch: &push.arch,
        kind: if push.extra { "extra" } else { "build" },
        channel: &push.channel,
    };
    let build = match push.dry_run {
        true => publishing::find(store, &product.id, &made).await?,
        false => Some(publishing::find_or_make(store, &product.id, &made, &new(push, &made)).await?),
    };
    if let Some(done) = settled(build.as_ref(), &parcels, &made)? {
        return Ok(done);
    }
    match build {
        Some(build) if !push.dry_run => fill(store, push, &build, &parcels, progress).await,
        build => foreseen(store, build.as_ref(), &parcels).await,
    }
}

/// The files of a build, folders packed.
async fn packed(push: &Push, product: &str) -> Result<Vec<Parcel>> {
    let archive = archive_name(&[product, &push.version, &push.platform], &push.arch);
    let (paths, scratch) = (push.paths.clone(), push.scratch.clone());
    let work = tokio::task::spawn_blocking(move || parcels(&paths, &archive, &scratch));
    work.await.map_err(|error| Error::Unsound(error.to_string()))?
}

/// What a folder's archive is called; what is no part of a plain name becomes a hyphen.
fn archive_name(parts: &[&str], arch: &str) -> String {
    let mut name = parts.join("-");
    if arch != "any" {
        name = format!("{name}-{arch}");
    }
    name.chars().map(|c| if c.is_alphanumeric() || ".-_+".contains(c) { c } else { '-' }).collect()
}

fn new(push: &Push, made: &Made<'_>) -> Value {
    let mut new = json!({
        "version": made.version, "platform": made.platform, "arch": made.arch, "kind": made.kind,
        "channel": made.channel,
    });
    if let Some(new) = new.as_object_mut() {
        new.extend(stated(push));
    }
    new
}

/// What is said of a build besides what makes it the one that is meant.
fn stated(push: &Push) -> Map<String, Value> {
    let members = [
        ("notes", push.notes.as_ref().map(|notes| json!(notes))),
        ("rollout_percent", push.rollout_percent.map(|percent| json!(percent))),
    ];
    members.into_iter().filter_map(|(member, value)| Some((member.to_owned(), value?))).collect()
}

/// What is there already and never changes: just what is wanted, or a contradiction to it.
fn settled(build: Option<&Build>, parcels: &[Parcel], made: &Made<'_>) -> Result<Option<Pushed>> {
    let Some(build) = build else { return Ok(None) };
    match build.status {
        Status::Draft => Ok(None),
        Status::Released if build.is_made_of(parcels) => {
            let (kept, size) = (parcels.len(), size(parcels));
            let id = Some(build.id.clone());
            Ok(Some(Pushed { build: id, released: true, files: kept, size, sent: 0, resumed: 0, kept }))
        }
        Status::Released => {
            Err(Error::Conflict(format!("{} is released already, with other files", made.version)))
        }
        Status::Withdrawn => Err(Error::Conflict(format!("{} was withdrawn", made.version))),
    }
}

/// What a push would send.
async fn foreseen(store: &Store, build: Option<&Build>, parcels: &[Parcel]) -> Result<Pushed> {
    let open = match build {
        Some(build) => upload::open(store, &build.id).await?,
        None => Vec::new(),
    };
    let lacking: Vec<&Parcel> =
        parcels.iter().filter(|parcel| !build.is_some_and(|build| build.has(parcel))).collect();
    let resumed = lacking.iter().filter_map(|parcel| open.iter().find_map(|upload| upload.came_of(parcel)));
    let resumed: u64 = resumed.sum();
    Ok(Pushed {
        build: build.map(|build| build.id.clone()),
        released: false,
        files: parcels.len(),
        size: size(parcels),
        sent: lacking.iter().map(|parcel| parcel.size).sum::<u64>() - resumed,
        resumed,
        kept: parcels.len() - lacking.len(),
    })
}

/// Makes a draft just what is pushed, and releases it if that is wanted.
async fn fill(
    store: &Store,
    push: &Push,
    build: &Build,
    parcels: &[Parcel],
    progress: &Progress,
) -> Result<Pushed> {
    publishing::tell(store, build, stated(push)).await?;
    for held in build.files.iter().filter(|held| !parcels.iter().any(|parcel| parcel.name == held.name)) {
        publishing::remove(store, &build.id, &held.name).await?;
    }
    let open = upload::open(store, &build.id).await?;
    for parcel in parcels {
        upload::end_others(store, &build.id, &open, parcel).await?;
    }
    let lacking: Vec<&Parcel> = parcels.iter().filter(|parcel| !build.has(parcel)).collect();
    let kept = parcels.len() - lacking.len();
    let sending = lacking.into_iter().map(|parcel| upload::send(store, &build.id, parcel, &open, progress));
    let sent: Vec<Sent> = stream::iter(sending).buffer_unordered(push.parallel.max(1)).try_collect().await?;

    let whole = publishing::read(store, &build.id).await?;
    if let Some(parcel) = parcels.iter().find(|parcel| !whole.has(parcel)) {
        return Err(Error::Tampered(parcel.name.clone()));
    }
    if !whole.is_made_of(parcels) {
        return Err(Error::Conflict("somebody else adds files to the same draft".to_owned()));
    }
    if push.release {
        publishing::release(store, &build.id).await?;
    }
    Ok(Pushed {
        build: Some(build.id.clone()),
        released: push.release,
        files: parcels.len(),
        size: size(parcels),
        sent: sent.iter().map(|sent| sent.sent).sum(),
        resumed: sent.iter().map(|sent| sent.resumed).sum(),
        kept,
    })
}

fn size(parcels: &[Parcel]) -> u64 {
    parcels.iter().map(|parcel| parcel.size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_called_by_what_it_holds() {
        assert_eq!(archive_name(&["celeste", "1.4.2", "linux"], "any"), "celeste-1.4.2-linux");
        assert_eq!(archive_name(&["celeste", "1.4", "linux"], "aarch64"), "celeste-1.4-linux-aarch64");
        assert_eq!(archive_name(&["a", "../1 b:2\\3", "any"], "any"), "a-..-1-b-2-3-any");
    }
}
