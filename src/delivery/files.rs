//! Durable bytes become a file of a draft, and are looked through before anybody gets them.
use futures::{FutureExt, future::BoxFuture};
use objects::Stored;
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{direct_uploads, scans};
use crate::{
    app::App,
    catalog::{
        builds::{self, Build, BuildFile, FileRow},
        object_rows,
    },
    error::Result,
    values::FileName,
};

/// Gives a draft a file whose bytes are already durable, in place of the one of that name.
pub async fn put(app: &App, build: Uuid, name: &FileName, stored: &Stored) -> Result<BuildFile> {
    object_rows::restore(app, stored).await?;
    match app.db.write(async |tx| put_in(app, tx, build, name, stored).await).await {
        Ok(row) => {
            app.wake.poke();
            object_rows::drop_duplicate(app, stored, &row.object_key).await;
            Ok(row.into())
        }
        Err(error) => {
            object_rows::discard(app, stored, &error).await;
            Err(error)
        }
    }
}

/// The same inside the caller's transaction, before which it restores what is kept of equal bytes, and after which it wakes
/// the jobs and drops the duplicate.
pub(super) async fn put_in(
    app: &App,
    tx: &DatabaseTransaction,
    build: Uuid,
    name: &FileName,
    stored: &Stored,
) -> Result<FileRow> {
    let row = builds::put_file(app, tx, build, name, stored).await?;
    scans::ask(app, tx, &row.object_key).await?;
    Ok(row)
}

/// Releases a draft: 409 `not_verified` while bytes of it are still to be read, `not_scanned` and `infected` unless the
/// scanner, if there is one, found nothing in any file.
pub(super) async fn release(app: &App, editor: Uuid, build: Uuid) -> Result<Build> {
    direct_uploads::ask_of_build(app, build).await?;
    scans::ask_of_build(app, build).await?;
    builds::release(app, editor, build, ready).await
}

fn ready<'a>(app: &'a App, tx: &'a DatabaseTransaction, build: Uuid) -> BoxFuture<'a, Result<()>> {
    async move {
        direct_uploads::require_verified(tx, build).await?;
        scans::require_clean(app, tx, build).await
    }
    .boxed()
}
