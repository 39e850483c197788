//! Building the index from the tables: where there is none, where it is damaged or of another version.
use std::{pin::pin, sync::Arc, time::Duration};

use search::{Index, Opened, Rebuild, Successor};
use tokio::{task::spawn_blocking, time::sleep};
use uuid::Uuid;

use super::{
    document::{VERSION, document},
    follow::{bring_up, keep_up},
};
use crate::{
    app::App,
    catalog::{LabelNames, Published, published_after},
    error::{Error, Result},
    events,
};

/// Products that are read together.
const PRODUCTS: u64 = 500;
/// How often the index that serves looks at the log while another is built.
const BETWEEN: Duration = Duration::from_millis(250);

/// Opens the index that the last run left, if it can be used; builds that of a small catalog at once. That of a large
/// one is built by [`super::follow`], and the copy is not ready until then.
pub async fn open(app: &App) -> Result<()> {
    let model = &app.read_model;
    let folder = model.0.home.folder.clone();
    let opened = spawn_blocking(move || Index::open(&folder, VERSION)).await.map_err(Error::unexpected)?;
    match opened {
        Ok(Opened::There(index)) => {
            if let Some(place) = index.note().ok().flatten().and_then(|note| note.parse().ok()) {
                model.set_index(Arc::new(*index), place);
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

/// Builds the index anew from the tables, beside the one that serves, and puts it in its place. Meanwhile that one goes on
/// following the log, and what came since is shown by the new one before it serves.
pub async fn rebuild(app: &App) -> Result<()> {
    let model = &app.read_model;
    let mut building = pin!(build(app));
    let Built { index, successor, place } = loop {
        tokio::select! {
            built = &mut building => break built?,
            () = sleep(BETWEEN) => keep_serving(app).await,
        }
    };
    let index = Arc::new(index);
    let place = bring_up(app, &index, place).await?;
    {
        // Nobody changes the one that serves while its folder goes.
        let mut ahead = model.0.turn.lock().await;
        let told = model.told().len();
        // What is committed has its number then: whatever this copy has told is among it.
        events::number(&app.db).await?;
        let place = bring_up(app, &index, place).await?;
        let promoted = spawn_blocking(move || successor.promote()).await;
        promoted.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
        ahead.clear();
        model.told().drain(..told);
        model.cards().clear();
        model.set_index(index, place);
    }
    metrics::counter!("mist_index_rebuilds_total").increment(1);
    app.answers.begin_generation();
    Ok(())
}

/// Shows in the index that serves, if there is one, what came while another is built. Whatever is in the way of that is
/// mended by the other.
async fn keep_serving(app: &App) {
    let Some(index) = app.read_model.index() else { return };
    if let Err(error) = keep_up(app, &index).await {
        tracing::warn!(%error, "the index of the catalog does not follow while it is built anew");
    }
}

/// An index that shows the log up to a place, and doesn't serve yet.
struct Built {
    index: Index,
    successor: Successor,
    place: i64,
}

async fn build(app: &App) -> Result<Built> {
    // What is committed has its number then, and is not applied once more behind the rebuilt index; what is written from
    // now on is.
    events::number(&app.db).await?;
    let place = events::newest(app).await?;
    let folder = app.read_model.0.home.folder.clone();
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
    let whole = spawn_blocking(move || rebuild.whole(&place.to_string())).await;
    let (index, successor) = whole.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    Ok(Built { index, successor, place })
}
