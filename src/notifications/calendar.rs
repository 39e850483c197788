//! What the calendar brings about, looked through again and again: sales that begin or are about to end, days of release.
use chrono::{DateTime, Duration, NaiveTime, Utc};
use uuid::Uuid;

use super::{
    fan_out::{self, Cause},
    kinds::Kind,
    queries::{self, fan_outs},
};
use crate::{app::App, catalog, error::Result};

/// What was missed for longer, because no copy ran, is not told any more.
const MISSED: Duration = Duration::days(1);
/// How far each look at sales goes back beyond the one before: a sale that begins at once is committed a moment after it began,
/// and no statement may take so long. That a cause is begun once is held by its row.
const LATE: Duration = Duration::minutes(1);
/// How long before its end it is told that a sale ends. One that is shorter is not told of again.
const AHEAD: Duration = Duration::days(1);
/// Causes that are begun in one transaction: SQLite's one writer is not held for long.
const BATCH: usize = 100;

/// Has everybody told of what came about since the last look. What a look that broke off has begun is not begun again.
pub async fn announce(app: &App) -> Result<()> {
    let now = app.clock.now();
    let last = queries::mark(&app.db.read, queries::CALENDAR).await?;
    let last = DateTime::from_timestamp_micros(last).unwrap_or_default();
    let from = last.max(now - MISSED);
    if from >= now {
        return Ok(());
    }
    let causes = causes(app, from, now).await?;
    let mut some = false;
    for (kind, causes) in causes {
        for causes in causes.chunks(BATCH) {
            let ids: Vec<Uuid> = causes.iter().map(|cause| cause.event).collect();
            let begun = fan_outs::begun(&app.db.read, kind.as_str(), &ids).await?;
            let new: Vec<Cause> =
                causes.iter().filter(|cause| !begun.contains(&cause.event)).copied().collect();
            some |= !new.is_empty();
            app.db
                .write(async |tx| {
                    for cause in &new {
                        fan_out::begin(app, tx, *cause).await?;
                    }
                    Ok(())
                })
                .await?;
        }
    }
    let micros = now.timestamp_micros();
    app.db.write(async |tx| Ok(queries::set_mark(tx, queries::CALENDAR, micros).await?)).await?;
    if some {
        app.wake.poke_notices();
    }
    Ok(())
}

async fn causes(app: &App, from: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<(Kind, Vec<Cause>)>> {
    let db = &app.db.read;
    let begun = catalog::sales_begun(db, from - LATE, now).await?.into_iter().map(|sale| Cause {
        kind: Kind::WishlistPriceDrop,
        event: sale.id,
        product: sale.product,
        subject: sale.product,
        at: sale.starts_at,
    });
    let ending = catalog::sales_ending(db, from - LATE + AHEAD, now + AHEAD).await?.into_iter();
    let ending = ending.filter(|sale| sale.starts_at < sale.ends_at - AHEAD).map(|sale| Cause {
        kind: Kind::WishlistSaleEnding,
        event: sale.id,
        product: sale.product,
        subject: sale.id,
        at: sale.ends_at,
    });
    let today = now.date_naive();
    let released = match from.date_naive() {
        yesterday if yesterday < today => catalog::released_in(db, yesterday, today).await?,
        _ => Vec::new(),
    };
    let preordered = match from.date_naive() {
        yesterday if yesterday < today => catalog::preorders_of_days(db, yesterday, today).await?,
        _ => Vec::new(),
    };
    let ready = catalog::releases_come(db, &preordered, now).await?;
    let ready = ready.into_iter().map(|product| Cause::of_release(product, now));
    let released = released.into_iter().map(|product| Cause {
        kind: Kind::WishlistRelease,
        event: product,
        product,
        subject: product,
        at: today.and_time(NaiveTime::MIN).and_utc(),
    });
    Ok(vec![
        (Kind::WishlistPriceDrop, begun.collect()),
        (Kind::WishlistSaleEnding, ending.collect()),
        (Kind::WishlistRelease, released.collect()),
        (Kind::DownloadReady, ready.collect()),
    ])
}
