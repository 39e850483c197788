//! A job: as it is asked for, and as it is stored.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, QueryResult};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How often a job is tried when it does not say: with the back-off between, about six hours.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 15;
/// The longest payload, as JSON text. A payload is a few ids; more belongs in a table.
pub const PAYLOAD_MAX_BYTES: usize = 16 * 1024;

/// A job to [`enqueue`](crate::enqueue).
#[derive(Debug)]
pub struct NewJob {
    pub(crate) id: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) payload: Result<Value, serde_json::Error>,
    pub(crate) run_at: Option<DateTime<Utc>>,
    pub(crate) dedupe_key: Option<String>,
    pub(crate) max_attempts: u32,
    pub(crate) lane: Option<Uuid>,
    pub(crate) trace: Option<String>,
}

impl NewJob {
    /// A job of `kind`, due at once, and part of the trace in which it is made. The payload carries ids, never names or addresses; one that can't be written as
    /// JSON is refused by [`enqueue`](crate::enqueue).
    pub fn new(id: Uuid, kind: &'static str, payload: &impl Serialize) -> Self {
        Self {
            id,
            kind,
            payload: serde_json::to_value(payload),
            run_at: None,
            dedupe_key: None,
            max_attempts: DEFAULT_MAX_ATTEMPTS,
            lane: None,
            trace: traces::carried(),
        }
    }

    /// Not before this time (to the millisecond).
    #[must_use]
    pub fn at(mut self, time: DateTime<Utc>) -> Self {
        self.run_at = Some(time);
        self
    }

    /// Not when a ready or running job already has this key. A running job may have read the world before this
    /// change: put what changed (a version, an event's id) into the key when the later change must not be missed.
    #[must_use]
    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    /// Not while an earlier job of this lane is due or runs: by their ids, whatever their kinds. One that failed for a
    /// reason of its own leaves its lane, so that it holds nobody up.
    #[must_use]
    pub fn in_lane(mut self, lane: Uuid) -> Self {
        self.lane = Some(lane);
        self
    }

    /// Dead after this many attempts; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, n: u32) -> Self {
        self.max_attempts = n.max(1);
        self
    }
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for its time and a worker.
    Ready,
    /// Claimed, under a lease.
    Running,
    /// Succeeded, or discarded by an operator.
    Done,
    /// Given up: out of attempts, or failed for good.
    Dead,
}

impl State {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Running, Self::Done, Self::Dead];

    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// The state of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A stored job, as operators see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Given by whoever enqueued it.
    pub id: Uuid,
    /// Which handler runs it.
    pub kind: String,
    /// What the handler gets.
    pub payload: Value,
    /// Where it is in its life.
    pub state: State,
    /// At most one unfinished job has a given key.
    pub dedupe_key: Option<String>,
    /// How often it was claimed since it was enqueued or retried.
    pub attempts: i32,
    /// After this many attempts it is dead.
    pub max_attempts: i32,
    /// Not before this.
    pub run_at: DateTime<Utc>,
    /// While it runs: when its lease ends.
    pub lease_until: Option<DateTime<Utc>>,
    /// Why the latest failed attempt failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was done or died.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Job {
    /// What [`Job::read`] needs of a row.
    pub(crate) const COLUMNS: [&'static str; 12] = [
        "id",
        "kind",
        "payload",
        "state",
        "dedupe_key",
        "attempts",
        "max_attempts",
        "run_at",
        "lease_until",
        "last_error",
        "created_at",
        "finished_at",
    ];

    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "kind")?,
            payload: row.try_get("", "payload")?,
            state: read_state(row)?,
            dedupe_key: row.try_get("", "dedupe_key")?,
            attempts: row.try_get("", "attempts")?,
            max_attempts: row.try_get("", "max_attempts")?,
            run_at: time(row.try_get("", "run_at")?)?,
            lease_until: row.try_get::<Option<i64>>("", "lease_until")?.map(time).transpose()?,
            last_error: row.try_get("", "last_error")?,
            created_at: time(row.try_get("", "created_at")?)?,
            finished_at: row.try_get::<Option<i64>>("", "finished_at")?.map(time).transpose()?,
        })
    }
}

/// The `state` column of a row.
pub(crate) fn read_state(row: &QueryResult) -> Result<State, DbErr> {
    let name: String = row.try_get("", "state")?;
    State::parse(&name).ok_or_else(|| DbErr::Type(format!("no job state is called {name}")))
}

/// A stored time.
pub(crate) fn time(millis: i64) -> Result<DateTime<Utc>, DbErr> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| DbErr::Type(format!("{millis} ms is no time")))
}
