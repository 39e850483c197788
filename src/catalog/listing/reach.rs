//! How far the catalog reaches: in which currencies and for which countries it has prices, in which languages texts.
use entity::{product_price, product_translation};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// What there are prices and texts for, sorted.
pub struct Reach {
    /// ISO 4217.
    pub currencies: Vec<String>,
    /// ISO 3166-1 alpha-2: those with prices of their own.
    pub countries: Vec<String>,
    /// BCP 47: those of translations.
    pub locales: Vec<String>,
}

/// How far the catalog reaches.
pub async fn reach(db: &impl ConnectionTrait) -> Result<Reach, DbErr> {
    use product_price::Column as Price;
    use product_translation::Column as Text;
    let prices = || product_price::Entity::find().select_only().distinct();
    let currencies = prices().column(Price::Currency).into_tuple().all(db).await?;
    let countries =
        prices().column(Price::Country).filter(Price::Country.ne("")).into_tuple().all(db).await?;
    let texts = product_translation::Entity::find().select_only().distinct().column(Text::Locale);
    let locales = texts.into_tuple().all(db).await?;
    Ok(Reach { currencies: sorted(currencies), countries: sorted(countries), locales: sorted(locales) })
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}
