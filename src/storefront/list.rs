//! The public list of products, answered from the index.
use chrono::{DateTime, Utc};
use search::{Place, Query};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    cards::shown,
    facets::{self, Facet, Facets},
    index::{day, letters},
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
    let name = name(&query.filters, query.sort, market)?;
    let key = &app.keys.cursor;
    let after = query.cursor.as_ref().map(|text| Cursor::read::<Place>(key, &name, text)).transpose()?;
    let asked = Query {
        words: query.filters.words.as_ref().and_then(|search| search::Words::of(&search.text)),
        languages: wanted.languages(),
        filters: filters(query.filters),
        market: priced(market),
        now: now.timestamp_micros(),
        sort: sort(query.sort),
        after,
        limit: usize::try_from(query.limit).unwrap_or(usize::MAX),
        facets: facets.iter().map(|facet| facet.counted(market)).collect(),
        count: query.count,
    };
    let snapshot = app.read_model.snapshot(app).await?;
    let found = tokio::task::spawn_blocking(move || snapshot.search(&asked)).await;
    let found = found.map_err(Error::unexpected)?.map_err(Error::unexpected)?;

    let ids: Vec<Uuid> = found.hits.iter().map(|hit| hit.id).collect();
    let (items, locale) = shown(app, &ids, market, wanted, now).await?;
    let next_cursor = match found.hits.last().filter(|_| found.more) {
        Some(hit) => Some(Cursor::write(key, &name, &hit.place)?),
        None => None,
    };
    let facets = match facets {
        [] => None,
        asked => Some(facets::shown(app, asked, found.facets, wanted).await?),
    };
    let page = Page { items, next_cursor, total: found.total };
    Ok((ProductPage { page, facets, did_you_mean: found.did_you_mean }, locale))
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
