//! In which order products come, and where in it a page ended.
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};
use uuid::Uuid;

/// What products are ordered by; ties are broken by id, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// How well the words fit: whole title, its beginning, in the title, elsewhere; then by popularity,
    /// then by stars.
    Relevance,
    /// The title in the store's own language, folded.
    Title,
    /// What it costs in the market; what has no price there comes last in both directions.
    Price,
    /// When it was released; what has no date comes last in both directions.
    ReleaseDate,
    /// The average of its stars, then how many there are.
    Rating,
    /// Paid lines of the last 30 days.
    Popularity,
    /// When it was added.
    CreatedAt,
}

/// An order with its direction. `relevance` is best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What decides.
    pub by: By,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Every order by its name on the wire.
const NAMES: [(&str, Sort); 14] = [
    ("relevance", Sort { by: By::Relevance, descending: true }),
    ("-relevance", Sort { by: By::Relevance, descending: false }),
    ("title", Sort { by: By::Title, descending: false }),
    ("-title", Sort { by: By::Title, descending: true }),
    ("price", Sort { by: By::Price, descending: false }),
    ("-price", Sort { by: By::Price, descending: true }),
    ("release_date", Sort { by: By::ReleaseDate, descending: false }),
    ("-release_date", Sort { by: By::ReleaseDate, descending: true }),
    ("rating", Sort { by: By::Rating, descending: false }),
    ("-rating", Sort { by: By::Rating, descending: true }),
    ("popularity", Sort { by: By::Popularity, descending: false }),
    ("-popularity", Sort { by: By::Popularity, descending: true }),
    ("created_at", Sort { by: By::CreatedAt, descending: false }),
    ("-created_at", Sort { by: By::CreatedAt, descending: true }),
];

impl Sort {
    /// Best match first: the order of a search.
    pub const RELEVANCE: Self = Self { by: By::Relevance, descending: true };
    /// What sells best first, of equals the newest: the order of a shop window.
    pub const POPULAR: Self = Self { by: By::Popularity, descending: true };
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(_, sort)| sort == self).map_or("", |(name, _)| name))
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, sort)| *sort).ok_or_else(|| D::Error::custom("is no order of products"))
    }
}

impl PartialSchema for Sort {
    fn schema() -> RefOr<Schema> {
        let names = NAMES.iter().map(|(name, _)| *name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for Sort {}

/// Where a product stands in an order: its keys, then its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) key: Key,
    pub(super) id: Uuid,
}

/// The keys of an order, exact: a cursor must find its place again to the last bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Key {
    /// Tier, popularity, the bits of the average of the stars, and their count.
    Relevance(i32, i64, u64, i64),
    Title(String),
    Price(i64),
    ReleaseDate(NaiveDate),
    /// The bits of the average, for decimal digits would round it, and the count.
    Rating(u64, i64),
    Popularity(i64),
    CreatedAt(DateTime<Utc>),
    /// Among those at the end, which lack what the order goes by.
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_one_name() {
        for (name, sort) in NAMES {
            assert_eq!(sort.to_string(), name);
            assert_eq!(serde_json::from_value::<Sort>(name.into()).unwrap(), sort);
        }
        assert!(serde_json::from_value::<Sort>("size".into()).is_err());
    }
}
