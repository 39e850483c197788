//! The objects of a backup: copied from one store into another, and proven by their digest on the way.
use std::path::Path;

use aws_lc_rs::digest;
use futures::TryStreamExt;
use objects::{Files, Key, Objects, Sha256, Stored};
use serde::Deserialize;

use super::files;
use crate::error::{Error, Result};

/// The table that names every object.
pub(super) const TABLE: &str = "object";

/// What the tables say of an object.
#[derive(Deserialize)]
pub(super) struct Named {
    key: String,
    /// Bytes.
    pub(super) size: u64,
    sha256: String,
}

/// The objects that a file of the table names.
pub(super) fn named(file: &Path) -> Result<impl Iterator<Item = Result<Named>> + use<'_>> {
    let lines = files::lines(file)?;
    Ok(lines.map(move |line| serde_json::from_str(&line?).map_err(|error| files::of(file, &error))))
}

impl Named {
    fn stored(&self) -> Result<Stored> {
        let key = Key::parse(self.key.as_str()).map_err(Error::unexpected)?;
        let sha256 = Sha256::from_hex(&self.sha256).map_err(Error::unexpected)?;
        Ok(Stored { key, size: self.size, sha256 })
    }

    fn failed(&self, error: &objects::Error) -> Error {
        match error {
            objects::Error::NotFound => Error::unexpected(format!(
                "object {}: it is missing, or its bytes are not those that were stored",
                self.key
            )),
            error => Error::unexpected(format!("object {}: {error}", self.key)),
        }
    }
}

/// Copies an object under its name, unless it is there already.
pub(super) async fn copy(from: &Objects, to: &Objects, named: &Named) -> Result<()> {
    let stored = named.stored()?;
    if to.size(&stored.key).await.is_ok_and(|size| size == named.size) {
        return Ok(());
    }
    to.copy(from, &stored).await.map_err(|error| named.failed(&error))
}

/// The same into a backup in a bucket.
pub(super) async fn copy_out(from: &Objects, to: &Files, named: &Named) -> Result<()> {
    let stored = named.stored()?;
    let name = stored.key.path();
    if to.size(&name).await.is_ok_and(|size| size == named.size) {
        return Ok(());
    }
    let copied = async {
        let mut digest = digest::Context::new(&digest::SHA256);
        let bytes = from.read(&stored.key, 0..stored.size).await?;
        to.write(&name, stored.size, bytes.inspect_ok(|chunk| digest.update(chunk))).await?;
        if hex::encode(digest.finish()) == named.sha256 {
            return Ok(());
        }
        to.delete(&name).await?;
        Err(objects::Error::NotFound)
    };
    copied.await.map_err(|error| named.failed(&error))
}

/// The same out of a backup in a bucket.
pub(super) async fn copy_back(from: &Files, to: &Objects, named: &Named) -> Result<()> {
    let stored = named.stored()?;
    if to.size(&stored.key).await.is_ok_and(|size| size == named.size) {
        return Ok(());
    }
    let copied = async { to.take(from.read(&stored.key.path()).await?, &stored).await };
    copied.await.map_err(|error| named.failed(&error))
}
