//! Telling support of a review that shouldn't be there.
use chrono::{DateTime, Utc};
use entity::review_report::Model;
use uuid::Uuid;

use super::{report_queries, review_queries as queries, reviews::event, votes::of_another};
use crate::{accounts, app::App, error::Result, values::Word};

/// Reasons blanked in one transaction: SQLite's one writer is not held for long.
const BATCH: u64 = 500;

/// Reports a review, once per account: whoever does it again is told the same and changes nothing. The lock on the review
/// holds how many reports wait. 429 beyond the account's rate.
pub(super) async fn report(app: &App, account: Uuid, review: Uuid, reason: &Word) -> Result<()> {
    accounts::deed(app, account, "reports", app.config.community.reports_per_account).await?;
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let row = of_another(tx, account, queries::lock(tx, review).await?).await?;
            if report_queries::is_reported(tx, review, account).await? {
                return Ok(());
            }
            let report = Model {
                review_id: review,
                account_id: account,
                reason: Some(reason.to_string()),
                reported_at: app.clock.now(),
                resolved_at: None,
            };
            report_queries::insert(tx, report).await?;
            queries::set_open_reports(tx, review, row.open_reports + 1).await?;
            Ok(event("review.reported", &row).account(account).actor(account).record(tx, &app.clock).await?)
        })
        .await
}

/// Forgets why reviews were reported that were judged before a time, and says of how many reports.
pub async fn forget_reports(app: &App, before: DateTime<Utc>) -> Result<u64> {
    app.db.write_in_batches(BATCH, async |tx| Ok(report_queries::blank_old(tx, before, BATCH).await?)).await
}
