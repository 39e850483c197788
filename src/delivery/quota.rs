//! Whether a product has room for an upload that begins. What is on its way to any of its builds counts already, so that nobody
//! sends for hours what is refused in the end.
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{direct_upload_queries, upload_queries};
use crate::{
    app::App,
    catalog::builds,
    error::{Error, Result},
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
    let builds = builds::beside(tx, build).await?;
    let coming = upload_queries::coming(tx, &builds, now).await?
        + direct_upload_queries::coming(tx, &builds, now).await?;
    let coming = u64::try_from(coming).map_err(Error::unexpected)?;
    builds::require_room_for(app, tx, build, bytes.saturating_add(coming)).await
}

fn is_limited(app: &App) -> bool {
    app.config.delivery.product_bytes > 0
}
