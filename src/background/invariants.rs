//! Everything that must always be true of a store, judged slice by slice.
use uuid::Uuid;

use crate::{app::App, check::Violation, checkout, community, error::Result, events::Event};

/// Judges a whole store; none is what there should be.
///
/// Each violation is logged, and their number is the gauge `mist_invariant_violations`.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let mut violations = checkout::checks::run(app).await?;
    violations.extend(community::checks::violations(app).await?);
    for violation in &violations {
        tracing::error!(invariant = violation.invariant, subject = violation.subject, "broken invariant");
    }
    let count = u32::try_from(violations.len()).unwrap_or(u32::MAX);
    metrics::gauge!("mist_invariant_violations").set(f64::from(count));
    Ok(violations)
}

/// Judges a whole store, and records `check.failed` when it is not as it should be: admins are told.
pub(super) async fn watch(app: &App) -> Result<()> {
    let count = violations(app).await?.len();
    if count > 0 {
        let event = Event::new("check.failed", Uuid::nil()).with("violations", count);
        app.db.write(async |tx| Ok(event.clone().record(tx, &app.clock).await?)).await?;
    }
    Ok(())
}
