//! The objects of a backup: copied from one store into another, and proven by their digest on the way.
use std::path::Path;

use objects::{Key, Objects, Sha256, Stored};
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

/// Copies an object under its name, unless it is there already.
pub(super) async fn copy(from: &Objects, to: &Objects, named: &Named) -> Result<()> {
    let key = Key::parse(named.key.as_str()).map_err(Error::unexpected)?;
    let sha256 = Sha256::from_hex(&named.sha256).map_err(Error::unexpected)?;
    if to.size(&key).await.is_ok_and(|size| size == named.size) {
        return Ok(());
    }
    let stored = Stored { key, size: named.size, sha256 };
    to.copy(from, &stored).await.map_err(|error| match error {
        objects::Error::NotFound => Error::unexpected(format!(
            "object {}: it is missing, or its bytes are not those that were stored",
            named.key
        )),
        error => Error::unexpected(format!("object {}: {error}", named.key)),
    })
}
