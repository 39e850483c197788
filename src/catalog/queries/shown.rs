//! A product with what its page says besides its texts, by one statement.
use entity::{product, product_translation};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::catalog::Market;

/// `$1` is the currency, `$2` the country, `$3` what the condition compares with. Written out, for it answers every
/// visit of a product's page: putting it together anew costs as much as reading the row.
const SELECT: &str = "SELECT p.*, \
    COALESCE((SELECT c.amount FROM product_price c WHERE c.product_id = p.id AND c.currency = $1 AND c.country = $2), \
             (SELECT c.amount FROM product_price c WHERE c.product_id = p.id AND c.currency = $1 AND c.country = '')) \
        AS price, \
    (SELECT c.minimum_amount FROM product_price c WHERE c.product_id = p.id AND c.currency = $1 \
        AND c.country IN ($2, '') ORDER BY c.country DESC LIMIT 1) AS minimum, \
    (SELECT c.suggested_amount FROM product_price c WHERE c.product_id = p.id AND c.currency = $1 \
        AND c.country IN ($2, '') ORDER BY c.country DESC LIMIT 1) AS suggested, \
    (SELECT string_agg(t.locale, ',') FROM product_translation t WHERE t.product_id = p.id) AS locales, \
    EXISTS (SELECT 1 FROM build b WHERE b.product_id = p.id AND b.status = 'released') AS released, \
    (EXISTS (SELECT 1 FROM product_relation r WHERE r.product_id = p.id) \
     OR EXISTS (SELECT 1 FROM product_relation r WHERE r.related_id = p.id)) AS related \
    FROM product p WHERE ";

/// Which product is looked for.
#[derive(Clone, Copy)]
pub(in crate::catalog) enum Which<'a> {
    /// Whatever its status.
    Id(Uuid),
    /// A published one.
    PublishedId(Uuid),
    /// A published one, by its present slug.
    PublishedSlug(&'a str),
}

/// A product's row, and what stands in other tables about it.
#[derive(FromQueryResult)]
pub(in crate::catalog) struct Shown {
    #[sea_orm(nested)]
    pub(in crate::catalog) row: product::Model,
    /// Minor units: the country's own price, else the one for everywhere.
    pub(in crate::catalog) price: Option<i64>,
    /// Minor units: the least that a buyer may choose to pay instead, if anything.
    pub(in crate::catalog) minimum: Option<i64>,
    /// Minor units: what a buyer is proposed to pay.
    pub(in crate::catalog) suggested: Option<i64>,
    /// The languages of its translations, BCP 47, between commas.
    pub(in crate::catalog) locales: Option<String>,
    /// Whether it has a released build.
    pub(in crate::catalog) released: bool,
    /// Whether it is something to other products, or they to it.
    pub(in crate::catalog) related: bool,
}

/// A product as a market sees it.
pub(in crate::catalog) async fn shown(
    db: &impl ConnectionTrait,
    which: Which<'_>,
    market: &Market,
) -> Result<Option<Shown>, DbErr> {
    let (condition, compared): (&str, Value) = match which {
        Which::Id(id) => ("p.id = $3", id.into()),
        Which::PublishedId(id) => ("p.id = $3 AND p.status = 'published'", id.into()),
        Which::PublishedSlug(slug) => ("p.slug = $3 AND p.status = 'published'", slug.into()),
    };
    let sql = format!("{SELECT}{condition}");
    let values = [market.currency.as_str().into(), market.country.as_str().into(), compared];
    Shown::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values))
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
