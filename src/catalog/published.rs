//! Published products with all that they are found by, read in batches for an index of them.
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{product::Status, product_platform::Platform};
use sea_orm::{ConnectionTrait, Iterable};
use uuid::Uuid;

use super::{
    Product,
    queries::{self, categories, parts, sales, tags},
    requirements::least_memory,
};
use crate::error::Result;

/// A published product, in every language and for every market.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its row.
    pub product: Product,
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
    let rows = queries::products(db, ids).await?;
    complete(db, rows.into_iter().filter(|row| row.status == Status::Published).collect(), now).await
}

/// At most `limit` published products behind one, by id.
pub async fn published_after(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    complete(db, queries::products::published_after(db, after, limit).await?, now).await
}

/// The products that bear a tag or stand in a category or below it, and those that were changed since a moment: what an
/// edit of the label, or its end, may have changed.
pub async fn touched_by_label(
    db: &impl ConnectionTrait,
    label: Uuid,
    since: DateTime<Utc>,
) -> Result<BTreeSet<Uuid>> {
    let mut touched: BTreeSet<Uuid> = tags::products(db, label).await?.into_iter().collect();
    let tree = categories::all(db).await?;
    let mut below = vec![label];
    let mut seen = BTreeSet::new();
    while let Some(category) = below.pop() {
        if seen.insert(category) {
            touched.extend(categories::products(db, category).await?);
            below.extend(tree.iter().filter(|row| row.parent_id == Some(category)).map(|row| row.id));
        }
    }
    touched.extend(queries::products::changed_since(db, since).await?);
    Ok(touched)
}

async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<Product>,
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut parts = Parts::read(db, &ids, now).await?;
    Ok(rows.into_iter().map(|row| parts.complete(row)).collect())
}

/// What stands in other tables about products.
struct Parts {
    translations: HashMap<Uuid, Vec<Translated>>,
    prices: HashMap<Uuid, Vec<BasePrice>>,
    shelves: HashMap<Uuid, BTreeSet<String>>,
    tag_names: HashMap<Uuid, Vec<String>>,
    sales: HashMap<Uuid, Vec<Reduction>>,
}

impl Parts {
    async fn read(db: &impl ConnectionTrait, ids: &[Uuid], now: DateTime<Utc>) -> Result<Self> {
        let mut translations: HashMap<Uuid, Vec<Translated>> = HashMap::new();
        for row in parts::translations(db, ids).await? {
            let text = Translated { locale: row.locale, title: row.title, summary: row.summary };
            translations.entry(row.product_id).or_default().push(text);
        }
        let mut prices: HashMap<Uuid, Vec<BasePrice>> = HashMap::new();
        for row in parts::prices(db, ids).await? {
            let price = BasePrice { currency: row.currency, country: row.country, amount: row.amount };
            prices.entry(row.product_id).or_default().push(price);
        }
        let mut reductions: HashMap<Uuid, Vec<Reduction>> = HashMap::new();
        for row in sales::ending_after(db, ids, now).await? {
            let sale = Reduction { percent: row.percent, starts_at: row.starts_at, ends_at: row.ends_at };
            reductions.entry(row.product_id).or_default().push(sale);
        }
        Ok(Self {
            translations,
            prices,
            shelves: shelves(db, ids).await?,
            tag_names: tag_names(db, ids).await?,
            sales: reductions,
        })
    }

    fn complete(&mut self, product: Product) -> Published {
        let id = product.id;
        let least =
            |platform| Some((platform, least_memory(product.system_requirements.as_ref(), platform)?));
        Published {
            needs: Platform::iter().filter_map(least).collect(),
            product,
            translations: self.translations.remove(&id).unwrap_or_default(),
            prices: self.prices.remove(&id).unwrap_or_default(),
            shelves: self.shelves.remove(&id).unwrap_or_default().into_iter().collect(),
            tag_names: self.tag_names.remove(&id).unwrap_or_default(),
            sales: self.sales.remove(&id).unwrap_or_default(),
        }
    }
}

/// The categories of products and everything above them, by product.
async fn shelves(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, BTreeSet<String>>> {
    let links = parts::categories(db, ids).await?;
    let mut shelves: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    if links.is_empty() {
        return Ok(shelves);
    }
    let tree: HashMap<Uuid, (String, Option<Uuid>)> =
        categories::all(db).await?.into_iter().map(|row| (row.id, (row.slug, row.parent_id))).collect();
    for link in links {
        let slugs = shelves.entry(link.product_id).or_default();
        let mut next = Some(link.category_id);
        // What is there already is there with all above it; so a cycle ends too.
        while let Some((slug, parent)) = next.and_then(|id| tree.get(&id)) {
            if !slugs.insert(slug.clone()) {
                break;
            }
            next = *parent;
        }
    }
    Ok(shelves)
}

/// What the tags of products are called, by product.
async fn tag_names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let links = parts::tags(db, ids).await?;
    let wanted: BTreeSet<Uuid> = links.iter().map(|link| link.tag_id).collect();
    let wanted: Vec<Uuid> = wanted.into_iter().collect();
    let mut names: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in tags::all_names(db, &wanted).await? {
        names.entry(row.tag_id).or_default().push(row.name);
    }
    for row in tags::by_ids(db, &wanted).await? {
        names.entry(row.id).or_default().extend([row.name, row.slug]);
    }
    let mut of_products: HashMap<Uuid, Vec<String>> = HashMap::new();
    for link in links {
        let called = names.get(&link.tag_id).into_iter().flatten().cloned();
        of_products.entry(link.product_id).or_default().extend(called);
    }
    Ok(of_products)
}
