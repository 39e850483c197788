//! The objects of a backup: copied from one store into another, and proven by their digest on the way.
use std::path::Path;

use futures::TryStreamExt;
use objects::{Key, Objects, Sha256};
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

/// Copies an object, unless it is there already.
pub(super) async fn copy(from: &Objects, to: &Objects, named: &Named) -> Result<()> {
    let key = Key::parse(named.key.as_str()).map_err(Error::unexpected)?;
    let sha256 = Sha256::from_hex(&named.sha256).map_err(Error::unexpected)?;
    let told = |error: &dyn std::fmt::Display| Error::unexpected(format!("object {}: {error}", named.key));
    if to.size(&key).await.is_ok_and(|size| size == named.size) {
        return Ok(());
    }
    let mut chunks = from.read(&key, 0..named.size).await.map_err(|error| told(&error))?;
    let mut writer = to.writer().await.map_err(|error| told(&error))?;
    while let Some(chunk) = chunks.try_next().await.map_err(|error| told(&error))? {
        writer.write(chunk).await.map_err(|error| told(&error))?;
    }
    let size = writer.written();
    let sealed = writer.seal().await.map_err(|error| told(&error))?;
    if *sealed.sha256() != sha256 || size != named.size {
        return Err(told(&"its bytes are not those that were stored"));
    }
    sealed.keep().await.map_err(|error| told(&error)).map(drop)
}
