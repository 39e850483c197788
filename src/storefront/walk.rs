//! A walk over all that is published, for who needs every product and nothing of it but its id.
pub use search::Place;
use search::{By, Filters, Query, Sort};
use uuid::Uuid;

use super::index::letters;
use crate::{
    app::App,
    error::{Error, Result},
};

/// The published products behind a place, the oldest first, and the place of the last if more come behind it.
pub async fn walk(app: &App, after: Option<Place>, limit: usize) -> Result<(Vec<Uuid>, Option<Place>)> {
    let store = &app.config.store;
    let query = Query {
        words: None,
        languages: Vec::new(),
        filters: Filters::default(),
        market: search::Market {
            currency: letters(store.currency.as_str()).unwrap_or_default(),
            country: letters(store.country.as_str()).unwrap_or_default(),
        },
        now: app.clock.now().timestamp_micros(),
        sort: Sort { by: By::CreatedAt, descending: false },
        after,
        limit,
        facets: Vec::new(),
        count: false,
    };
    let snapshot = app.read_model.snapshot(app).await?;
    let found = tokio::task::spawn_blocking(move || snapshot.search(&query)).await;
    let found = found.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    let last = found.hits.last().filter(|_| found.more).map(|hit| hit.place.clone());
    Ok((found.hits.into_iter().map(|hit| hit.id).collect(), last))
}
