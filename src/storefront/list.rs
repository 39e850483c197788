//! The public list of products, answered from the index.
use chrono::{DateTime, Utc};
use search::{Found, Place, Query};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    cards::shown,
    facets::{self, Facet, Facets},
    index::{ask, day, letters},
};
use crate::{
    app::App,
    catalog::{
        Market, Platform, ProductSummary,
        listing::{By, Filters, ListQuery, Sort, name},
    },
    error::{Error, Result},
    values::Locale,
    web::{Cursor, Page, locale::Wanted},
};

/// What cursors of the list by publication are bound to.
const NEWEST: &str = "products by publication";

/// A page of products.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductPage {
    /// The products.
    #[serde(flatten)]
    pub page: Page<ProductSummary>,
    /// Counts, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub facets: Option<Facets>,
    /// Words that are found, where those of `q` are found nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub did_you_mean: Option<String>,
}

/// A page of the products that a query asks for, as a market sees them at a moment; and the language of its texts.
pub async fn list(
    app: &App,
    query: ListQuery,
    facets: &[Facet],
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(ProductPage, Locale)> {
    let languages = wanted.searched(&app.config.store.locale);
    let mut name = name(&query.filters, query.sort, market)?;
    if query.sort.by == By::Relevance {
        // What fits a reader of one language best doesn't fit one of another.
        name = format!("{name} {}", languages.join(","));
    }
    let asked = Query {
        words: query.filters.words.as_ref().and_then(|search| search::Words::of(&search.text)),
        languages,
        filters: filters(query.filters),
        market: priced(market),
        now: now.timestamp_micros(),
        sort: sort(query.sort),
        after: after(app, &name, query.cursor.as_deref())?,
        limit: usize::try_from(query.limit).unwrap_or(usize::MAX),
        facets: facets.iter().map(|facet| facet.counted(market)).collect(),
        count: query.count,
    };
    let found = find(app, asked).await?;
    let ids: Vec<Uuid> = found.hits.iter().map(|hit| hit.id).collect();
    let (items, locale) = shown(app, &ids, market, wanted, now).await?;
    let page = Page { items, next_cursor: next(app, &name, &found)?, total: found.total };
    let facets = match facets {
        [] => None,
        asked => Some(facets::shown(app, asked, found.facets, wanted).await?),
    };
    Ok((ProductPage { page, facets, did_you_mean: found.did_you_mean }, locale))
}

/// A page of all products in the order of their publication, the newest first, as a market sees them at a moment; and the
/// language of its texts. 400 `invalid_cursor` for a cursor of another list.
pub async fn newest(
    app: &App,
    limit: u64,
    cursor: Option<&str>,
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(Page<ProductSummary>, Locale)> {
    let asked = Query {
        words: None,
        languages: Vec::new(),
        filters: search::Filters::default(),
        market: priced(market),
        now: now.timestamp_micros(),
        sort: search::Sort { by: search::By::PublishedAt, descending: true },
        after: after(app, NEWEST, cursor)?,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        facets: Vec::new(),
        count: false,
    };
    let found = find(app, asked).await?;
    let ids: Vec<Uuid> = found.hits.iter().map(|hit| hit.id).collect();
    let (items, locale) = shown(app, &ids, market, wanted, now).await?;
    Ok((Page { items, next_cursor: next(app, NEWEST, &found)?, total: None }, locale))
}

async fn find(app: &App, asked: Query) -> Result<Found> {
    let snapshot = app.read_model.snapshot(app).await?;
    ask(snapshot, move |snapshot| snapshot.search(&asked)).await?.map_err(Error::unexpected)
}

/// The place that a cursor of a list names.
fn after(app: &App, list: &str, cursor: Option<&str>) -> Result<Option<Place>> {
    cursor.map(|text| Cursor::read(&app.keys.cursor, list, text)).transpose()
}

/// The cursor behind what was found, if more comes there.
fn next(app: &App, list: &str, found: &Found) -> Result<Option<String>> {
    let last = found.hits.last().filter(|_| found.more);
    last.map(|hit| Cursor::write(&app.keys.cursor, list, &hit.place)).transpose()
}

/// A market as the index knows it.
pub(super) fn priced(market: &Market) -> search::Market {
    search::Market {
        currency: letters(market.currency.as_str()).unwrap_or_default(),
        country: letters(market.country.as_str()).unwrap_or_default(),
    }
}

fn filters(asked: Filters) -> search::Filters {
    search::Filters {
        kinds: values(&asked.kind),
        tags: asked.tag,
        categories: asked.category,
        platforms: values(&asked.platform),
        machine: machine(&asked.runs_on, asked.memory_mb),
        languages: asked.language,
        publishers: asked.publisher,
        price_min: asked.price_min,
        price_max: asked.price_max,
        free: asked.free,
        on_sale: asked.on_sale,
        released_after: asked.released_after.map(day),
        released_before: asked.released_before.map(day),
        rating_min: asked.rating_min,
    }
}

fn machine(platforms: &[Platform], memory: Option<i64>) -> Option<search::Machine> {
    let asked = !platforms.is_empty() || memory.is_some();
    asked.then(|| search::Machine { platforms: values(&platforms), memory })
}

/// As values stand on the wire and in the index.
fn values(asked: &impl Serialize) -> Vec<String> {
    let value = serde_json::to_value(asked).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
}

fn sort(asked: Sort) -> search::Sort {
    let by = match asked.by {
        By::Relevance => search::By::Relevance,
        By::Title => search::By::Title,
        By::Price => search::By::Price,
        By::ReleaseDate => search::By::ReleaseDate,
        By::Rating => search::By::Rating,
        By::Popularity => search::By::Popularity,
        By::CreatedAt => search::By::CreatedAt,
    };
    search::Sort { by, descending: asked.descending }
}
