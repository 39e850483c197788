//! What products are to each other, and what is bought together.
use entity::{
    product_affinity,
    product_relation::{self, Kind, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// What these products are to others, in the order of their editors.
pub(in crate::catalog) async fn of(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    product_relation::Entity::find()
        .filter(product_relation::Column::ProductId.is_in(ids.iter().copied()))
        .order_by_asc(product_relation::Column::ProductId)
        .order_by_asc(product_relation::Column::Position)
        .all(db)
        .await
}

/// What bundles contain, in the order of their editors.
pub(in crate::catalog) async fn contents(
    db: &impl ConnectionTrait,
    bundles: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    product_relation::Entity::find()
        .filter(product_relation::Column::ProductId.is_in(bundles.iter().copied()))
        .filter(product_relation::Column::Kind.eq(Kind::Contains))
        .order_by_asc(product_relation::Column::ProductId)
        .order_by_asc(product_relation::Column::Position)
        .all(db)
        .await
}

/// What others are to these products, the oldest first, at most so many.
pub(in crate::catalog) async fn to(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    product_relation::Entity::find()
        .filter(product_relation::Column::RelatedId.is_in(ids.iter().copied()))
        .order_by_asc(product_relation::Column::ProductId)
        .limit(most)
        .all(db)
        .await
}

/// Whether any product is this to another.
pub(in crate::catalog) async fn is_related(
    db: &impl ConnectionTrait,
    id: Uuid,
    kind: Kind,
) -> Result<bool, DbErr> {
    let row = product_relation::Entity::find()
        .filter(product_relation::Column::RelatedId.eq(id))
        .filter(product_relation::Column::Kind.eq(kind))
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Replaces everything that a product is to others.
pub(in crate::catalog) async fn replace(
    tx: &impl ConnectionTrait,
    product: Uuid,
    rows: Vec<Model>,
) -> Result<(), DbErr> {
    product_relation::Entity::delete_many()
        .filter(product_relation::Column::ProductId.eq(product))
        .exec(tx)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    product_relation::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// What is bought together with a product, most often first, at most so many.
pub(in crate::catalog) async fn bought_with(
    db: &impl ConnectionTrait,
    product: Uuid,
    most: u64,
) -> Result<Vec<Uuid>, DbErr> {
    product_affinity::Entity::find()
        .select_only()
        .column(product_affinity::Column::RelatedId)
        .filter(product_affinity::Column::ProductId.eq(product))
        .order_by_desc(product_affinity::Column::Orders)
        .order_by_asc(product_affinity::Column::RelatedId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Products of which something is noted that is bought together.
pub(in crate::catalog) async fn bought_with_others(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    product_affinity::Entity::find()
        .select_only()
        .column(product_affinity::Column::ProductId)
        .distinct()
        .into_tuple()
        .all(db)
        .await
}

/// Replaces what is bought together with products.
pub(in crate::catalog) async fn replace_bought_with(
    tx: &impl ConnectionTrait,
    products: &[Uuid],
    rows: Vec<product_affinity::Model>,
) -> Result<(), DbErr> {
    product_affinity::Entity::delete_many()
        .filter(product_affinity::Column::ProductId.is_in(products.iter().copied()))
        .exec(tx)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    product_affinity::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
