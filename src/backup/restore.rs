//! Restoring a backup into an empty database, of either kind.
use std::path::Path;

use objects::{Files, Objects};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::{
    Document, MASTER_KEY, Place, TABLES, carry,
    document::TableKept,
    files,
    make::file_of,
    objects as kept,
    place::Staging,
    rows,
    schema::{self, ForeignKeys, Table},
};
use crate::{
    config::Config,
    db::Db,
    error::{Error, Result},
    keys::{self, MasterKey},
};

/// Tables in which a store that was used has rows.
const USED: [&str; 4] = ["account", "event", "orders", "product"];
/// How the folder is called in which tables lie on their way from a bucket.
const STAGING: &str = "restoring";
/// What belongs to the processes of the store that was backed up.
const OF_PROCESSES: [&str; 1] = ["lease"];

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub document: Document,
    /// Objects that were brought back.
    pub objects: u64,
}

/// Restores a backup: its objects and the master key, then every table in one transaction, then the migrations that
/// were made since. The database must be empty, or that of a store in which nothing happened yet.
pub async fn restore(db: &Db, objects: &Objects, config: &Config, place: &Place) -> Result<Restored> {
    match place {
        Place::Folder(folder) => from_folder(db, objects, config, folder, None).await,
        Place::Bucket(bucket) => {
            let staging = Staging::new(config, STAGING)?;
            carry::back(bucket, staging.path()).await?;
            from_folder(db, objects, config, staging.path(), Some(bucket)).await
        }
    }
}

/// Restores what a folder holds; its objects come from the bucket, if there is one.
async fn from_folder(
    db: &Db,
    objects: &Objects,
    config: &Config,
    folder: &Path,
    bucket: Option<&Files>,
) -> Result<Restored> {
    let document = Document::read(folder)?;
    let tables = folder.join(TABLES);
    for table in &document.tables {
        prove(&tables, table)?;
    }
    prove_unused(db, &document).await?;
    let master = master_key(config, folder, &document)?;
    let mut count = 0;
    let named = tables.join(file_of(kept::TABLE));
    match bucket {
        _ if !document.holds_objects => {}
        Some(bucket) => {
            for object in kept::named(&named)? {
                kept::copy_back(bucket, objects, &object?).await?;
                count += 1;
            }
        }
        None => {
            let from = Objects::open(folder.to_owned()).map_err(|error| files::of(folder, &error))?;
            for object in kept::named(&named)? {
                kept::copy(&from, objects, &object?).await?;
                count += 1;
            }
        }
    }
    db.write(async |tx| load(tx, &document, &tables, &master).await).await?;
    remove_index(config)?;
    Ok(Restored { document, objects: count })
}

/// Whether a table's file is the one that was written; the error names it.
fn prove(folder: &Path, table: &TableKept) -> Result<()> {
    let file = folder.join(file_of(&table.name));
    if files::digest_of(&file)? == table.sha256 {
        return Ok(());
    }
    Err(files::of(&file, &"it is not what was written: its digest differs"))
}

/// Whether nothing is lost by a restore; the error says what would be.
async fn prove_unused(db: &Db, document: &Document) -> Result<()> {
    let applied = schema::migrations(&db.read).await?;
    if applied.is_empty() {
        return Ok(());
    }
    for table in USED {
        let sql = format!("SELECT 1 FROM \"{table}\" LIMIT 1");
        if db.read.query_one_raw(Statement::from_string(db.backend(), sql)).await?.is_some() {
            return Err(Error::unexpected(format!(
                "the database has rows in {table}: a backup is restored into an empty database alone"
            )));
        }
    }
    if applied == document.migrations {
        return Ok(());
    }
    Err(Error::unexpected("the database has other migrations than the backup: give it an empty database"))
}

/// The master key: of the settings, of the data folder, or else of the backup, from where it is put into the data folder.
fn master_key(config: &Config, folder: &Path, document: &Document) -> Result<MasterKey> {
    let file = config.folder(MASTER_KEY);
    if config.master_key.is_none() && !file.exists() {
        if !document.holds_master_key {
            return Err(Error::unexpected(format!(
                "the backup was made without the master key: set MIST_MASTER_KEY, or put the key into {}",
                file.display()
            )));
        }
        let kept = folder.join(MASTER_KEY);
        let text = std::fs::read_to_string(&kept).map_err(|error| files::of(&kept, &error))?;
        files::write(&file, &text)?;
    }
    MasterKey::load(config.master_key.as_ref(), &file).map_err(Error::unexpected)
}

/// Fills the tables, inside one transaction: all of it or nothing.
async fn load(
    tx: &DatabaseTransaction,
    document: &Document,
    folder: &Path,
    master: &MasterKey,
) -> Result<()> {
    if schema::migrations(tx).await?.is_empty() && !migration::apply_first(tx, &document.migrations).await? {
        return Err(Error::unexpected(format!(
            "the backup was made by Mist {}, which has migrations that this one lacks",
            document.mist
        )));
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    let tables = schema::tables(tx).await?;
    let keys = ForeignKeys::take_off(tx).await?;
    for table in &tables {
        // What a migration or the first start put there.
        tx.execute_unprepared(&format!("DELETE FROM \"{}\"", table.name)).await?;
    }
    for kept in &document.tables {
        let table = tables.iter().find(|table| table.name == kept.name);
        fill(tx, table, kept, folder).await?;
    }
    for table in OF_PROCESSES {
        tx.execute_unprepared(&format!("DELETE FROM {table}")).await?;
    }
    keys.put_back(tx).await?;
    migration::apply(tx).await?;
    keys::prove(tx, master).await
}

async fn fill(
    tx: &DatabaseTransaction,
    table: Option<&Table>,
    kept: &TableKept,
    folder: &Path,
) -> Result<()> {
    let file = folder.join(file_of(&kept.name));
    let table = table.ok_or_else(|| files::of(&file, &"the database has no such table"))?;
    let loaded = rows::load(tx, table, &file).await?;
    if loaded == kept.rows {
        return Ok(());
    }
    Err(files::of(&file, &format!("it has {loaded} lines instead of {}", kept.rows)))
}

/// Removes the indexes of the catalog that was there before: they are built anew from the tables.
fn remove_index(config: &Config) -> Result<()> {
    let index = config.folder("index");
    match std::fs::remove_dir_all(&index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(files::of(&index, &error)),
        _ => Ok(()),
    }
}
