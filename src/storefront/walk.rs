//! A walk over all that is published, for who needs every product and nothing of it but its id.
use search::{By, Filters, Query, Sort};
pub use search::{Hit, Place};

use super::index::{ask, letters};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The published products behind a place, the oldest first, and whether more come behind them.
pub async fn walk(app: &App, after: Option<Place>, limit: usize) -> Result<(Vec<Hit>, bool)> {
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
    let found = ask(snapshot, move |snapshot| snapshot.search(&query)).await?.map_err(Error::unexpected)?;
    Ok((found.hits, found.more))
}
