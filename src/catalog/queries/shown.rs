//! A product with what its page says besides its texts, by one statement.
use entity::{build, product, product_price, product_translation};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, Func, IntoCondition, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::catalog::Market;

/// A product's row, and what stands in other tables about it.
#[derive(FromQueryResult)]
pub(in crate::catalog) struct Shown {
    #[sea_orm(nested)]
    pub(in crate::catalog) row: product::Model,
    /// Minor units: the country's own price, else the one for everywhere.
    pub(in crate::catalog) price: Option<i64>,
    /// The languages of its translations, BCP 47, between commas.
    pub(in crate::catalog) locales: Option<String>,
    /// Whether it has a released build.
    pub(in crate::catalog) released: bool,
}

/// The product that a condition names, as a market sees it.
pub(in crate::catalog) async fn shown(
    db: &impl ConnectionTrait,
    which: impl IntoCondition,
    market: &Market,
) -> Result<Option<Shown>, DbErr> {
    let price = Func::coalesce([scalar(price(market, market.country.as_str())), scalar(price(market, ""))]);
    product::Entity::find()
        .expr_as(price, "price")
        .expr_as(scalar(locales()), "locales")
        .expr_as(Expr::exists(released()), "released")
        .filter(which.into_condition())
        .into_model()
        .one(db)
        .await
}

/// The texts of a product in one language.
pub(in crate::catalog) async fn translation(
    db: &impl ConnectionTrait,
    product: Uuid,
    locale: &str,
) -> Result<Option<product_translation::Model>, DbErr> {
    product_translation::Entity::find_by_id((product, locale.to_owned())).one(db).await
}

fn scalar(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

fn price(market: &Market, country: &str) -> SelectStatement {
    use product_price::{Column, Entity};
    Query::select()
        .column((Entity, Column::Amount))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ProductId)).equals((product::Entity, product::Column::Id)))
        .and_where(Column::Currency.eq(market.currency.as_str()))
        .and_where(Column::Country.eq(country))
        .to_owned()
}

fn locales() -> SelectStatement {
    use product_translation::{Column, Entity};
    let joined = Func::cust(Alias::new("string_agg")).arg(Expr::col((Entity, Column::Locale))).arg(",");
    Query::select()
        .expr(joined)
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ProductId)).equals((product::Entity, product::Column::Id)))
        .to_owned()
}

fn released() -> SelectStatement {
    use build::{Column, Entity};
    Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ProductId)).equals((product::Entity, product::Column::Id)))
        .and_where(Column::Status.eq(build::Status::Released))
        .to_owned()
}
