//! Counting what must not happen too often, for all copies of the store together.
//!
//! Every attempt is counted before it is made, under the lock of its rows, so that of many at once no more than the
//! budget come through; what turns out to be no failure is given back. A budget that is found empty is remembered for
//! a moment, and whoever comes meanwhile costs no statement.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use moka::future::Cache;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::throttle_queries as queries;
use crate::{
    app::App,
    config::Rate,
    error::{Error, Refusal, Result},
    events::Event,
};

/// How long an empty budget is believed to be empty without looking: another copy may have given back.
const REMEMBERED: Duration = Duration::from_secs(2);
/// Empty budgets remembered at once.
const CAPACITY: u64 = 100_000;
/// Attempts that are kept of a bucket, in budgets: known devices count in their account's without being refused by it.
const KEPT_BUDGETS: usize = 8;
/// Hexadecimal digits that tell apart who attempted.
const MARK_DIGITS: usize = 16;
/// Rows removed in one transaction.
const PRUNE_BATCH: u64 = 1_000;
/// Refusals that are no failed guess: what was counted for them is given back.
const HARMLESS: [&str; 7] = [
    "account_suspended",
    "totp_required",
    "busy",
    "unavailable",
    "provider_unavailable",
    "insufficient_storage",
    "internal",
];

/// 429, with the seconds until the budget has room again.
const TOO_MANY_ATTEMPTS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_attempts",
    "This was tried too often; wait for as long as `Retry-After` says.",
);

/// The budgets that are empty, and until when.
pub(super) type Full = Cache<Vec<u8>, DateTime<Utc>>;

pub(super) fn cache() -> Full {
    Cache::builder().max_capacity(CAPACITY).time_to_live(REMEMBERED).build()
}

/// What may happen so often to one account, from one address or from one device.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    bucket: Vec<u8>,
    rate: Rate,
    /// Whether it can refuse; one that can't counts all the same.
    judges: bool,
    /// Whether a success takes back all that its author failed before, instead of itself alone.
    clears: bool,
    /// Whose safety it is about: that it was found empty is an event, once per window.
    guards: Option<Uuid>,
}

impl Budget {
    /// A budget of what the parts name, the one that callers choose last.
    pub(super) fn new(app: &App, rate: Rate, parts: &[&str]) -> Self {
        let bucket = app.keys.throttle.sign(format!("budget\0{}", parts.join("\0")).as_bytes());
        Self { bucket, rate, judges: true, clears: false, guards: None }
    }

    /// The same budget, which guards an account. Nobody's is guarded too: it must cost what a known one costs.
    pub(super) fn guarding(self, account: Option<Uuid>) -> Self {
        Self { guards: Some(account.unwrap_or_default()), ..self }
    }

    /// The same budget, which counts and doesn't refuse.
    pub(super) fn counting_only(self) -> Self {
        Self { judges: false, ..self }
    }

    /// The same budget, in which a success takes back what its author failed.
    pub(super) fn cleared_by_success(self) -> Self {
        Self { clears: true, ..self }
    }

    /// When there is room again, if there is none now.
    fn full_until(&self, attempts: &[Attempt]) -> Option<DateTime<Utc>> {
        let oldest = attempts.len().checked_sub(self.rate.most()).and_then(|index| attempts.get(index))?;
        Some(oldest.at + self.rate.window())
    }
}

/// Something that was counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Attempt {
    id: Uuid,
    at: DateTime<Utc>,
    /// Keyed digest of who did it.
    by: String,
}

/// What was counted for an attempt that is under way. Dropped as it is, it stays counted: who hangs up pays too.
#[derive(Debug)]
#[must_use]
pub(super) struct Counted {
    budgets: Vec<Budget>,
    attempt: Attempt,
}

/// Counts an attempt of somebody in every budget, or in none; 429 `too_many_attempts`.
pub(super) async fn count(app: &App, by: &str, mut budgets: Vec<Budget>) -> Result<Counted> {
    let now = app.clock.now();
    for budget in budgets.iter().filter(|budget| budget.judges) {
        let until = app.identity.full.get(&budget.bucket).await;
        if let Some(until) = until.filter(|until| *until > now) {
            return Err(too_many(until - now));
        }
    }
    // Rows are locked in one order, whoever counts.
    budgets.sort_by(|left, right| left.bucket.cmp(&right.bucket));
    let mut mark = hex::encode(app.keys.throttle.sign(format!("author\0{by}").as_bytes()));
    mark.truncate(MARK_DIGITS);
    let attempt = Attempt { id: app.clock.new_id(), at: now, by: mark };
    let full = app.db.write(async |tx| add(tx, app, &budgets, &attempt).await).await?;
    if let Some((bucket, until)) = full {
        app.identity.full.insert(bucket, until).await;
        return Err(too_many(until - now));
    }
    Ok(Counted { budgets, attempt })
}

impl Counted {
    /// Takes back, in the caller's transaction, what a success makes good.
    pub(super) async fn succeeded(&self, app: &App, tx: &impl ConnectionTrait) -> Result<()> {
        self.take_back(app, tx, true).await
    }

