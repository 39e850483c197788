//! A product in a list, read from its row by position.
use chrono::NaiveDate;
use entity::{
    product::{Kind, Status},
    product_platform::Platform,
};
use sea_orm::{DbErr, QueryResult, TryGetable, TryGetableFromJson};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sort::{By, Key, Place};
use crate::catalog::{Price, ProductSummary, Rating, media::cover, price::reduced};

/// A product in a list, with what the back office sees of it besides.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ListedProduct)]
pub struct Listed {
    /// In short.
    #[serde(flatten)]
    pub summary: ProductSummary,
    /// Where it stands.
    pub status: Status,
    /// Raised by every edit.
    pub version: i64,
    /// Whether its price is all there is to say of it: no sale takes something off, and nobody chooses it.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) is_priced: bool,
}

/// What [`read`] expects, in its order; the price, the percent of the sale and the keys of the order follow.
pub(super) const COLUMNS: &str = "p.id, p.slug, p.kind, p.title, p.summary, p.publisher, p.developer, \
    p.release_date, p.pictures, p.media_urls, p.platforms, p.tags, p.categories, p.rating_average, p.rating_count, \
    p.status, p.version, p.pay_what_you_want";

/// A list that a column holds as JSON.
#[derive(Deserialize)]
#[serde(transparent)]
struct List<T>(Vec<T>);

impl<T: serde::de::DeserializeOwned> TryGetableFromJson for List<T> {}

/// The columns of a row from left to right.
struct Columns<'a>(&'a QueryResult, usize);

impl Columns<'_> {
    fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let index = self.1;
        self.1 += 1;
        self.0.try_get_by_index(index)
    }

    fn list<T: serde::de::DeserializeOwned>(&mut self) -> Result<Vec<T>, DbErr> {
        Ok(self.next::<List<T>>()?.0)
    }
}

/// A product with its place in the order.
pub(super) fn read(row: &QueryResult, by: By, currency: &str) -> Result<(Listed, Place), DbErr> {
    let mut columns = Columns(row, 0);
    let summary = ProductSummary {
        id: columns.next()?,
        slug: columns.next()?,
        kind: columns.next::<Kind>()?,
        title: columns.next()?,
        summary: columns.next()?,
        publisher: columns.next()?,
        developer: columns.next()?,
        release_date: columns.next::<Option<NaiveDate>>()?,
        cover_url: cover(&columns.next()?, &columns.next()?),
        platforms: columns.list::<Platform>()?,
        tags: columns.list()?,
        categories: columns.list()?,
        rating: Rating { average: columns.next()?, count: columns.next()? },
        price: None,
        owned: None,
        wishlisted: None,
    };
    let (status, version, is_chosen) = (columns.next()?, columns.next()?, columns.next::<bool>()?);
    let amount: Option<i64> = columns.next()?;
    let percent: Option<i32> = columns.next()?;
    let missing = |key: Option<Key>| key.unwrap_or(Key::Missing);
    let key = match by {
        By::Relevance => {
            let Rating { average, count } = summary.rating;
            Key::Relevance(columns.next()?, columns.next()?, average.to_bits(), count)
        }
        By::Title => Key::Title(columns.next()?),
        By::Price => missing(amount.map(|base| Key::Price(reduced(base, percent.unwrap_or_default())))),
        By::ReleaseDate => missing(summary.release_date.map(Key::ReleaseDate)),
        By::Rating => Key::Rating(summary.rating.average.to_bits(), summary.rating.count),
        By::Popularity => Key::Popularity(columns.next()?),
        By::CreatedAt => Key::CreatedAt(columns.next()?),
    };
    let place = Place { key, id: summary.id };
    let price = amount.map(|amount| Price::plain(amount, currency));
    let summary = ProductSummary { price, ..summary };
    Ok((Listed { summary, status, version, is_priced: percent.is_none() && !is_chosen }, place))
}
