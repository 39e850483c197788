//! Every statement by which a job comes, is claimed, and ends; one spelling for both databases but for row locks.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::job::{NewJob, PAYLOAD_MAX_BYTES};

/// How many jobs one claim declares dead; the rest wait for the next.
const BURY_LIMIT: usize = 100;
/// Jobs of one statement: far below the parameters that either database takes.
const ROWS: usize = 500;
/// What is said of a job when it is written.
const COLUMNS: usize = 9;
/// What a job is remembered by when it never told how it failed.
const VANISHED: &str = "its lease ran out in the last attempt: the process died or lost its database";

/// Ready, its time has come, and no earlier one of its lane stands before it.
const DUE: &str = "state = 'ready' AND run_at <= $1 AND (lane IS NULL OR NOT EXISTS ( \
                     SELECT 1 FROM job AS earlier WHERE earlier.lane = job.lane AND earlier.id < job.id \
                     AND earlier.state IN ('ready', 'running') \
                     AND (earlier.state = 'running' OR earlier.run_at <= $1)))";
/// Claimed by somebody who vanished, with attempts left.
const EXPIRED: &str = "state = 'running' AND lease_until < $1 AND attempts < max_attempts";
/// Claimed by somebody who vanished, in the last attempt.
const SPENT: &str = "state = 'running' AND lease_until < $1 AND attempts >= max_attempts";

/// A job in the hands of this process.
pub(crate) struct Claimed {
    pub(crate) id: Uuid,
    pub(crate) token: Uuid,
    pub(crate) kind: String,
    pub(crate) payload: serde_json::Value,
    pub(crate) attempts: i32,
    pub(crate) max_attempts: i32,
    pub(crate) lane: Option<Uuid>,
    pub(crate) trace: Option<String>,
    run_at: i64,
}

/// A job that a claim found out of attempts.
pub(crate) struct Buried {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) attempts: i32,
}

/// What a claim is asked.
pub(crate) struct Ask<'a> {
    pub(crate) kinds: &'a [&'static str],
    pub(crate) now: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    pub(crate) token: Uuid,
    pub(crate) limit: usize,
}

/// Writes a job in the caller's transaction: if that is rolled back, there is no job. Answers its id, or `None` when
/// an unfinished job already has its dedupe key.
///
/// # Errors
///
/// `DbErr::Json` when the payload can't be written as JSON or is longer than [`PAYLOAD_MAX_BYTES`]; whatever the
/// database says otherwise (an id used twice is a unique violation).
pub async fn enqueue(
    conn: &impl ConnectionTrait,
    job: NewJob,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, DbErr> {
    let id = job.id;
    Ok((insert(conn, vec![job], now).await? == 1).then_some(id))
}

/// Writes jobs by one statement for many, as [`enqueue`] does one; says how many, for those whose dedupe key an unfinished job
/// has are left out.
///
/// # Errors
///
/// As [`enqueue`].
pub async fn enqueue_all(
    conn: &impl ConnectionTrait,
    jobs: Vec<NewJob>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let (mut jobs, mut written) = (jobs, 0);
    while !jobs.is_empty() {
        let rest = jobs.split_off(jobs.len().min(ROWS));
        written += insert(conn, jobs, now).await?;
        jobs = rest;
    }
    Ok(written)
}

/// One statement for at most [`ROWS`] jobs.
async fn insert(conn: &impl ConnectionTrait, jobs: Vec<NewJob>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let (mut rows, mut values) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len() * COLUMNS));
    for job in jobs {
        let at = values.len();
        let places: Vec<String> = (at + 1..=at + COLUMNS).map(|n| format!("${n}")).collect();
        rows.push(format!("({}, 'ready', 0)", places.join(", ")));
        values.extend(row(job, now)?);
    }
    let sql = format!(
        "INSERT INTO job \
         (id, kind, payload, dedupe_key, max_attempts, run_at, created_at, lane, trace, state, attempts) VALUES {} \
         ON CONFLICT (dedupe_key) WHERE state IN ('ready', 'running') DO NOTHING",
        rows.join(", ")
    );
    Ok(conn.execute_raw(statement(conn, &sql, values)).await?.rows_affected())
}

