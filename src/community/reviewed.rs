//! Which products' reviews are read, and by whom.
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    catalog::{self, Product, Status},
    error::{NOT_FOUND, Result},
    library,
};

/// A product whose reviews somebody may read: everybody those of what is in the store, its owners those of what is no
/// longer sold. 404 otherwise.
pub(super) async fn readable(
    db: &impl ConnectionTrait,
    product: Uuid,
    account: Option<Uuid>,
) -> Result<Product> {
    let row = catalog::product(db, product).await?.ok_or(NOT_FOUND)?;
    let is_shown = match (row.status, account) {
        (Status::Published, _) => true,
        (Status::Archived, Some(account)) => library::owns(db, account, product).await?,
        (Status::Archived, None) | (Status::Draft, _) => false,
    };
    if is_shown { Ok(row) } else { Err(NOT_FOUND.into()) }
}
