//! What products are to each other, and what is bought together.
use entity::{
    product, product_affinity,
    product_relation::{self, Kind, Model},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, Query, SelectStatement},
};
use uuid::Uuid;

/// Another row of a bundle's contents.
const CONTENT: &str = "content";

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

/// The bundles that contain `with`, or else something of `products`, and nothing that isn't of `products`.
pub(in crate::catalog) fn bundles_within(products: &SelectStatement, with: Option<Uuid>) -> SelectStatement {
    use product_relation::{Column, Entity};
    let content = |column| Expr::col((Alias::new(CONTENT), column));
    let lacking = Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, Alias::new(CONTENT))
        .cond_where(
            Condition::all()
                .add(content(Column::ProductId).eq(Expr::col((Entity, Column::ProductId))))
                .add(content(Column::Kind).eq(Expr::value(Kind::Contains.to_value())))
                .add(content(Column::RelatedId).not_in_subquery(products.clone())),
        )
        .to_owned();
    let within = match with {
        Some(product) => Column::RelatedId.eq(product),
        None => Column::RelatedId.in_subquery(products.clone()),
    };
    Entity::find()
        .select_only()
        .column(Column::ProductId)
        .filter(Column::Kind.eq(Kind::Contains))
        .filter(within)
        .filter(Expr::exists(lacking).not())
        .into_query()
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

/// What is bought together with a product and is in the store, most often first, at most so many.
pub(in crate::catalog) async fn bought_with(
    db: &impl ConnectionTrait,
    product: Uuid,
    most: u64,
) -> Result<Vec<Uuid>, DbErr> {
    let other = product_affinity::Entity::belongs_to(product::Entity)
        .from(product_affinity::Column::RelatedId)
        .to(product::Column::Id);
    // SQLite might else begin with all that is published.
    let published = match db.get_database_backend() {
        DbBackend::Postgres => product::Column::Status.eq(product::Status::Published),
        _ => Expr::cust("+product.status = 'published'"),
    };
    product_affinity::Entity::find()
        .select_only()
        .column(product_affinity::Column::RelatedId)
        .join(JoinType::InnerJoin, other.into())
        .filter(product_affinity::Column::ProductId.eq(product))
        .filter(published)
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