fn row(job: NewJob, now: DateTime<Utc>) -> Result<[Value; COLUMNS], DbErr> {
    let payload = job.payload.map_err(|error| DbErr::Json(error.to_string()))?;
    let length = payload.to_string().len();
    if length > PAYLOAD_MAX_BYTES {
        let kind = job.kind;
        return Err(DbErr::Json(format!(
            "the payload of a {kind} job is {length} bytes, over {PAYLOAD_MAX_BYTES}"
        )));
    }
    Ok([
        job.id.into(),
        job.kind.into(),
        payload.into(),
        job.dedupe_key.into(),
        i32::try_from(job.max_attempts).unwrap_or(i32::MAX).into(),
        job.run_at.unwrap_or(now).timestamp_millis().into(),
        now.timestamp_millis().into(),
        job.lane.into(),
        job.trace.into(),
    ])
}

/// Takes up to `limit` jobs under a new lease, those of vanished processes first, and declares dead what vanished in
/// its last attempt. For one write transaction.
pub(crate) async fn claim(
    conn: &impl ConnectionTrait,
    ask: &Ask<'_>,
) -> Result<(Vec<Claimed>, Vec<Buried>), DbErr> {
    if ask.kinds.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let buried = bury(conn, ask).await?;
    let mut claimed = take(conn, ask, EXPIRED, "lease_until, id", ask.limit).await?;
    let left = ask.limit.saturating_sub(claimed.len());
    if left > 0 {
        claimed.extend(take(conn, ask, DUE, "run_at, id", left).await?);
    }
    claimed.sort_by_key(|job| (job.run_at, job.id));
    Ok((claimed, buried))
}

/// Takes up to `limit` jobs that are due under a new lease, and looks for no others.
pub(crate) async fn claim_due(conn: &impl ConnectionTrait, ask: &Ask<'_>) -> Result<Vec<Claimed>, DbErr> {
    if ask.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut claimed = take(conn, ask, DUE, "run_at, id", ask.limit).await?;
    claimed.sort_by_key(|job| (job.run_at, job.id));
    Ok(claimed)
}

async fn take(
    conn: &impl ConnectionTrait,
    ask: &Ask<'_>,
    which: &str,
    order: &str,
    limit: usize,
) -> Result<Vec<Claimed>, DbErr> {
    let sql = format!(
        "{} UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $2, lease_token = $3 \
         FROM found WHERE job.id = found.id RETURNING job.id, kind, payload, attempts, max_attempts, run_at, lane, trace",
        found(conn, ask, which, order, limit),
    );
    let values = values(ask, ask.until.timestamp_millis().into(), ask.token.into());
    let rows = conn.query_all_raw(statement(conn, &sql, values)).await?;
    rows.iter().map(|row| read_claimed(row, ask.token)).collect()
}

async fn bury(conn: &impl ConnectionTrait, ask: &Ask<'_>) -> Result<Vec<Buried>, DbErr> {
    let sql = format!(
        "{} UPDATE job SET state = 'dead', finished_at = $2, last_error = $3, lease_until = NULL, lease_token = NULL \
         FROM found WHERE job.id = found.id RETURNING job.id, kind, attempts",
        found(conn, ask, SPENT, "lease_until, id", BURY_LIMIT),
    );
    let values = values(ask, ask.now.timestamp_millis().into(), VANISHED.into());
    let rows = conn.query_all_raw(statement(conn, &sql, values)).await?;
    rows.iter().map(read_buried).collect()
}

/// The rows a claim changes: `$1` is now, `$4` and on the kinds. A CTE, not `IN (SELECT …)`, which PostgreSQL may run
/// more than once and so take more than the limit. The limit is written out: not knowing it, PostgreSQL's generic plan
/// expects a tenth of the table and reads all of it.
fn found(conn: &impl ConnectionTrait, ask: &Ask<'_>, which: &str, order: &str, limit: usize) -> String {
    let kinds: Vec<String> = (4..4 + ask.kinds.len()).map(|n| format!("${n}")).collect();
    // SQLite has one writer at a time and needs no row locks.
    let lock = match conn.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let kinds = kinds.join(", ");
    format!(
        "WITH found AS (SELECT id FROM job WHERE {which} AND kind IN ({kinds}) ORDER BY {order} LIMIT {limit} {lock})"
    )
}

