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
const DUE: &str = "state = 'ready' AND NOT behind AND run_at <= $1 AND (lane IS NULL OR NOT EXISTS ( \
                     SELECT 1 FROM job AS earlier WHERE earlier.lane = job.lane AND earlier.id < job.id \
                     AND earlier.state IN ('ready', 'running') \
                     AND (earlier.state = 'running' OR earlier.run_at <= $1)))";
/// Whatever else of a lane is due while one of it runs, and came since that was noted last.
const FALL_BEHIND: &str = "UPDATE job SET behind = TRUE WHERE lane = $1 AND state IN ('ready', 'running') \
                           AND state = 'ready' AND NOT behind AND run_at <= $2 AND id > COALESCE(( \
                           SELECT last.id FROM job AS last WHERE last.lane = $1 AND last.state = 'ready' \
                           AND last.behind ORDER BY last.id DESC LIMIT 1), $3)";
/// The next one of a lane.
const STEP_UP: &str = "UPDATE job SET behind = FALSE WHERE id = ( \
                       SELECT id FROM job WHERE lane = $1 AND state = 'ready' AND behind ORDER BY id LIMIT 1)";
/// Whoever stands behind nobody, because whoever was before it ended without a word.
const STEP_UP_ALL: &str = "UPDATE job SET behind = FALSE WHERE state = 'ready' AND behind AND NOT EXISTS ( \
                           SELECT 1 FROM job AS earlier WHERE earlier.lane = job.lane AND earlier.id < job.id \
                           AND earlier.state IN ('ready', 'running'))";
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
    let mut claimed = take(conn, ask, &held(conn, ask, EXPIRED, ask.limit)).await?;
    let left = ask.limit.saturating_sub(claimed.len());
    if left > 0 {
        claimed.extend(take_due(conn, ask, left).await?);
    }
    claimed.sort_by_key(|job| (job.run_at, job.id));
    Ok((claimed, buried))
}

/// Takes up to `limit` jobs that are due under a new lease, and looks for no others.
pub(crate) async fn claim_due(conn: &impl ConnectionTrait, ask: &Ask<'_>) -> Result<Vec<Claimed>, DbErr> {
    if ask.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut claimed = take_due(conn, ask, ask.limit).await?;
    claimed.sort_by_key(|job| (job.run_at, job.id));
    Ok(claimed)
}

/// Takes what is due, and puts what then stands behind it in its lane out of the way of the next claims.
async fn take_due(conn: &impl ConnectionTrait, ask: &Ask<'_>, limit: usize) -> Result<Vec<Claimed>, DbErr> {
    let claimed = take(conn, ask, &due(conn, ask, limit)).await?;
    let mut lanes: Vec<Uuid> = claimed.iter().filter_map(|job| job.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    for lane in lanes {
        let values = [lane.into(), ask.now.timestamp_millis().into(), Uuid::nil().into()];
        conn.execute_raw(statement(conn, FALL_BEHIND, values)).await?;
    }
    Ok(claimed)
}

async fn take(conn: &impl ConnectionTrait, ask: &Ask<'_>, found: &str) -> Result<Vec<Claimed>, DbErr> {
    let sql = format!(
        "WITH found AS {found} \
         UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $2, lease_token = $3 \
         FROM found WHERE job.id = found.id RETURNING job.id, kind, payload, attempts, max_attempts, run_at, lane, trace"
    );
    let values = values(ask, ask.until.timestamp_millis().into(), ask.token.into());
    let rows = conn.query_all_raw(statement(conn, &sql, values)).await?;
    rows.iter().map(|row| read_claimed(row, ask.token)).collect()
}

async fn bury(conn: &impl ConnectionTrait, ask: &Ask<'_>) -> Result<Vec<Buried>, DbErr> {
    let sql = format!(
        "WITH found AS {} \
         UPDATE job SET state = 'dead', finished_at = $2, last_error = $3, lease_until = NULL, lease_token = NULL \
         FROM found WHERE job.id = found.id RETURNING job.id, kind, attempts",
        held(conn, ask, SPENT, BURY_LIMIT),
    );
    let values = values(ask, ask.now.timestamp_millis().into(), VANISHED.into());
    let rows = conn.query_all_raw(statement(conn, &sql, values)).await?;
    rows.iter().map(read_buried).collect()
}

/// The jobs of vanished processes that a claim changes: `$1` is now, `$4` and on the kinds. A materialized CTE, not
/// `IN (SELECT …)`, which PostgreSQL may run more than once and so take more than the limit. The limit is written out: not
/// knowing it, PostgreSQL's generic plan expects a tenth of the table and reads all of it.
fn held(conn: &impl ConnectionTrait, ask: &Ask<'_>, which: &str, limit: usize) -> String {
    let kinds: Vec<String> = places(ask).collect();
    let (kinds, lock) = (kinds.join(", "), lock(conn));
    format!(
        "MATERIALIZED (SELECT id FROM job WHERE {which} AND kind IN ({kinds}) ORDER BY lease_until, id LIMIT {limit} {lock})"
    )
}

/// The jobs that are due and that a claim takes, the earliest of all kinds. Each kind is looked for by itself: the index
/// leads to its first job at once, past however many wait that must not be taken.
fn due(conn: &impl ConnectionTrait, ask: &Ask<'_>, limit: usize) -> String {
    let lock = lock(conn);
    let kinds = places(ask).map(|kind| {
        format!(
            "SELECT id, run_at FROM (SELECT id, run_at FROM job WHERE {DUE} AND kind = {kind} \
             ORDER BY run_at, id LIMIT {limit} {lock}) AS first_of_kind"
        )
    });
    let kinds: Vec<String> = kinds.collect();
    let kinds = kinds.join(" UNION ALL ");
    format!("MATERIALIZED (SELECT id FROM ({kinds}) AS firsts ORDER BY run_at, id LIMIT {limit})")
}

/// Where the kinds stand among the values.
fn places(ask: &Ask<'_>) -> impl Iterator<Item = String> {
    (4..4 + ask.kinds.len()).map(|n| format!("${n}"))
}

/// SQLite has one writer at a time and needs no row locks.
fn lock(conn: &impl ConnectionTrait) -> &'static str {
    match conn.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    }
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

/// Lets the next one of a lane be claimed. Who is claimed is held by [`DUE`] alone: this only says at whom to look, so it needs
/// no transaction with the end of the one before, and is done again for all by [`step_up_all`] should it be lost.
pub(crate) async fn step_up(conn: &impl ConnectionTrait, lane: Uuid) -> Result<(), DbErr> {
    conn.execute_raw(statement(conn, STEP_UP, [lane.into()])).await?;
    Ok(())
}

/// The same for every lane in which nobody runs.
pub(crate) async fn step_up_all(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    conn.execute_raw(statement(conn, STEP_UP_ALL, [])).await?;
    Ok(())
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
