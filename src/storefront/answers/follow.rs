//! How a copy hears of what others change: it follows the event log, without keeping its place.
use std::sync::atomic::Ordering;

use super::changes_catalog;
use crate::{app::App, error::Result, events};

/// Events that are looked at in one statement.
const BATCH: u64 = 500;

/// Looks at the events since the last look: those that change the catalog end the answers made before them.
///
/// At the first look, and where the log went back or lost what was not looked at, nobody knows what changed.
pub async fn follow(app: &App) -> Result<()> {
    let parts = &app.answers.0;
    let newest = events::newest(app).await?;
    let mut place = parts.place.load(Ordering::Acquire);
    if place < 0 || newest < place {
        app.answers.begin_generation();
        place = newest;
    }
    while place < newest {
        let events = events::kinds_after(app, place, BATCH).await?;
        let gap = events.first().is_none_or(|(first, _)| *first != place + 1);
        if gap || events.iter().any(|(_, kind)| changes_catalog(kind)) {
            app.answers.begin_generation();
        }
        place = events.last().map_or(newest, |(last, _)| *last);
    }
    parts.place.store(place, Ordering::Release);
    Ok(())
}
