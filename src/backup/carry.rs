//! The files of a backup on their way between a folder and a bucket.
use std::path::Path;

use futures::TryStreamExt;
use objects::Files;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use super::{DOCUMENT, Document, MASTER_KEY, Place, TABLES, files, make::file_of};
use crate::error::Result;

/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// Puts what a folder holds of a backup into a bucket: its tables, its key, and last its document.
pub(super) async fn out(folder: &Path, document: &Document, to: &Files) -> Result<()> {
    for table in &document.tables {
        put(&folder.join(TABLES).join(file_of(&table.name)), to, &of_table(&table.name)).await?;
    }
    if document.holds_master_key {
        put(&folder.join(MASTER_KEY), to, MASTER_KEY).await?;
    }
    put(&folder.join(DOCUMENT), to, DOCUMENT).await
}

/// Fetches the document, the tables and the key of a backup in a bucket into a folder, as they lie in one that was made there.
pub(super) async fn back(from: &Files, folder: &Path) -> Result<()> {
    get(from, DOCUMENT, &folder.join(DOCUMENT)).await?;
    let document = Document::read(folder)?;
    let tables = folder.join(TABLES);
    std::fs::create_dir(&tables).map_err(|error| files::of(&tables, &error))?;
    for table in &document.tables {
        // A name becomes a path here.
        if !table.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(files::of(&folder.join(DOCUMENT), &"it names a table that can't be one"));
        }
        get(from, &of_table(&table.name), &tables.join(file_of(&table.name))).await?;
    }
    if document.holds_master_key {
        get(from, MASTER_KEY, &folder.join(MASTER_KEY)).await?;
    }
    Ok(())
}

fn of_table(name: &str) -> String {
    format!("{TABLES}/{}", file_of(name))
}

async fn put(path: &Path, to: &Files, name: &str) -> Result<()> {
    let file = tokio::fs::File::open(path).await.map_err(|error| files::of(path, &error))?;
    let size = file.metadata().await.map_err(|error| files::of(path, &error))?.len();
    let written = to.write(name, size, ReaderStream::with_capacity(file, CHUNK)).await;
    written.map_err(|error| Place::Bucket(to.below(name)).failed(&error))
}

async fn get(from: &Files, name: &str, path: &Path) -> Result<()> {
    let failed = |error: &objects::Error| Place::Bucket(from.below(name)).failed(error);
    let mut bytes = match from.read(name).await {
        Err(objects::Error::NotFound) if name == DOCUMENT => {
            return Err(files::of(Path::new(&from.to_string()), &"this is no whole backup"));
        }
        read => read.map_err(|error| failed(&error))?,
    };
    let mut file = tokio::fs::File::from_std(files::create(path)?);
    while let Some(chunk) = bytes.try_next().await.map_err(|error| failed(&error.into()))? {
        file.write_all(&chunk).await.map_err(|error| files::of(path, &error))?;
    }
    file.flush().await.map_err(|error| files::of(path, &error))
}
