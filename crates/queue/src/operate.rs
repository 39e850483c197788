//! What operators do with jobs: look, count, retry, discard, prune.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, Order,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use crate::{
    job::{Job, State, read_state, time},
    queries::statement,
};

/// How many jobs a list holds when it does not say.
pub const LIST_DEFAULT: u64 = 50;
/// How many jobs a list holds at most.
pub const LIST_MAX: u64 = 200;
/// How many jobs one [`prune`] removes at most, so that it never holds SQLite's one writer for long.
pub const PRUNE_BATCH: u64 = 5_000;

/// Which jobs to [`list`].
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// How many, from 1 to [`LIST_MAX`]; anything else is clamped.
    pub limit: u64,
    /// Only those older than the job of this id: the last one of the page before.
    pub after: Option<Uuid>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { state: None, kind: None, limit: LIST_DEFAULT, after: None }
    }
}

/// What became of an operator's [`retry`] or [`discard`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was done.
    Made,
    /// There is no such job.
    Missing,
    /// Not for a job in this state.
    WrongState(State),
    /// Another unfinished job has the same dedupe key, and does the work.
    KeyTaken,
}

/// How many jobs are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting, for a worker or for their time.
    pub ready: u64,
    /// Under a lease.
    pub running: u64,
    /// Succeeded or discarded, and not yet pruned.
    pub done: u64,
    /// Given up.
    pub dead: u64,
    /// The earliest `run_at` of a ready job: how long ago that is says how far the queue is behind (in the future:
    /// it is not).
    pub oldest_ready: Option<DateTime<Utc>>,
}

/// The jobs that match, newest id first.
pub async fn list(conn: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<Job>, DbErr> {
    let mut select = Query::select();
    select
        .columns(Job::COLUMNS)
        .from("job")
        .order_by("id", Order::Desc)
        .limit(filter.limit.clamp(1, LIST_MAX));
    if let Some(state) = filter.state {
        select.and_where(Expr::col("state").eq(state.as_str()));
    }
    if let Some(kind) = &filter.kind {
        select.and_where(Expr::col("kind").eq(kind.as_str()));
    }
    if let Some(after) = filter.after {
        select.and_where(Expr::col("id").lt(after));
    }
    conn.query_all(&select).await?.iter().map(Job::read).collect()
}

/// The job of that id.
pub async fn get(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Job>, DbErr> {
    let mut select = Query::select();
    select.columns(Job::COLUMNS).from("job").and_where(Expr::col("id").eq(id));
    conn.query_one(&select).await?.as_ref().map(Job::read).transpose()
}

/// Gives a dead job a new set of attempts, due at once. Why it died stays in `last_error`.
///
/// # Errors
///
/// What the database says; a unique violation when a job with the same dedupe key is enqueued at this very moment.
pub async fn retry(conn: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<Change, DbErr> {
    let sql = "UPDATE job SET state = 'ready', attempts = 0, run_at = $2, finished_at = NULL, behind = FALSE \
               WHERE id = $1 AND state = 'dead' AND NOT EXISTS (SELECT 1 FROM job AS other \
               WHERE other.dedupe_key = job.dedupe_key AND other.state IN ('ready', 'running'))";
    Ok(match change(conn, sql, id, now).await? {
        Change::WrongState(State::Dead) => Change::KeyTaken,
        change => change,
    })
}

/// Ends a ready or dead job as `done` without running it; `last_error` says so.
pub async fn discard(conn: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<Change, DbErr> {
    let sql = "UPDATE job SET state = 'done', finished_at = $2, \
               last_error = 'discarded' || COALESCE('; before: ' || last_error, '') \
               WHERE id = $1 AND state IN ('ready', 'dead')";
    change(conn, sql, id, now).await
}

/// Gives up the unfinished jobs of these kinds without running them, for this reason: they stay, dead, until somebody
/// retries them. How many they were.
pub async fn park(
    conn: &impl ConnectionTrait,
    kinds: &[&str],
    now: DateTime<Utc>,
    reason: &str,
) -> Result<u64, DbErr> {
    let mut update = Query::update();
    update
        .table("job")
        .value("state", State::Dead.as_str())
        .value("finished_at", now.timestamp_millis())
        .value("last_error", reason)
        .value("lease_until", None::<i64>)
        .value("lease_token", None::<Uuid>)
        .and_where(Expr::col("state").is_in([State::Ready.as_str(), State::Running.as_str()]))
        .and_where(Expr::col("kind").is_in(kinds.iter().copied()));
    Ok(conn.execute(&update).await?.rows_affected())
}

/// Runs a guarded update and, when it changed nothing, finds out why.
async fn change(
    conn: &impl ConnectionTrait,
    sql: &str,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Change, DbErr> {
    let values = [id.into(), now.timestamp_millis().into()];
    if conn.execute_raw(statement(conn, sql, values)).await?.rows_affected() == 1 {
        return Ok(Change::Made);
    }
    Ok(get(conn, id).await?.map_or(Change::Missing, |job| Change::WrongState(job.state)))
}

/// How many jobs there are in each state, and since when the oldest ready one waits.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<Counts, DbErr> {
    let sql = "SELECT state, COUNT(*) AS jobs, MIN(run_at) AS oldest FROM job GROUP BY state";
    let mut counts = Counts::default();
    for row in conn.query_all_raw(statement(conn, sql, [])).await? {
        let jobs = u64::try_from(row.try_get::<i64>("", "jobs")?).unwrap_or(0);
        match read_state(&row)? {
            State::Ready => {
                counts.ready = jobs;
                counts.oldest_ready = Some(time(row.try_get("", "oldest")?)?);
            }
            State::Running => counts.running = jobs,
            State::Done => counts.done = jobs,
            State::Dead => counts.dead = jobs,
        }
    }
    Ok(counts)
}

/// Removes done jobs that finished before that time, at most [`PRUNE_BATCH`] of them; answers how many. As long as
/// it is that many there may be more. Dead jobs stay until an operator decides.
pub async fn prune(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = format!(
        "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' AND finished_at < $1 \
         ORDER BY finished_at LIMIT {PRUNE_BATCH})"
    );
    let values = [before.timestamp_millis().into()];
    Ok(conn.execute_raw(statement(conn, &sql, values)).await?.rows_affected())
}
