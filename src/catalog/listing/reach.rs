//! How far the catalog reaches: in which currencies and for which countries it has prices, in which languages texts.
use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use super::sql::Sql;

/// What there are prices and texts for, sorted.
pub struct Reach {
    /// ISO 4217.
    pub currencies: BTreeSet<String>,
    /// ISO 3166-1 alpha-2: those with prices of their own.
    pub countries: BTreeSet<String>,
    /// BCP 47: those of translations.
    pub locales: BTreeSet<String>,
}

/// Each currency with each country of which it has prices. From one to the next by the index: reading every price to find a
/// handful of currencies takes a second of a million products.
const PLACES: &str = "WITH RECURSIVE sold(currency) AS (\
    SELECT MIN(p.currency) FROM product_price p \
    UNION ALL SELECT (SELECT MIN(p.currency) FROM product_price p WHERE p.currency > s.currency) \
    FROM sold s WHERE s.currency IS NOT NULL), \
    place(currency, country) AS (\
    SELECT s.currency, (SELECT MIN(p.country) FROM product_price p WHERE p.currency = s.currency) \
    FROM sold s WHERE s.currency IS NOT NULL \
    UNION ALL SELECT a.currency, (SELECT MIN(p.country) FROM product_price p \
    WHERE p.currency = a.currency AND p.country > a.country) FROM place a WHERE a.country IS NOT NULL) \
    SELECT currency, country FROM place WHERE country IS NOT NULL";

/// Each language of translations, found alike.
const LOCALES: &str = "WITH RECURSIVE there(locale) AS (\
    SELECT MIN(t.locale) FROM product_translation t \
    UNION ALL SELECT (SELECT MIN(t.locale) FROM product_translation t WHERE t.locale > h.locale) \
    FROM there h WHERE h.locale IS NOT NULL) \
    SELECT locale FROM there WHERE locale IS NOT NULL";

/// How far the catalog reaches.
pub async fn reach(db: &impl ConnectionTrait) -> Result<Reach, DbErr> {
    let mut reach =
        Reach { currencies: BTreeSet::new(), countries: BTreeSet::new(), locales: BTreeSet::new() };
    let mut places = Sql::default();
    places.push(PLACES);
    for row in db.query_all_raw(places.statement(db)).await? {
        reach.currencies.insert(row.try_get_by_index(0)?);
        let country: String = row.try_get_by_index(1)?;
        if !country.is_empty() {
            reach.countries.insert(country);
        }
    }
    let mut locales = Sql::default();
    locales.push(LOCALES);
    for row in db.query_all_raw(locales.statement(db)).await? {
        reach.locales.insert(row.try_get_by_index(0)?);
    }
    Ok(reach)
}
