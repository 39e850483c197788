//! Builds as those who publish see them.
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    digest::Digest,
    error::{Error, Result},
    parcel::Parcel,
    store::Store,
};

/// Where a build stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Draft,
    Released,
    Withdrawn,
}

/// A build.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Build {
    pub(crate) id: String,
    version: String,
    platform: String,
    arch: String,
    kind: String,
    channel: String,
    notes: String,
    rollout_percent: u8,
    pub(crate) status: Status,
    pub(crate) files: Vec<Held>,
}

/// A file of a build.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Held {
    pub(crate) name: String,
    size: u64,
    sha256: Digest,
}

/// What makes a build the one that is meant.
#[derive(Debug)]
pub(crate) struct Made<'a> {
    pub(crate) version: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) arch: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) channel: &'a str,
}

impl Made<'_> {
    fn is(&self, build: &Build) -> bool {
        build.version == self.version
            && build.platform == self.platform
            && build.arch == self.arch
            && build.kind == self.kind
            && build.channel == self.channel
    }
}

impl Held {
    pub(crate) fn is(&self, parcel: &Parcel) -> bool {
        self.name == parcel.name && self.size == parcel.size && self.sha256 == parcel.digest
    }
}

impl Build {
    pub(crate) fn has(&self, parcel: &Parcel) -> bool {
        self.files.iter().any(|held| held.is(parcel))
    }

    /// Whether it holds these files and no others.
    pub(crate) fn is_made_of(&self, parcels: &[Parcel]) -> bool {
        self.files.len() == parcels.len() && parcels.iter().all(|parcel| self.has(parcel))
    }
}

/// The build that is meant, if it is there.
pub(crate) async fn find(store: &Store, product: &str, made: &Made<'_>) -> Result<Option<Build>> {
    let builds: Vec<Build> = store.list(&["admin", "products", product, "builds"]).await?;
    Ok(builds.into_iter().find(|build| made.is(build)))
}

pub(crate) async fn read(store: &Store, id: &str) -> Result<Build> {
    store.read(&["admin", "builds", id], &[]).await
}

/// The build that is meant, made unless it is there. Whoever makes it at the same time makes the same one.
pub(crate) async fn find_or_make(
    store: &Store,
    product: &str,
    made: &Made<'_>,
    new: &Value,
) -> Result<Build> {
    if let Some(build) = find(store, product, made).await? {
        return Ok(build);
    }
    match store.post(&["admin", "products", product, "builds"], new).await {
        Ok(build) => Ok(build),
        Err(error) if error.refused_with(409) || error.may_pass() => {
            find(store, product, made).await?.ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// Tells a draft what is said of it, unless it knows.
pub(crate) async fn tell(store: &Store, build: &Build, mut stated: Map<String, Value>) -> Result<()> {
    let known = json!({"notes": build.notes, "rollout_percent": build.rollout_percent});
    stated.retain(|member, value| known.get(member.as_str()) != Some(value));
    if stated.is_empty() {
        return Ok(());
    }
    store.change(&["admin", "builds", &build.id], &Value::from(stated)).await
}

/// Takes a file off a draft.
pub(crate) async fn remove(store: &Store, build: &str, name: &str) -> Result<()> {
    gone(store.act(Method::DELETE, &["admin", "builds", build, "files", name]).await)
}

pub(crate) async fn release(store: &Store, build: &str) -> Result<()> {
    store.act(Method::POST, &["admin", "builds", build, "release"]).await
}

/// What isn't there need not be removed.
pub(crate) fn gone(removed: Result<()>) -> Result<()> {
    match removed {
        Err(error @ Error::Refused { .. }) if error.refused_with(404) => Ok(()),
        removed => removed,
    }
}
