//! Published products with all that they are found by, read in batches for an index of them.
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::product_platform::Platform;
use sea_orm::{ConnectionTrait, Iterable};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use super::queries::published::Findable;
use super::{
    derived::{Called, names_of_tags},
    queries::{self, categories, published as rows, sales, tags},
    requirements::least_memory,
};
use crate::error::{Error, Result};

/// A published product, in every language and for every market.
#[derive(Clone, Debug)]
pub struct Published {
    /// What its row says.
    pub product: Findable,
    /// Its texts in other languages, by language.
    pub translations: Vec<Translated>,
    /// What it costs where.
    pub prices: Vec<BasePrice>,
    /// The slugs of its categories and of everything that stands above them, sorted.
    pub shelves: Vec<String>,
    /// What its tags are called, in every language.
    pub tag_names: Vec<String>,
    /// Megabytes of memory that it needs at least, on each platform of which that is known.
    pub needs: Vec<(Platform, i64)>,
    /// The sales that run or are to come.
    pub sales: Vec<Reduction>,
}

/// What a product is called and what is said of it in another language.
#[derive(Clone, Debug)]
pub struct Translated {
    /// BCP 47.
    pub locale: String,
    /// Its title.
    pub title: String,
    /// None where the product's own is shown.
    pub summary: Option<String>,
}

/// A time in which a product costs less.
#[derive(Clone, Debug)]
pub struct Reduction {
    /// What is taken off the price, 1 to 100.
    pub percent: i32,
    /// UTC, inclusive.
    pub starts_at: DateTime<Utc>,
    /// UTC, exclusive.
    pub ends_at: DateTime<Utc>,
}

/// A price without any sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePrice {
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166-1 alpha-2; empty: everywhere.
    pub country: String,
    /// Minor units.
    pub amount: i64,
}

/// The published ones of these products, in no order, with the sales that end after `now`.
pub async fn published(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    let rows = rows::of(db, ids).await?;
    let labels = LabelNames::borne_by(db, &rows).await?;
    complete(db, rows, &labels, now).await
}

/// At most `limit` published products behind one, by id, with the names of labels as they were read before.
pub async fn published_after(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
    labels: &LabelNames,
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    complete(db, rows::behind(db, after, limit).await?, labels, now).await
}

/// The products that stand in a category or below it, and may be named more than once.
pub async fn standing_in(db: &impl ConnectionTrait, category: Uuid) -> Result<Vec<Uuid>> {
    let tree = categories::all(db).await?;
    let (mut below, mut seen, mut products) = (vec![category], BTreeSet::new(), Vec::new());
    while let Some(category) = below.pop() {
        if seen.insert(category) {
            products.extend(categories::products(db, category).await?);
            below.extend(tree.iter().filter(|row| row.parent_id == Some(category)).map(|row| row.id));
        }
    }
    Ok(products)
}

/// The products whose last edit was at a moment, as an edit of a label notes it of all that it changes.
pub async fn changed_at(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Vec<Uuid>> {
    Ok(queries::products::changed_at(db, at).await?)
}

/// What labels are called and where they stand, read once for many products.
#[derive(Debug, Default)]
pub struct LabelNames {
    /// By slug, in every language, with the slug itself.
    tags: HashMap<String, Vec<String>>,
    /// Categories by slug, with their ids.
    categories: HashMap<String, Uuid>,
    /// Categories by id, with their slugs and what stands above them.
    tree: HashMap<Uuid, (String, Option<Uuid>)>,
}

impl LabelNames {
    /// Those of every label there is.
    pub async fn all(db: &impl ConnectionTrait) -> Result<Self> {
        Self::of(names_of_tags(db, None).await?, db).await
    }

    async fn borne_by(db: &impl ConnectionTrait, rows: &[Findable]) -> Result<Self> {
        let slugs: BTreeSet<&str> = rows.iter().flat_map(|row| words(&row.tags)).collect();
        let slugs: Vec<String> = slugs.into_iter().map(str::to_owned).collect();
        let ids: Vec<Uuid> = tags::ids(db, &slugs).await?.into_values().collect();
        Self::of(names_of_tags(db, Some(&ids)).await?, db).await
    }

    async fn of(called: HashMap<Uuid, Called>, db: &impl ConnectionTrait) -> Result<Self> {
        let rows = categories::all(db).await?;
        Ok(Self {
            tags: called.into_values().map(|tag| (tag.slug, tag.names)).collect(),
            categories: rows.iter().map(|row| (row.slug.clone(), row.id)).collect(),
            tree: rows.into_iter().map(|row| (row.id, (row.slug, row.parent_id))).collect(),
        })
    }

    fn of_tags(&self, row: &Findable) -> Vec<String> {
        words(&row.tags).filter_map(|slug| self.tags.get(slug)).flatten().cloned().collect()
    }

    /// The categories of a product and everything above them.
    fn shelves(&self, row: &Findable) -> BTreeSet<String> {
        let mut shelves = BTreeSet::new();
        for slug in words(&row.categories) {
            let mut next = self.categories.get(slug).copied();
            // What is there already is there with all above it; so a cycle ends too.
            while let Some((slug, parent)) = next.and_then(|id| self.tree.get(&id)) {
                if !shelves.insert(slug.clone()) {
                    break;
                }
                next = *parent;
            }
        }
        shelves
    }
}

async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<Findable>,
    labels: &LabelNames,
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut reductions: HashMap<Uuid, Vec<Reduction>> = HashMap::new();
    for row in sales::ending_after(db, &ids, now).await? {
        let sale = Reduction { percent: row.percent, starts_at: row.starts_at, ends_at: row.ends_at };
        reductions.entry(row.product_id).or_default().push(sale);
    }
    let whole = |row: Findable| {
        let needs = |platform| Some((platform, least_memory(row.system_requirements.as_ref(), platform)?));
        Ok(Published {
            translations: list(row.translations.as_deref(), |(locale, title, summary)| Translated {
                locale,
                title,
                summary,
            })?,
            prices: list(row.prices.as_deref(), |(currency, country, amount)| BasePrice {
                currency,
                country,
                amount,
            })?,
            shelves: labels.shelves(&row).into_iter().collect(),
            tag_names: labels.of_tags(&row),
            needs: Platform::iter().filter_map(needs).collect(),
            sales: reductions.remove(&row.id).unwrap_or_default(),
            product: row,
        })
    };
    rows.into_iter().map(whole).collect()
}

/// The items of a list as the statement writes it.
fn list<Item: DeserializeOwned, T>(text: Option<&str>, of: impl Fn(Item) -> T) -> Result<Vec<T>> {
    let items: Vec<Item> = text.map_or(Ok(Vec::new()), serde_json::from_str).map_err(Error::unexpected)?;
    Ok(items.into_iter().map(of).collect())
}

fn words(list: &serde_json::Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str)
}
