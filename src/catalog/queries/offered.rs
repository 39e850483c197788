//! Products with what tells whether they can be bought, by one statement: every buyer waits for it several times.
use entity::{
    build, product,
    product_relation::{self, Kind},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::catalog::licenses::is_keyed;

/// A product with what there is to deliver of it.
#[derive(FromQueryResult)]
pub(in crate::catalog) struct Offered {
    #[sea_orm(nested)]
    pub(in crate::catalog) product: product::Model,
    /// Whether it has a released build, extras aside.
    pub(in crate::catalog) is_released: bool,
    /// Whether it has, or had, licence keys, or gets them made.
    pub(in crate::catalog) is_keyed: bool,
    /// Whether it contains others.
    pub(in crate::catalog) is_bundle: bool,
}

/// Products by id, in no order.
pub(in crate::catalog) async fn offered(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Offered>, DbErr> {
    let id = || Expr::col((product::Entity, product::Column::Id));
    let released = build::Entity::find()
        .select_only()
        .column(build::Column::Id)
        .filter(Expr::col((build::Entity, build::Column::ProductId)).eq(id()))
        .filter(build::Column::Status.eq(build::Status::Released))
        .filter(build::Column::Kind.eq(build::Kind::Build))
        .into_query();
    let contained = product_relation::Entity::find()
        .select_only()
        .column(product_relation::Column::RelatedId)
        .filter(Expr::col((product_relation::Entity, product_relation::Column::ProductId)).eq(id()))
        .filter(product_relation::Column::Kind.eq(Kind::Contains))
        .into_query();
    product::Entity::find()
        .expr_as(Expr::exists(released), "is_released")
        .expr_as(is_keyed(), "is_keyed")
        .expr_as(Expr::exists(contained), "is_bundle")
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .into_model()
        .all(db)
        .await
}
