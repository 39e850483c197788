//! Building the index from the tables: where there is none, where it is damaged or of another version.
use search::{Index, Opened, Rebuild};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::document::{VERSION, document};
use crate::{
    app::App,
    catalog::{LabelNames, Published, published_after},
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
    let labels = LabelNames::all(&app.db.read).await?;
    let first = page_behind(app, None, &labels).await?;
    if u64::try_from(first.len()).unwrap_or_default() < PRODUCTS {
        return rebuild(app).await;
    }
    Ok(())
}

async fn page_behind(app: &App, last: Option<Uuid>, labels: &LabelNames) -> Result<Vec<Published>> {
    published_after(&app.db.read, last, PRODUCTS, labels, app.clock.now()).await
}

/// Builds the index anew from the tables, beside the one that serves, and puts it in its place.
pub async fn rebuild(app: &App) -> Result<()> {
    let model = &app.read_model;
    // What is committed has its number then, and is not applied once more behind the rebuilt index; what is written from
    // now on is.
    events::number(&app.db).await?;
    let place = events::newest(app).await?;
    let folder = model.0.home.folder.clone();
    let begun = spawn_blocking(move || Rebuild::begin(&folder, VERSION)).await;
    let mut rebuild = begun.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    let labels = LabelNames::all(&app.db.read).await?;
    let mut page = page_behind(app, None, &labels).await?;
    while let Some(row) = page.last() {
        let last = Some(row.product.id);
        let own = app.config.store.locale.clone();
        let adding = spawn_blocking(move || {
            let documents: Vec<_> = page.into_iter().map(|row| document(row, &own)).collect();
            rebuild.add(&documents).map(|()| rebuild)
        });
        // The next page is read while this one is added.
        let (added, next) = tokio::join!(adding, page_behind(app, last, &labels));
        rebuild = added.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
        page = next?;
    }
    {
        // Nobody changes the one that serves while its folder goes.
        let mut ahead = model.0.turn.lock().await;
        let finished = spawn_blocking(move || rebuild.finish(&place.to_string())).await;
        let index = finished.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
        ahead.clear();
        model.cards().clear();
        model.set_index(index, place);
    }
    metrics::counter!("mist_index_rebuilds_total").increment(1);
    app.answers.begin_generation();
    Ok(())
}