    /// Gives back what was counted if the outcome is no failed guess.
    pub(super) async fn settle<T>(self, app: &App, outcome: &Result<T>) -> Result<()> {
        if !outcome.as_ref().is_err_and(|error| HARMLESS.contains(&error.code())) {
            return Ok(());
        }
        app.db.write(async |tx| self.take_back(app, tx, false).await).await
    }

    /// Takes back what a success makes good, or gives back what is no failed guess, in a transaction of its own.
    pub(super) async fn conclude<T>(self, app: &App, outcome: &Result<T>) -> Result<()> {
        match outcome {
            Ok(_) => app.db.write(async |tx| self.succeeded(app, tx).await).await,
            Err(_) => self.settle(app, outcome).await,
        }
    }

    async fn take_back(&self, app: &App, tx: &impl ConnectionTrait, success: bool) -> Result<()> {
        for budget in &self.budgets {
            let mut attempts = live(tx, budget, self.attempt.at).await?;
            let all = success && budget.clears;
            attempts.retain(|one| one.id != self.attempt.id && !(all && one.by == self.attempt.by));
            store(tx, budget, &attempts, self.attempt.at).await?;
            app.identity.full.invalidate(&budget.bucket).await;
        }
        Ok(())
    }
}

/// Adds an attempt to every budget; if any is full to none, and says which will be for the longest, and until when.
async fn add(
    tx: &impl ConnectionTrait,
    app: &App,
    budgets: &[Budget],
    attempt: &Attempt,
) -> Result<Option<(Vec<u8>, DateTime<Utc>)>> {
    let mut counted = Vec::with_capacity(budgets.len());
    for budget in budgets {
        counted.push((budget, live(tx, budget, attempt.at).await?));
    }
    let full: Vec<(&Budget, DateTime<Utc>)> = counted
        .iter()
        .filter(|(budget, _)| budget.judges)
        .filter_map(|(budget, attempts)| Some((*budget, budget.full_until(attempts)?)))
        .collect();
    for (budget, _) in &full {
        note(tx, app, budget, attempt).await?;
    }
    if let Some((budget, until)) = full.into_iter().max_by_key(|(_, until)| *until) {
        return Ok(Some((budget.bucket.clone(), until)));
    }
    for (budget, mut attempts) in counted {
        attempts.push(attempt.clone());
        // The newest say when there is room again. Some more are kept, for the newest may be given back.
        let surplus = attempts.len().saturating_sub(budget.rate.most().saturating_mul(KEPT_BUDGETS));
        store(tx, budget, attempts.get(surplus..).unwrap_or_default(), attempt.at).await?;
    }
    Ok(None)
}

/// Tells the log that a budget which guards an account was found empty: once per window, however often it is. Belongs
/// behind the lock on the budget's row.
async fn note(tx: &impl ConnectionTrait, app: &App, budget: &Budget, attempt: &Attempt) -> Result<()> {
    let Some(account) = budget.guards else { return Ok(()) };
    let told = Budget::new(app, budget.rate, &["told", &hex::encode(&budget.bucket)]);
    if !live(tx, &told, attempt.at).await?.is_empty() {
        return Ok(());
    }
    store(tx, &told, std::slice::from_ref(attempt), attempt.at).await?;
    let event = Event::new("account.sign_in_throttled", account);
    let event = if account.is_nil() { event } else { event.account(account) };
    Ok(event.record(tx, &app.clock).await?)
}

/// What still counts of a budget, oldest first; its row is held until the transaction ends.
async fn live(tx: &impl ConnectionTrait, budget: &Budget, now: DateTime<Utc>) -> Result<Vec<Attempt>> {
    let row = queries::lock(tx, &budget.bucket, now).await?;
    let mut attempts: Vec<Attempt> = serde_json::from_str(&row.attempts).map_err(Error::unexpected)?;
    attempts.retain(|one| one.at + budget.rate.window() > now);
    Ok(attempts)
}

async fn store(
    tx: &impl ConnectionTrait,
    budget: &Budget,
    attempts: &[Attempt],
    now: DateTime<Utc>,
) -> Result<()> {
    let until = attempts.iter().map(|one| one.at + budget.rate.window()).max().unwrap_or(now);
    let text = serde_json::to_string(attempts).map_err(Error::unexpected)?;
    Ok(queries::store(tx, &budget.bucket, text, until).await?)
}

fn too_many(wait: TimeDelta) -> Error {
    let begun = i64::from(wait.subsec_nanos() > 0);
    TOO_MANY_ATTEMPTS.after(u64::try_from(wait.num_seconds() + begun).unwrap_or_default().max(1)).into()
}

/// Removes the rows of which nothing counts any more, and says how many.
pub async fn prune_throttles(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let mut pruned = 0;
    loop {
        let batch = app.db.write(async |tx| Ok(queries::prune(tx, now, PRUNE_BATCH).await?)).await?;
        pruned += batch;
        if batch < PRUNE_BATCH {
            return Ok(pruned);
        }
    }
}
