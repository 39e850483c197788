//! Building the index from the tables: where there is none, where it is damaged or of another version.
use search::{Index, Opened, Rebuild};
use tokio::task::spawn_blocking;

use super::document::{VERSION, document};
use crate::{
    app::App,
    catalog::published_after,
    error::{Error, Result},
    events,
};

/// Products that are read together.
const PRODUCTS: u64 = 500;

/// Opens the index that the last run left, if it can be used; builds that of a small catalog at once. That of a large
/// one is built by [`super::follow`], and the copy is not ready until then.
pub async fn open(app: &App) -> Result<()> {
    let model = &app.read_model;
    let folder = model.0.home.folder.clone();
    let opened = spawn_blocking(move || Index::open(&folder, VERSION)).await.map_err(Error::unexpected)?;
    match opened {
        Ok(Opened::There(index)) => {
            if let Some(place) = index.note().ok().flatten().and_then(|note| note.parse().ok()) {
                model.set_index(*index, place);
                return super::follow(app).await;
            }
        }
        Ok(Opened::Absent(why)) => tracing::debug!(?why, "there is no index of the catalog"),
        Err(error) => tracing::warn!(%error, "the index of the catalog can't be opened; it is built anew"),
    }
    let first = published_after(&app.db.read, None, PRODUCTS, app.clock.now()).await?;
    if u64::try_from(first.len()).unwrap_or_default() < PRODUCTS {
        return rebuild(app).await;
    }
    Ok(())
}

/// Builds the index anew from the tables, beside the one that serves, and puts it in its place.
pub async fn rebuild(app: &App) -> Result<()> {
    let model = &app.read_model;
    // Read first: what is written from now on is applied once more.
    let place = events::newest(app).await?;
    let folder = model.0.home.folder.clone();
    let begun = spawn_blocking(move || Rebuild::begin(&folder, VERSION)).await;
    let mut rebuild = begun.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    let mut last = None;
    loop {
        let rows = published_after(&app.db.read, last, PRODUCTS, app.clock.now()).await?;
        let Some(row) = rows.last() else { break };
        last = Some(row.product.id);
        let own = &app.config.store.locale;
        let documents: Vec<_> = rows.into_iter().map(|row| document(row, own)).collect();
        let added = spawn_blocking(move || rebuild.add(&documents).map(|()| rebuild)).await;
        rebuild = added.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    }
    {
        // Nobody changes the one that serves while its folder goes.
        let mut ahead = model.0.turn.lock().await;
        let finished = spawn_blocking(move || rebuild.finish(&place.to_string())).await;
        let index = finished.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
        ahead.clear();
        model.set_index(index, place);
    }
    metrics::counter!("mist_index_rebuilds_total").increment(1);
    app.answers.begin_generation();
    Ok(())
}
