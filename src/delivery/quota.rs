//! Whether a product has room for an upload that begins. What is on its way to any of its builds counts already, so that nobody
//! sends for hours what is refused in the end.
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{direct_upload_queries, upload_queries};
use crate::{
    app::App,
    catalog::builds,
    error::{Error, Result},
    values::FileName,
};

/// Locks a draft, where bytes are limited its product before it; 404, 409 as the build is.
pub(super) async fn lock(app: &App, tx: &DatabaseTransaction, build: Uuid) -> Result<()> {
    if is_limited(app) {
        builds::lock_product_of(tx, build).await?;
    }
    builds::lock_draft(tx, build).await
}

/// 409 `product_full` unless there is room for so many bytes beside all that is there or on its way. The build is locked by
/// [`lock`].
pub(super) async fn require_room(
    app: &App,
    tx: &DatabaseTransaction,
    build: Uuid,
    bytes: u64,
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_limited(app) {
        return Ok(());
    }
    let coming = coming(tx, build, now).await?;
    builds::require_room_for(app, tx, build, bytes.saturating_add(coming)).await
}

/// 404, 409 unless a draft would take a file of so many bytes at this moment, in place of the one of that name. Nothing is
/// locked, so whoever puts it judges once more; but few bytes come, or are kept, in vain.
pub(super) async fn foresee(app: &App, build: Uuid, name: &FileName, bytes: u64) -> Result<()> {
    let db = &app.db.read;
    builds::require_draft(db, build).await?;
    if !is_limited(app) {
        return Ok(());
    }
    let replaced = builds::file(db, build, name.as_str()).await?.map_or(0, |file| file.size);
    let replaced = u64::try_from(replaced).map_err(Error::unexpected)?;
    let coming = coming(db, build, app.clock.now()).await?;
    match bytes.saturating_add(coming).checked_sub(replaced) {
        Some(more @ 1..) => builds::require_room_for(app, db, build, more).await,
        _ => Ok(()),
    }
}

/// Bytes that are on their way to any build of a build's product.
async fn coming(db: &impl ConnectionTrait, build: Uuid, now: DateTime<Utc>) -> Result<u64> {
    let builds = builds::beside(db, build).await?;
    let coming = upload_queries::coming(db, &builds, now).await?
        + direct_upload_queries::coming(db, &builds, now).await?;
    u64::try_from(coming).map_err(Error::unexpected)
}

fn is_limited(app: &App) -> bool {
    app.config.delivery.product_bytes > 0
}
