//! Everything that must always be true of a store, judged slice by slice.
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    check::{Extent, Violation},
    checkout, community,
    error::Result,
    events::Event,
};

/// What changed in this time is judged every 15 minutes: longer than that, so that nothing is left out.
const CHANGED: TimeDelta = TimeDelta::minutes(45);
/// The names of the extents.
const WHOLE: &str = "whole";
const SINCE: &str = "changed";
/// The hour of the day, UTC, in which a whole store is judged.
const FULL_AT: u32 = 3;

/// How long what was found is shown at most: behind it another copy judges, and shows what it finds.
const CHANGED_SHOWN: TimeDelta = TimeDelta::minutes(30);
const WHOLE_SHOWN: TimeDelta = TimeDelta::hours(25);

/// What this copy found broken, by extent and promise, and when: so that it is shown as mended once it is.
static FOUND: Mutex<BTreeMap<(&'static str, &'static str), DateTime<Utc>>> = Mutex::new(BTreeMap::new());

/// Judges a whole store; none is what there should be.
///
/// Each violation is logged, their number is the gauge `mist_invariant_violations`, and that of each promise
/// `mist_check_failures`.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let orders = checkout::checks::run(app, &app.db.read, Extent::Whole).await?;
    whole(app, orders).await
}

/// Adds to what was found of orders what there is beside them.
async fn whole(app: &App, mut violations: Vec<Violation>) -> Result<Vec<Violation>> {
    violations.extend(community::checks::violations(app).await?);
    tell_log(app, Extent::Whole, &violations);
    let count = u32::try_from(violations.len()).unwrap_or(u32::MAX);
    metrics::gauge!("mist_invariant_violations").set(f64::from(count));
    Ok(violations)
}

fn tell_log(app: &App, extent: Extent, violations: &[Violation]) {
    for violation in violations {
        tracing::error!(invariant = violation.invariant, subject = violation.subject, "broken invariant");
    }
    show(extent, violations, app.clock.now());
}

/// Shows how often each promise is broken. What was found in a whole store is not mended by a look at what changed, so both
/// are shown.
fn show(extent: Extent, violations: &[Violation], now: DateTime<Utc>) {
    let extent = match extent {
        Extent::Whole => WHOLE,
        Extent::Since(_) => SINCE,
    };
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for violation in violations {
        *counts.entry(violation.invariant).or_default() += 1;
    }
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.retain(|(known, check), _| {
        let is_broken = *known != extent || counts.contains_key(check);
        if !is_broken {
            gauge(known, check, 0);
        }
        is_broken
    });
    for (check, count) in counts {
        gauge(extent, check, count);
        found.insert((extent, check), now);
    }
}

/// No longer shows what this copy found so long ago that another has judged since.
pub(super) fn fade(now: DateTime<Utc>) {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.retain(|(extent, check), at| {
        let shown = if *extent == WHOLE { WHOLE_SHOWN } else { CHANGED_SHOWN };
        let is_shown = now - *at < shown;
        if !is_shown {
            gauge(extent, check, 0);
        }
        is_shown
    });
}

fn gauge(extent: &'static str, check: &'static str, count: u32) {
    metrics::gauge!("mist_check_failures", "extent" => extent, "check" => check).set(f64::from(count));
}

/// Judges what changed a short time ago, and records `check.failed` when it is not as it should be: admins are told.
pub(super) async fn watch(app: &App) -> Result<()> {
    let extent = Extent::Since(app.clock.now() - CHANGED);
    let violations = checkout::checks::run(app, &app.db.read, extent).await?;
    tell_log(app, extent, &violations);
    tell(app, violations.len()).await
}

/// The same of a whole store, at night, and of orders as the replica has them: what changed since is judged by the other.
pub(super) async fn watch_all(app: &App) -> Result<()> {
    if app.clock.now().hour() != FULL_AT {
        return Ok(());
    }
    let orders = app.db.read_stale(async |db| checkout::checks::run(app, db, Extent::Whole).await).await?;
    tell(app, whole(app, orders).await?.len()).await
}

async fn tell(app: &App, count: usize) -> Result<()> {
    if count > 0 {
        let event = Event::new("check.failed", Uuid::nil()).with("violations", count);
        app.db.write(async |tx| Ok(event.clone().record(tx, &app.clock).await?)).await?;
    }
    Ok(())
}
