//! The library: who owns what, and by which right.
mod ownership;
mod queries;

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use ownership::{lock_owned, note_download, owns};

use crate::{app::App, error::Result};

/// The routes of a buyer's library.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// Which of the products an account owns: has at least one active right to.
pub async fn owned(db: &impl ConnectionTrait, account: Uuid, products: &[Uuid]) -> Result<HashSet<Uuid>> {
    Ok(queries::owned(db, account, products).await?)
}
