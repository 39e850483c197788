//! Who has a slug, and who had it.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{product, retired_slug};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

/// The products that have these slugs.
pub(in crate::catalog) async fn owners(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<HashMap<String, Uuid>, DbErr> {
    let rows: Vec<(String, Uuid)> = product::Entity::find()
        .select_only()
        .columns([product::Column::Slug, product::Column::Id])
        .filter(product::Column::Slug.is_in(slugs))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The products that these slugs redirect to.
pub(in crate::catalog) async fn retired(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<HashMap<String, Uuid>, DbErr> {
    let rows = retired_slug::Entity::find().filter(retired_slug::Column::Slug.is_in(slugs)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.product_id)).collect())
}

/// From now on a slug redirects to a product.
pub(in crate::catalog) async fn retire(
    tx: &impl ConnectionTrait,
    slug: String,
    product_id: Uuid,
    retired_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use retired_slug::Column::{ProductId, RetiredAt, Slug};
    let again = OnConflict::column(Slug).update_columns([ProductId, RetiredAt]).to_owned();
    let row = retired_slug::Model { slug, product_id, retired_at };
    retired_slug::Entity::insert(row.into_active_model())
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Slugs that are somebody's again no longer redirect.
pub(in crate::catalog) async fn unretire(tx: &impl ConnectionTrait, slugs: Vec<String>) -> Result<(), DbErr> {
    retired_slug::Entity::delete_many().filter(retired_slug::Column::Slug.is_in(slugs)).exec(tx).await?;
    Ok(())
}
