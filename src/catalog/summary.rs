//! A product in short, as every slice shows it.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{product, product_platform::Platform};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Market, Price, Product, media, pricing, queries};
use crate::{app::App, error::Result, values::Locale, web::locale::Wanted};

/// A product in short.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProductSummary {
    /// UUIDv7.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// What it is.
    pub kind: product::Kind,
    /// In the reader's language where there is a translation.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Who sells it.
    pub publisher: Option<String>,
    /// Who made it.
    pub developer: Option<String>,
    /// First released.
    pub release_date: Option<NaiveDate>,
    /// A picture.
    pub cover_url: Option<String>,
    /// What it runs on.
    pub platforms: Vec<Platform>,
    /// Slugs.
    pub tags: Vec<String>,
    /// Slugs.
    pub categories: Vec<String>,
    /// Null where it isn't sold in that currency and country.
    pub price: Option<Price>,
    /// What owners think.
    pub rating: Rating,
    /// Whether the caller owns it; only told to who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub owned: Option<bool>,
    /// Whether it is on the caller's wishlist; only told to who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub wishlisted: Option<bool>,
}

/// What owners think of a product.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rating {
    /// Stars from 1 to 5, 0 without reviews.
    pub average: f64,
    /// Published reviews.
    pub count: i64,
}

/// One product, whatever its status.
pub async fn product(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Product>> {
    Ok(queries::product(db, id).await?)
}

/// The product that has a slug at present.
pub async fn product_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<Product>> {
    Ok(queries::product_by_slug(db, slug).await?)
}

/// Those of some products that exist, whatever their status.
pub async fn known(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(queries::products(db, ids).await?.into_iter().map(|row| row.id).collect())
}

/// Where products stand, by id.
pub async fn statuses(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, product::Status>> {
    Ok(queries::products(db, ids).await?.into_iter().map(|row| (row.id, row.status)).collect())
}

/// Whether there is any product.
pub async fn has_products(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(queries::has_products(db).await?)
}

/// Products in short by id, whatever their status, each in the best language there is for the reader, and in which that is;
/// with the prices of a moment.
pub async fn summaries(
    app: &App,
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, (ProductSummary, Locale)>> {
    let mut prices = pricing::prices(db, ids, market, now).await?;
    let rows = queries::products(db, ids).await?.into_iter();
    let priced = rows.map(|row| {
        let price = prices.remove(&row.id);
        (row, price)
    });
    summaries_of(app, db, priced.collect(), wanted).await
}

/// The same of products that were read already, with what they cost.
pub async fn summaries_of(
    app: &App,
    db: &impl ConnectionTrait,
    products: Vec<(Product, Option<Price>)>,
    wanted: &Wanted,
) -> Result<HashMap<Uuid, (ProductSummary, Locale)>> {
    let own = &app.config.store.locale;
    let ids: Vec<Uuid> = products.iter().map(|(row, _)| row.id).collect();
    let mut translations: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in queries::translations(db, &ids).await? {
        translations.entry(row.product_id).or_default().push(row);
    }
    let mut summaries = HashMap::new();
    for (row, price) in products {
        let there = translations.remove(&row.id).unwrap_or_default();
        let best = wanted.best_of(own, there.iter().filter_map(|row| row.locale.parse().ok()));
        let chosen = there.iter().find(|row| row.locale == best.as_str());
        let mut summary = ProductSummary::of(row, price);
        if let Some(translation) = chosen {
            summary.title.clone_from(&translation.title);
            summary.summary = translation.summary.clone().unwrap_or(summary.summary);
        }
        summary.locate(app);
        summaries.insert(summary.id, (summary, best));
    }
    Ok(summaries)
}

impl ProductSummary {
    /// Turns the address of a picture that this store keeps into a whole one.
    pub(super) fn locate(&mut self, app: &App) {
        if let Some(url) = &mut self.cover_url {
            media::locate(url, app);
        }
    }

    /// In the store's own language; its cover stands below the store's address.
    pub(super) fn of(row: Product, price: Option<Price>) -> Self {
        let list = |value: serde_json::Value| serde_json::from_value(value).unwrap_or_default();
        let cover_url = media::cover(&row.pictures, &row.media_urls);
        Self {
            id: row.id,
            slug: row.slug,
            kind: row.kind,
            title: row.title,
            summary: row.summary,
            publisher: row.publisher,
            developer: row.developer,
            release_date: row.release_date,
            cover_url,
            platforms: serde_json::from_value(row.platforms).unwrap_or_default(),
            tags: list(row.tags),
            categories: list(row.categories),
            price,
            rating: Rating { average: row.rating_average, count: row.rating_count },
            owned: None,
            wishlisted: None,
        }
    }
}
