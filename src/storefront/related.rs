//! What goes with a product: what is bought together with it, then what is most like it.
use chrono::{DateTime, Utc};
use search::{By, Counts, Facet, Filters, Query, Snapshot, Sort};
use uuid::Uuid;

use super::{cards::shown, index::ask, list::priced};
use crate::{
    app::App,
    catalog::{Market, Product, ProductSummary, bought_with},
    error::{Error, Result},
    values::Locale,
    web::locale::Wanted,
};

/// Products that are shown at most.
const MOST: usize = 24;
/// Tags that two products are compared by: the rarest of them say the most.
const MOST_TAGS: usize = 5;

/// What goes with a product, as a market sees it at a moment; and the language of the texts.
pub(super) async fn related(
    app: &App,
    product: &Product,
    market: &Market,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(Vec<ProductSummary>, Locale)> {
    let snapshot = app.read_model.snapshot(app).await?;
    let mut ids = bought_with(&app.db.read, product.id, MOST as u64).await?;
    if ids.len() < MOST {
        let alike = Alike::of(product, market, now);
        let found = ask(snapshot, move |snapshot| alike.find(snapshot)).await?;
        for id in found.map_err(Error::unexpected)? {
            if id != product.id && !ids.contains(&id) && ids.len() < MOST {
                ids.push(id);
            }
        }
    }
    shown(app, &ids, market, wanted, now).await
}

/// A search for what is like a product.
struct Alike {
    query: Query,
    tags: Vec<String>,
}

impl Alike {
    fn of(product: &Product, market: &Market, now: DateTime<Utc>) -> Self {
        let words = |value: serde_json::Value| serde_json::from_value(value).unwrap_or_default();
        let kind = serde_json::to_value(product.kind).unwrap_or_default();
        let query = Query {
            words: None,
            languages: Vec::new(),
            filters: Filters {
                kinds: kind.as_str().map(str::to_owned).into_iter().collect(),
                ..Filters::default()
            },
            market: priced(market),
            now: now.timestamp_micros(),
            sort: Sort { by: By::Popularity, descending: true },
            after: None,
            // Itself is among them.
            limit: MOST + 1,
            facets: Vec::new(),
            count: false,
        };
        Self { query, tags: words(product.tags.clone()) }
    }

    /// Those with the most of its rarest tags first, and of these the most popular.
    fn find(self, snapshot: &Snapshot) -> Result<Vec<Uuid>, search::Error> {
        let mut tags = self.rarest(snapshot)?;
        let mut found: Vec<Uuid> = Vec::new();
        while !tags.is_empty() && found.len() <= MOST {
            let mut query = self.query.clone();
            query.filters.tags.clone_from(&tags);
            for hit in snapshot.search(&query)?.hits {
                if !found.contains(&hit.id) {
                    found.push(hit.id);
                }
            }
            // The commonest one goes.
            tags.pop();
        }
        Ok(found)
    }

    fn rarest(&self, snapshot: &Snapshot) -> Result<Vec<String>, search::Error> {
        if self.tags.is_empty() {
            return Ok(Vec::new());
        }
        let counting = Query { facets: vec![Facet::Tag], limit: 1, ..self.query.clone() };
        let counts = snapshot.search(&counting)?.facets.into_iter().next();
        let Some(Counts::Labels(mut counts)) = counts else { return Ok(Vec::new()) };
        counts.retain(|(tag, _)| self.tags.contains(tag));
        counts.sort_by_key(|(_, count)| *count);
        Ok(counts.into_iter().map(|(tag, _)| tag).take(MOST_TAGS).collect())
    }
}
