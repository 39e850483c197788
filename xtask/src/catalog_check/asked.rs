//! One question: as a query of the API, and as a pass over the file.

use std::collections::HashMap;

use serde_json::Value;

use super::file::{fold, is_unspaced, words};
use super::imported::{Imported, Product, walk_by};
use crate::process::Result;
use crate::server::{Caller, text};

/// A filter of the list.
#[derive(Clone, Debug)]
pub enum Filter {
    Kind(String),
    Tag(String),
    Category(String),
    Platform(String),
    Language(String),
    Publisher(String),
    PriceMin(i64),
    PriceMax(i64),
    Free(bool),
    ReleasedAfter(String),
    ReleasedBefore(String),
    RatingMin(u8),
    Words(String),
}

/// An order of the list; every rating and popularity of a fresh import is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    Default,
    Relevance,
    Title,
    Price,
    ReleaseDate,
    Rating,
    Popularity,
    CreatedAt,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filters: Vec<Filter>,
    pub order: Order,
    pub descending: bool,
    pub currency: String,
    pub limit: usize,
}

impl Asked {
    /// The list of these filters in the default order and currency.
    pub fn filtered(filters: impl Into<Vec<Filter>>) -> Self {
        let (order, currency) = (Order::Default, "USD".to_owned());
        Self { filters: filters.into(), order, descending: true, currency, limit: 100 }
    }

    /// How the store's answer differs from the file's, if it does.
    pub async fn differs(&self, imported: &Imported, nobody: &Caller) -> Result<Option<String>> {
        let query = self.query();
        let walked = walk_by(nobody, &query, self.limit).await?;
        let answered: Result<Vec<&str>> = walked.items.iter().map(|item| text(item, "/id")).collect();
        let answered = answered?;
        let expected = match self.words() {
            None => self.expected(&imported.0),
            Some(words) => match self.searched(words, &answered, &imported.0) {
                Ok(expected) => expected,
                Err(difference) => return Ok(Some(format!("{query}: {difference}"))),
            },
        };
        if walked.total != Some(expected.len() as u64) {
            return Ok(Some(format!("{query}: total {:?}, not {}", walked.total, expected.len())));
        }
        if answered == expected {
            return Ok(None);
        }
        let at = answered.iter().zip(&expected).take_while(|(left, right)| left == right).count();
        let shown = |item: Option<&Value>| item.and_then(|item| item.get("title")).map(Value::to_string);
        let (found, there) = (answered.len(), expected.len());
        let first = shown(walked.items.get(at)).unwrap_or_default();
        Ok(Some(format!("{query}: {found} products, not {there}; the first other is number {at}, {first}")))
    }

