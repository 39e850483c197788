//! Everything that must always be true of a store, judged slice by slice.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use chrono::{TimeDelta, Timelike};
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
/// The hour of the day, UTC, in which a whole store is judged.
const FULL_AT: u32 = 3;

/// What was found broken before, so that it is shown as mended once it is.
static FOUND: Mutex<BTreeSet<(&'static str, &'static str)>> = Mutex::new(BTreeSet::new());

/// Judges a whole store; none is what there should be.
///
/// Each violation is logged, their number is the gauge `mist_invariant_violations`, and that of each promise
/// `mist_check_failures`.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let violations = judge(app, Extent::Whole).await?;
    let count = u32::try_from(violations.len()).unwrap_or(u32::MAX);
    metrics::gauge!("mist_invariant_violations").set(f64::from(count));
    Ok(violations)
}

async fn judge(app: &App, extent: Extent) -> Result<Vec<Violation>> {
    let mut violations = checkout::checks::run(app, extent).await?;
    if extent == Extent::Whole {
        violations.extend(community::checks::violations(app).await?);
    }
    for violation in &violations {
        tracing::error!(invariant = violation.invariant, subject = violation.subject, "broken invariant");
    }
    show(extent, &violations);
    Ok(violations)
}

/// Shows how often each promise is broken. What was found in a whole store is not mended by a look at what changed, so both
/// are shown.
fn show(extent: Extent, violations: &[Violation]) {
    let extent = match extent {
        Extent::Whole => "whole",
        Extent::Since(_) => "changed",
    };
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for violation in violations {
        *counts.entry(violation.invariant).or_default() += 1;
    }
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    for (known, check) in found.iter().filter(|(known, _)| *known == extent) {
        if !counts.contains_key(check) {
            metrics::gauge!("mist_check_failures", "extent" => *known, "check" => *check).set(0.0);
        }
    }
    for (check, count) in counts {
        metrics::gauge!("mist_check_failures", "extent" => extent, "check" => check).set(f64::from(count));
        found.insert((extent, check));
    }
}

/// Judges what changed a short time ago, and records `check.failed` when it is not as it should be: admins are told.
pub(super) async fn watch(app: &App) -> Result<()> {
    let since = app.clock.now() - CHANGED;
    tell(app, judge(app, Extent::Since(since)).await?.len()).await
}

/// The same of a whole store, at night.
pub(super) async fn watch_all(app: &App) -> Result<()> {
    if app.clock.now().hour() != FULL_AT {
        return Ok(());
    }
    tell(app, violations(app).await?.len()).await
}

async fn tell(app: &App, count: usize) -> Result<()> {
    if count > 0 {
        let event = Event::new("check.failed", Uuid::nil()).with("violations", count);
        app.db.write(async |tx| Ok(event.clone().record(tx, &app.clock).await?)).await?;
    }
    Ok(())
}
