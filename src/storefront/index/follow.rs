//! How the index comes to show what was written: by this copy before the next read, by others as the log tells.
use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, atomic::Ordering},
};

use chrono::Duration;
use search::Index;
use uuid::Uuid;

use super::{changes_catalog, document::document, rebuild};
use crate::{
    app::App,
    catalog::{published, touched_by_label},
    db::Told,
    error::{Error, Result},
    events,
};

/// Events of the log that are looked at together.
const EVENTS: u64 = 500;
/// Products that are read and committed together.
const PRODUCTS: usize = 500;
/// How long before its event an edit of a label may have begun to change products.
const EDIT: Duration = Duration::minutes(1);
/// Events after which the place is committed although nothing of them is shown: what is pruned meanwhile is not missed.
const UNCOMMITTED: i64 = 1_000;

/// Shows what this copy has written.
pub(super) async fn settle(app: &App) -> Result<()> {
    let model = &app.read_model;
    let mut ahead = model.0.turn.lock().await;
    let told = model.told().clone();
    let Some(index) = model.index().filter(|_| !told.is_empty()) else { return Ok(()) };
    apply(app, &index, told.iter(), model.place()).await?;
    ahead.extend(told.iter().map(|told| told.id));
    // Only now: whoever finds nothing here needn't wait.
    model.told().drain(..told.len());
    Ok(())
}

/// Shows what the log tells since the last look; builds the index anew where there is none, where the operator asked for
/// it, or where the log has gone back or lost what was not looked at.
pub async fn follow(app: &App) -> Result<()> {
    let model = &app.read_model;
    let Some(index) = model.index().filter(|_| !model.0.home.take_request()) else {
        return rebuild::rebuild(app).await;
    };
    settle(app).await?;
    let whole = {
        let mut ahead = model.0.turn.lock().await;
        catch_up(app, &index, &mut ahead).await?
    };
    if whole { Ok(()) } else { rebuild::rebuild(app).await }
}

/// Applies the events behind the index's place; false when some are lost.
async fn catch_up(app: &App, index: &Arc<Index>, ahead: &mut HashSet<Uuid>) -> Result<bool> {
    let model = &app.read_model;
    let newest = events::newest(app).await?;
    let mut committed = model.place();
    loop {
        let place = model.place();
        if newest <= place {
            return Ok(newest == place);
        }
        let events = events::after(app, place, EVENTS).await?;
        let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else { return Ok(false) };
        if *first != place + 1 {
            return Ok(false);
        }
        let (last, any) = (*last, events.iter().any(|(_, told)| changes_catalog(&told.kind)));
        let news = events.iter().map(|(_, told)| told).filter(|told| !ahead.remove(&told.id));
        let news: Vec<&Told> = news.filter(|told| changes_catalog(&told.kind)).collect();
        if !news.is_empty() || last - committed >= UNCOMMITTED {
            apply(app, index, news.into_iter(), last).await?;
            committed = last;
        }
        model.0.place.store(last, Ordering::Release);
        if any {
            app.answers.begin_generation();
        }
    }
}

/// Reads anew what changes may have touched, and commits it with the place up to which the log is shown.
async fn apply(
    app: &App,
    index: &Arc<Index>,
    changes: impl Iterator<Item = &Told>,
    place: i64,
) -> Result<()> {
    let mut touched = BTreeSet::new();
    for change in changes {
        match change.kind.split('.').next() {
            Some("product") => touched.extend([change.subject]),
            Some("category" | "tag") => {
                app.read_model.cards().forget_names();
                touched.extend(touched_by_label(&app.db.read, change.subject, change.at - EDIT).await?);
            }
            _ => touched.extend(change.product),
        }
    }
    let touched: Vec<Uuid> = touched.into_iter().collect();
    if !touched.is_empty() {
        app.read_model.cards().forget(&touched);
    }
    let before = app.read_model.place();
    let parts = touched.chunks(PRODUCTS).count();
    for (number, ids) in touched.chunks(PRODUCTS).enumerate() {
        let rows = published(&app.db.read, ids, app.clock.now()).await?;
        let there: HashSet<Uuid> = rows.iter().map(|row| row.product.id).collect();
        let removed: Vec<Uuid> = ids.iter().copied().filter(|id| !there.contains(id)).collect();
        let own = &app.config.store.locale;
        let documents: Vec<_> = rows.into_iter().map(|row| document(row, own)).collect();
        let note = if number + 1 == parts { place } else { before };
        commit(index, documents, removed, note).await?;
    }
    if parts == 0 && place > before {
        commit(index, Vec::new(), Vec::new(), place).await?;
    }
    Ok(())
}

async fn commit(
    index: &Arc<Index>,
    documents: Vec<search::Document>,
    removed: Vec<Uuid>,
    place: i64,
) -> Result<()> {
    let index = Arc::clone(index);
    let commit = move || index.apply(&documents, &removed, &place.to_string());
    tokio::task::spawn_blocking(commit).await.map_err(Error::unexpected)?.map_err(Error::unexpected)
}