    /// The words that are searched for, if any are.
    fn words(&self) -> Option<&str> {
        self.filters.iter().find_map(|filter| match filter {
            Filter::Words(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What a search may answer, in its order. It may find more than the file: what is spelt otherwise, or ends otherwise.
    /// But what holds the words is all there, and where the best comes first it comes before the rest, a whole title first.
    fn searched<'a>(
        &self,
        words: &str,
        answered: &[&'a str],
        products: &'a [Product],
    ) -> std::result::Result<Vec<&'a str>, String> {
        let known: HashMap<&str, &Product> =
            products.iter().map(|product| (product.id.as_str(), product)).collect();
        let mut there = Vec::new();
        for id in answered {
            let product = known.get(id).ok_or_else(|| format!("{id} is not of the file"))?;
            let fits =
                |filter: &Filter| matches!(filter, Filter::Words(_)) || filter.holds(product, &self.currency);
            if !self.filters.iter().all(fits) {
                return Err(format!("{:?} does not fit", product.line.title));
            }
            there.push(*product);
        }
        let held = self.expected(products);
        if let Some(lacking) = held.iter().find(|id| !answered.contains(id)) {
            return Err(format!("lacks {:?}", known.get(lacking).map(|product| &product.line.title)));
        }
        if !matches!(self.order, Order::Default | Order::Relevance) {
            self.sort(&mut there);
            return Ok(there.into_iter().map(|product| product.id.as_str()).collect());
        }
        let mut best_first = there.clone();
        if !self.descending {
            best_first.reverse();
        }
        // Pairs of letters of a script without spaces may stand apart.
        let rest = best_first.iter().take(held.len()).find(|product| !held.contains(&product.id.as_str()));
        if let Some(rest) = rest.filter(|_| !is_unspaced(words)) {
            return Err(format!("{:?} comes before what holds the words", rest.line.title));
        }
        let is_whole = |product: &&Product| product.line.titles().any(|title| fold(title) == fold(words));
        if best_first.iter().any(is_whole) && !best_first.first().is_some_and(is_whole) {
            return Err("a whole title is not the first".to_owned());
        }
        Ok(answered.to_vec())
    }

    fn query(&self) -> String {
        let mut pairs = vec![("count", "true".to_owned()), ("currency", self.currency.clone())];
        let name = match self.order {
            Order::Default => None,
            Order::Relevance => Some("relevance"),
            Order::Title => Some("title"),
            Order::Price => Some("price"),
            Order::ReleaseDate => Some("release_date"),
            Order::Rating => Some("rating"),
            Order::Popularity => Some("popularity"),
            Order::CreatedAt => Some("created_at"),
        };
        // `relevance` means best first.
        let minus = if self.descending != (self.order == Order::Relevance) { "-" } else { "" };
        pairs.extend(name.map(|name| ("sort", format!("{minus}{name}"))));
        pairs.extend(self.filters.iter().map(Filter::pair));
        let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The ids that the file gives, in their order.
    fn expected<'a>(&self, products: &'a [Product]) -> Vec<&'a str> {
        let holds =
            |product: &&Product| self.filters.iter().all(|filter| filter.holds(product, &self.currency));
        let mut found: Vec<&Product> = products.iter().filter(holds).collect();
        self.sort(&mut found);
        found.into_iter().map(|product| product.id.as_str()).collect()
    }

    fn sort(&self, found: &mut [&Product]) {
        // UUIDs as texts sort as their bytes do.
        found.sort_by(|left, right| {
            let order = self.key(left).cmp(&self.key(right)).then_with(|| left.id.cmp(&right.id));
            if self.descending { order.reverse() } else { order }
        });
        // What has no key stays behind, in the order it has.
        found.sort_by_key(|product| self.key(product).is_none());
    }

    fn key(&self, product: &Product) -> Option<Key> {
        let line = &product.line;
        match self.order {
            Order::Title => Some(Key::Text(fold(&line.title))),
            Order::Price => line.prices.get(&self.currency).copied().map(Key::Number),
            Order::ReleaseDate => line.release_date.clone().map(Key::Text),
            // Without the `Z`, fewer digits of a second sort before more.
            Order::CreatedAt => Some(Key::Text(product.created_at.trim_end_matches('Z').to_owned())),
            Order::Default | Order::Relevance | Order::Rating | Order::Popularity => Some(Key::Number(0)),
        }
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(String),
}

impl Filter {
    fn pair(&self) -> (&'static str, String) {
        match self {
            Self::Kind(value) => ("kind", value.clone()),
            Self::Tag(value) => ("tag", value.clone()),
            Self::Category(value) => ("category", value.clone()),
            Self::Platform(value) => ("platform", value.clone()),
            Self::Language(value) => ("language", value.clone()),
            Self::Publisher(value) => ("publisher", value.clone()),
            Self::PriceMin(amount) => ("price_min", amount.to_string()),
            Self::PriceMax(amount) => ("price_max", amount.to_string()),
            Self::Free(free) => ("free", free.to_string()),
            Self::ReleasedAfter(day) => ("released_after", day.clone()),
            Self::ReleasedBefore(day) => ("released_before", day.clone()),
            Self::RatingMin(stars) => ("rating_min", stars.to_string()),
            Self::Words(text) => ("q", text.clone()),
        }
    }

    fn holds(&self, product: &Product, currency: &str) -> bool {
        let line = &product.line;
        let price = line.prices.get(currency).copied();
        let released = line.release_date.as_ref();
        match self {
            Self::Kind(value) => line.kind == *value,
            Self::Tag(value) => line.tags.contains(value),
            Self::Category(value) => line.categories.contains(value),
            Self::Platform(value) => line.platforms.contains(value),
            Self::Language(value) => line.languages.contains(value),
            Self::Publisher(value) => line.publisher.as_ref().is_some_and(|name| fold(name) == fold(value)),
            Self::PriceMin(least) => price.is_some_and(|price| price >= *least),
            Self::PriceMax(most) => price.is_some_and(|price| price <= *most),
            Self::Free(free) => price.is_some_and(|price| (price == 0) == *free),
            Self::ReleasedAfter(day) => released.is_some_and(|released| released >= day),
            Self::ReleasedBefore(day) => released.is_some_and(|released| released <= day),
            Self::RatingMin(stars) => *stars == 0,
            Self::Words(text) => words(text).iter().all(|word| {
                line.words.range(word.clone()..).next().is_some_and(|there| there.starts_with(word))
                    || (is_unspaced(word) && line.words.iter().any(|there| there.contains(word.as_str())))
            }),
        }
    }
}

/// A value in a query, percent-encoded.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
