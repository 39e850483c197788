//! Every statement on the library's tables.
use std::collections::HashSet;

use entity::entitlement;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Which of the products an account has an active right to.
pub(super) async fn owned(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
) -> Result<HashSet<Uuid>, DbErr> {
    if products.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Uuid> = entitlement::Entity::find()
        .select_only()
        .column(entitlement::Column::ProductId)
        .filter(entitlement::Column::AccountId.eq(account))
        .filter(entitlement::Column::ProductId.is_in(products.iter().copied()))
        .filter(entitlement::Column::Status.eq(entitlement::Status::Active))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
