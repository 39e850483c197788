//! What can be told of an index by looking at its folder, while another process may be using it.
use std::{fs, io, path::Path};

use tantivy::Index as Inner;

use crate::{error::Result, folder};

/// How an index stood when its last commit was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Of its documents.
    pub version: u32,
    /// How many.
    pub documents: u64,
    /// In so many segments.
    pub segments: usize,
    /// What the commit was told to remember.
    pub note: Option<String>,
    /// On disk.
    pub bytes: u64,
}

impl Standing {
    /// That of the index in a folder; none where there is no index that can be read. Nothing is opened for writing.
    pub fn of(root: &Path) -> Result<Option<Self>> {
        let Some((path, version)) = folder::current(root)? else { return Ok(None) };
        let Ok(inner) = Inner::open_in_dir(&path) else { return Ok(None) };
        let metas = inner.load_metas()?;
        Ok(Some(Self {
            version,
            documents: metas.segments.iter().map(|segment| u64::from(segment.num_docs())).sum(),
            segments: metas.segments.len(),
            note: metas.payload,
            bytes: size(&path)?,
        }))
    }
}

/// Bytes of the files in a folder; one that goes meanwhile counts nothing.
fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata().map_or(0, |file| file.len());
    }
    Ok(bytes)
}
