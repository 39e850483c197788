//! How the catalog spells the publishers that a list asks for, whatever their case and diacritics.
use entity::product;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::Filters;
use crate::values::fold;

/// Finds the spellings of the filter's publishers, if it has any.
pub(super) async fn resolve(db: &impl ConnectionTrait, filters: &mut Filters) -> Result<(), DbErr> {
    if filters.publisher.is_empty() {
        return Ok(());
    }
    let there: Vec<String> = product::Entity::find()
        .select_only()
        .column(product::Column::Publisher)
        .distinct()
        .filter(product::Column::Publisher.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    filters.spellings = there.into_iter().filter(|name| filters.publisher.contains(&fold(name))).collect();
    Ok(())
}
