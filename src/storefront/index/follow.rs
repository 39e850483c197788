//! How the index comes to show what was written: by this copy before the next read, by others as the log tells.
use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use search::Index;
use uuid::Uuid;

use super::{changes_catalog, document::document, rebuild};
use crate::{
    app::App,
    catalog::{changed_at, published, standing_in},
    db::Told,
    error::{Error, Result},
    events,
};

/// Events of the log that are looked at together.
const EVENTS: u64 = 500;
/// Products that are read and committed together.
const PRODUCTS: usize = 500;
/// Products that a read waits for at most: what takes longer is shown bit by bit, as if another copy had written it.
const MOST_AWAITED: usize = 10_000;
/// Events after which the place is committed although nothing of them is shown: what is pruned meanwhile is not missed.
const UNCOMMITTED: i64 = 1_000;

/// Shows what this copy has written, unless that is so much that it is left to [`follow`].
pub(super) async fn settle(app: &App) -> Result<()> {
    let model = &app.read_model;
    let mut ahead = model.0.turn.lock().await;
    let told = model.told().clone();
    let Some(index) = model.index().filter(|_| !told.is_empty()) else { return Ok(()) };
    let touched = touched(app, told.iter()).await?;
    if touched.len() <= MOST_AWAITED {
        let place = model.place();
        for ids in touched.chunks(PRODUCTS) {
            show(app, &index, ids, place).await?;
        }
        ahead.extend(told.iter().map(|told| told.id));
    }
    // Only now: whoever finds nothing here needn't wait.
    model.told().drain(..told.len());
    Ok(())
}

/// Shows what the log tells since the last look; builds the index anew where there is none, where the operator asked for
/// it, or where the log has gone back or lost what was not looked at.
pub async fn follow(app: &App) -> Result<()> {
    let model = &app.read_model;
    let _alone = model.0.following.lock().await;
    let asked = model.0.home.take_request();
    if let Some(index) = model.index().filter(|_| !asked)
        && keep_up(app, &index).await?
    {
        return Ok(());
    }
    rebuild::rebuild(app).await
}

/// Shows what this copy has written and what the log tells; false when some of it is lost.
pub(super) async fn keep_up(app: &App, index: &Arc<Index>) -> Result<bool> {
    settle(app).await?;
    catch_up(app, index).await
}

/// Applies the events behind the index's place; false when some are lost. Who writes and reads comes in between.
async fn catch_up(app: &App, index: &Arc<Index>) -> Result<bool> {
    let model = &app.read_model;
    let newest = events::newest(app).await?;
    let mut committed = model.place();
    loop {
        let place = model.place();
        if newest <= place {
            return Ok(newest == place);
        }
        let Some(Next { told, last }) = next(app, place).await? else { return Ok(false) };
        let any = !told.is_empty();
        if any {
            // What is read from the tables is shown anew however long it takes, or fails, to show it in lists.
            app.answers.begin_generation();
        }
        let news: Vec<Told> = {
            let mut ahead = model.0.turn.lock().await;
            told.into_iter().filter(|told| !ahead.remove(&told.id)).collect()
        };
        let touched = touched(app, news.iter()).await?;
        let parts = touched.chunks(PRODUCTS).count();
        for (number, ids) in touched.chunks(PRODUCTS).enumerate() {
            let _turn = model.0.turn.lock().await;
            let note = if number + 1 == parts { last } else { place };
            show(app, index, ids, note).await?;
        }
        let is_due = last - committed >= UNCOMMITTED;
        if parts == 0 && is_due {
            let _turn = model.0.turn.lock().await;
            show(app, index, &[], last).await?;
        }
        if parts > 0 || is_due {
            committed = last;
        }
        model.0.place.store(last, Ordering::Release);
        if any {
            app.answers.begin_generation();
        }
    }
}

/// Applies every event behind a place to an index that does not serve yet; the place up to which it then shows the log.
pub(super) async fn bring_up(app: &App, index: &Arc<Index>, mut place: i64) -> Result<i64> {
    let newest = events::newest(app).await?;
    while place < newest {
        let Some(Next { told, last }) = next(app, place).await? else {
            return Err(Error::unexpected("the log lost what came while the index was built"));
        };
        for ids in touched(app, told.iter()).await?.chunks(PRODUCTS) {
            show(app, index, ids, place).await?;
        }
        show(app, index, &[], last).await?;
        place = last;
    }
    Ok(place)
}

/// The next events of the log.
struct Next {
    /// Those after which the catalog reads differently.
    told: Vec<Told>,
    /// The number of the last of all.
    last: i64,
}

/// The next events behind a place; none when some are lost.
async fn next(app: &App, place: i64) -> Result<Option<Next>> {
    let events = events::after(app, place, EVENTS).await?;
    let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else { return Ok(None) };
    let (first, last) = (*first, *last);
    let told = events.into_iter().map(|(_, told)| told).filter(|told| changes_catalog(&told.kind));
    Ok((first == place + 1).then(|| Next { told: told.collect(), last }))
}

/// The products that changes may have touched, each once. What labels are called is forgotten where that changed.
async fn touched(app: &App, changes: impl Iterator<Item = &Told>) -> Result<Vec<Uuid>> {
    let mut touched = Vec::new();
    for change in changes {
        match change.kind.split('.').next() {
            Some("product") => touched.push(change.subject),
            Some("category" | "tag") => {
                app.read_model.cards().forget_names();
                if change.moved {
                    touched.extend(standing_in(&app.db.read, change.subject).await?);
                }
                if let Some(at) = change.changed_at {
                    touched.extend(changed_at(&app.db.read, at).await?);
                }
            }
            _ => touched.extend(change.product),
        }
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(touched)
}

/// Reads some products anew, and commits them with the place up to which the log is shown.
async fn show(app: &App, index: &Arc<Index>, ids: &[Uuid], place: i64) -> Result<()> {
    if !ids.is_empty() {
        app.read_model.cards().forget(ids);
    }
    let rows = match ids {
        [] => Vec::new(),
        ids => published(&app.db.read, ids, app.clock.now()).await?,
    };
    let there: HashSet<Uuid> = rows.iter().map(|row| row.product.id).collect();
    let removed: Vec<Uuid> = ids.iter().copied().filter(|id| !there.contains(id)).collect();
    let own = &app.config.store.locale;
    let documents: Vec<_> = rows.into_iter().map(|row| document(row, own)).collect();
    let index = Arc::clone(index);
    let commit = move || index.apply(&documents, &removed, &place.to_string());
    tokio::task::spawn_blocking(commit).await.map_err(Error::unexpected)?.map_err(Error::unexpected)
}
