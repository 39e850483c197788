//! What a backup says of itself.
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::DOCUMENT;
use crate::error::{Error, Result};

/// How backups are laid out; one of another number is not read.
const FORMAT: u32 = 1;

/// What a backup holds, and of what it was made; written last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    format: u32,
    /// The version of the program that made it.
    pub mist: String,
    /// UTC; everything is as it was at this moment.
    pub made_at: DateTime<Utc>,
    /// The migrations that its tables have, by name.
    pub migrations: Vec<String>,
    /// Its tables, by name.
    pub tables: Vec<TableKept>,
    /// How many objects the tables name.
    pub objects: u64,
    /// Their size together, bytes.
    pub object_bytes: u64,
    /// Whether the objects themselves are in it.
    pub holds_objects: bool,
    /// Whether the master key is in it.
    pub holds_master_key: bool,
}

/// A table of a backup.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKept {
    /// Its name, and that of its file.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// Of its file, lower-case hex.
    pub sha256: String,
}

impl Document {
    /// The document of a backup that begins now.
    pub(super) fn new(made_at: DateTime<Utc>, migrations: Vec<String>) -> Self {
        Self {
            format: FORMAT,
            mist: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            migrations,
            tables: Vec::new(),
            objects: 0,
            object_bytes: 0,
            holds_objects: false,
            holds_master_key: false,
        }
    }

    /// How many rows all tables have together.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The document of a whole backup.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(DOCUMENT);
        let text = std::fs::read_to_string(&file).map_err(|error| {
            Error::unexpected(format!("{}: {error}: this is no whole backup", file.display()))
        })?;
        let told = |error: &dyn std::fmt::Display| Error::unexpected(format!("{}: {error}", file.display()));
        let document: serde_json::Value = serde_json::from_str(&text).map_err(|error| told(&error))?;
        if document.get("format").and_then(serde_json::Value::as_u64) != Some(FORMAT.into()) {
            return Err(told(&format!(
                "it is not of format {FORMAT}, the one that this version of Mist reads"
            )));
        }
        serde_json::from_value(document).map_err(|error| told(&error))
    }

    /// The document as it is written.
    pub(super) fn text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(Error::unexpected)
    }
}