fn values(ask: &Ask<'_>, second: Value, third: Value) -> Vec<Value> {
    let mut values = vec![ask.now.timestamp_millis().into(), second, third];
    values.extend(ask.kinds.iter().map(|kind| Value::from(*kind)));
    values
}

fn read_claimed(row: &QueryResult, token: Uuid) -> Result<Claimed, DbErr> {
    Ok(Claimed {
        id: row.try_get("", "id")?,
        token,
        kind: row.try_get("", "kind")?,
        payload: row.try_get("", "payload")?,
        attempts: row.try_get("", "attempts")?,
        max_attempts: row.try_get("", "max_attempts")?,
        lane: row.try_get("", "lane")?,
        trace: row.try_get("", "trace")?,
        run_at: row.try_get("", "run_at")?,
    })
}

fn read_buried(row: &QueryResult) -> Result<Buried, DbErr> {
    Ok(Buried {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        attempts: row.try_get("", "attempts")?,
    })
}

/// The job succeeded. False, as in all that follow: the lease was lost and nothing changed.
pub(crate) async fn done(
    conn: &impl ConnectionTrait,
    job: &Claimed,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let set = "state = 'done', finished_at = $3, lease_until = NULL, lease_token = NULL";
    change_held(conn, job, set, [now.timestamp_millis().into()]).await
}

/// The job failed for a reason of its own and is tried again at `run_at`, out of its lane.
pub(crate) async fn again(
    conn: &impl ConnectionTrait,
    job: &Claimed,
    run_at: DateTime<Utc>,
    error: String,
) -> Result<bool, DbErr> {
    let set =
        "state = 'ready', run_at = $3, last_error = $4, lane = NULL, lease_until = NULL, lease_token = NULL";
    change_held(conn, job, set, [run_at.timestamp_millis().into(), error.into()]).await
}

/// The job failed and is given up.
pub(crate) async fn dead(
    conn: &impl ConnectionTrait,
    job: &Claimed,
    now: DateTime<Utc>,
    error: String,
) -> Result<bool, DbErr> {
    let set = "state = 'dead', finished_at = $3, last_error = $4, lease_until = NULL, lease_token = NULL";
    change_held(conn, job, set, [now.timestamp_millis().into(), error.into()]).await
}

/// What the job needs is down: it keeps its turn, and the attempt does not count.
pub(crate) async fn wait(conn: &impl ConnectionTrait, job: &Claimed, error: String) -> Result<bool, DbErr> {
    let set =
        "state = 'ready', attempts = attempts - 1, last_error = $3, lease_until = NULL, lease_token = NULL";
    change_held(conn, job, set, [error.into()]).await
}

/// Gives the job back as if it had never been claimed.
pub(crate) async fn release(conn: &impl ConnectionTrait, job: &Claimed) -> Result<bool, DbErr> {
    let set = "state = 'ready', attempts = attempts - 1, lease_until = NULL, lease_token = NULL";
    change_held(conn, job, set, []).await
}

/// Holds the job for longer.
pub(crate) async fn renew(
    conn: &impl ConnectionTrait,
    job: &Claimed,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    change_held(conn, job, "lease_until = $3", [until.timestamp_millis().into()]).await
}

/// Changes a job only under the lease by which it was claimed.
async fn change_held<const N: usize>(
    conn: &impl ConnectionTrait,
    job: &Claimed,
    set: &str,
    more: [Value; N],
) -> Result<bool, DbErr> {
    let sql = format!("UPDATE job SET {set} WHERE id = $1 AND lease_token = $2");
    let values = [job.id.into(), job.token.into()].into_iter().chain(more);
    Ok(conn.execute_raw(statement(conn, &sql, values)).await?.rows_affected() == 1)
}

/// A statement whose `$1`, `$2`… both databases understand.
pub(crate) fn statement(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}
