//! Making a backup, while the store serves.
use std::path::Path;

use objects::{Files, Objects};

use super::{
    DOCUMENT, Document, MASTER_KEY, Place, TABLES, carry, files, objects as kept, place::Staging, rows,
    schema,
};
use crate::{
    clock::Clock,
    config::Config,
    db::Db,
    error::{Error, Result},
};

/// How the folder is called in which tables lie on their way to a bucket, with the process behind it: a server's is always the
/// same where it has a machine of its own, so that what it left when it was killed goes with the next one.
const STAGING: &str = "backup";

/// What a backup holds beside the tables.
#[derive(Clone, Copy, Debug)]
pub struct Contents {
    /// The objects themselves. Without them it is of use only where the object store outlives the database.
    pub objects: bool,
    /// The master key, if it is a file of the data folder: without it nothing sealed can be opened again.
    pub master_key: bool,
}

/// Makes a backup in a place where nothing is: every table as it is at one moment, then the objects that they name. It is
/// whole once it has its document; a failure leaves it without. On their way to a bucket the tables lie in the data folder.
pub async fn make(
    db: &Db,
    objects: &Objects,
    config: &Config,
    clock: &Clock,
    place: &Place,
    contents: Contents,
) -> Result<Document> {
    match place {
        Place::Folder(folder) => {
            files::empty_folder(folder)?;
            fill(db, objects, config, clock, folder, None, contents).await
        }
        Place::Bucket(bucket) => {
            if !bucket.is_empty().await.map_err(|error| place.failed(&error))? {
                return Err(Error::unexpected(format!(
                    "{place}: it is not empty; a backup needs a place of its own"
                )));
            }
            let staging = Staging::new(config, &format!("{STAGING}-{}", std::process::id()))?;
            let folder = staging.path();
            let document = fill(db, objects, config, clock, folder, Some(bucket), contents).await?;
            carry::out(folder, &document, bucket).await?;
            Ok(document)
        }
    }
}

/// Fills a folder with a backup; its objects go into the bucket, if there is one.
async fn fill(
    db: &Db,
    objects: &Objects,
    config: &Config,
    clock: &Clock,
    folder: &Path,
    bucket: Option<&Files>,
    contents: Contents,
) -> Result<Document> {
    let tables = folder.join(TABLES);
    std::fs::create_dir(&tables).map_err(|error| files::of(&tables, &error))?;
    let mut document = dump(db, clock, &tables).await?;
    let named = tables.join(file_of(kept::TABLE));
    match bucket {
        _ if !contents.objects => {}
        Some(bucket) => {
            for object in kept::named(&named)? {
                kept::copy_out(objects, bucket, &object?).await?;
            }
        }
        None => {
            let store = Objects::open(folder.to_owned()).map_err(|error| files::of(folder, &error))?;
            for object in kept::named(&named)? {
                kept::copy(objects, &store, &object?).await?;
            }
        }
    }
    for object in kept::named(&named)? {
        document.objects += 1;
        document.object_bytes = document.object_bytes.saturating_add(object?.size);
    }
    document.holds_objects = contents.objects;
    let key = config.folder(MASTER_KEY);
    if contents.master_key && config.master_key.is_none() && key.exists() {
        let text = std::fs::read_to_string(&key).map_err(|error| files::of(&key, &error))?;
        files::write(&folder.join(MASTER_KEY), &text)?;
        document.holds_master_key = true;
    }
    files::sync(&tables)?;
    // Under another name until it is whole, for it says that everything else is.
    let draft = folder.join(format!("{DOCUMENT}.draft"));
    files::write(&draft, &document.text()?)?;
    std::fs::rename(&draft, folder.join(DOCUMENT)).map_err(|error| files::of(&draft, &error))?;
    files::sync(folder)?;
    Ok(document)
}

/// The file of a table.
pub(super) fn file_of(table: &str) -> String {
    format!("{table}.ndjson")
}

/// Writes every table, as one snapshot has them.
async fn dump(db: &Db, clock: &Clock, folder: &Path) -> Result<Document> {
    let snapshot = db.snapshot().await?;
    let migrations = schema::migrations(&snapshot).await?;
    if migrations.is_empty() {
        return Err(Error::unexpected("the database holds no store"));
    }
    let mut document = Document::new(clock.now(), migrations);
    for table in schema::tables(&snapshot).await? {
        document.tables.push(rows::dump(&snapshot, &table, &folder.join(file_of(&table.name))).await?);
    }
    snapshot.rollback().await?;
    Ok(document)
}
