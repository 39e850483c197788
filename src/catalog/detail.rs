//! A product in full, as its page shows it.
use chrono::{DateTime, Utc};
use entity::{
    build::{Arch, Kind as BuildKind},
    product_platform::Platform,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Market, Price, Product, ProductSummary, markdown,
    media::{self, Media},
    price::{Base, Choice},
    pricing,
    queries::{self, shown::Shown},
    relations::{self, Kin},
    release,
};
use crate::{app::App, error::Result, values::Locale, web::locale::Wanted};

/// Builds that a product's page lists at most, newest first.
const MOST_BUILDS: u64 = 100;

/// A product that was found, with what its page says of it.
pub struct Opened(pub(super) Shown);

impl Opened {
    /// Its row.
    pub fn product(&self) -> &Product {
        &self.0.row
    }
}

/// A product in full.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductDetail {
    /// What lists show of it.
    #[serde(flatten)]
    pub summary: ProductSummary,
    /// Markdown.
    pub description: String,
    /// `description` as HTML that is safe on any page.
    pub description_html: String,
    /// BCP 47.
    pub languages: Vec<String>,
    /// Youngest age it is meant for, years.
    pub age_rating: Option<i32>,
    /// `true` while it is sold before it is released; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub preorder: Option<bool>,
    /// What it needs, by platform: `minimum` and `recommended` with `memory_mb` and `storage_mb`, whatever else its
    /// publisher states besides.
    #[schema(value_type = Option<Object>)]
    pub system_requirements: Option<Map<String, Value>>,
    /// Pictures: the uploaded ones, the cover first, then those of which an import gave the address.
    pub media: Vec<Media>,
    /// The language of `title`, `summary` and `description`, BCP 47.
    pub locale: String,
    /// The languages it is described in, BCP 47.
    pub available_locales: Vec<String>,
    /// What every owner is offered for download, newest first.
    pub builds: Vec<BuildSummary>,
    /// Add-ons, editions and bundles.
    #[serde(flatten)]
    pub kin: Kin,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

/// A released build in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuildSummary {
    /// What it runs on.
    pub platform: Platform,
    /// Which processor it is for.
    pub arch: Arch,
    /// The product itself, or what comes with it.
    pub kind: BuildKind,
    /// `stable`, `beta`, ….
    pub channel: String,
    /// As the publisher names it.
    pub version: String,
    /// Bytes of all its files.
    pub size: i64,
    /// UTC.
    pub released_at: Option<DateTime<Utc>>,
}

/// A product in full, whatever its status, in the best language there is for the reader.
pub async fn product_detail(
    app: &App,
    opened: Opened,
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<ProductDetail> {
    let (db, own) = (&app.db.read, &app.config.store.locale);
    let Shown { row, price, minimum, suggested, locales, released, related } = opened.0;
    let kin = match related {
        true => relations::kin(db, row.id, wanted, own).await?,
        false => Kin::default(),
    };
    let builds = match released {
        true => queries::builds::released(db, row.id, MOST_BUILDS).await?,
        false => Vec::new(),
    };
    let translated: Vec<Locale> =
        locales.iter().flat_map(|all| all.split(',')).filter_map(|locale| locale.parse().ok()).collect();
    let mut there = translated.clone();
    if !there.contains(own) {
        there.push(own.clone());
    }
    there.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    let locale = wanted.choose(&there).unwrap_or(own).clone();
    let chosen = match translated.contains(&locale) {
        true => queries::shown::translation(db, row.id, locale.as_str()).await?,
        false => None,
    };

    let choice = minimum.map(|minimum| Choice { minimum, suggested });
    let bases = price.map(|amount| (row.id, Base { amount, choice })).into_iter().collect();
    let price = pricing::priced(db, bases, market, now).await?.remove(&row.id);
    let is_preorder = !release::awaited_of(db, std::slice::from_ref(&row), now).await?.is_empty();
    let mut detail = ProductDetail::of(row, price);
    detail.preorder = is_preorder.then_some(true);
    if let Some(chosen) = chosen {
        detail.summary.title = chosen.title;
        detail.summary.summary = chosen.summary.unwrap_or(detail.summary.summary);
        detail.description = chosen.description.unwrap_or(detail.description);
    }
    detail.summary.locate(app);
    detail.media = detail.media.into_iter().map(|picture| picture.at(app)).collect();
    detail.description_html = markdown::rendered(&detail.description).await;
    detail.locale = locale.into_string();
    detail.available_locales = there.into_iter().map(Locale::into_string).collect();
    detail.kin = kin;
    detail.builds = builds.into_iter().map(BuildSummary::of).collect();
    Ok(detail)
}

impl ProductDetail {
    /// What the row alone says, in the store's own language and with nothing to download.
    fn of(mut row: Product, price: Option<Price>) -> Self {
        let requirements = match row.system_requirements.take() {
            Some(Value::Object(members)) => Some(members),
            _ => None,
        };
        Self {
            description: std::mem::take(&mut row.description),
            description_html: String::new(),
            languages: serde_json::from_value(row.languages.take()).unwrap_or_default(),
            age_rating: row.age_rating,
            preorder: None,
            system_requirements: requirements,
            media: media::all(&row.pictures, &row.media_urls),
            locale: String::new(),
            available_locales: Vec::new(),
            builds: Vec::new(),
            kin: Kin::default(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            summary: ProductSummary::of(row, price),
        }
    }
}

impl BuildSummary {
    fn of((build, size): (entity::build::Model, i64)) -> Self {
        Self {
            platform: build.platform,
            arch: build.arch,
            kind: build.kind,
            channel: build.channel,
            version: build.version,
            size,
            released_at: build.released_at,
        }
    }
}
