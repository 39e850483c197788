//! A durable job queue in the store's own database: jobs are rows, written in the transaction that needs them done.
//!
//! The crate knows no job. Callers [`enqueue`] inside their own transaction, so a job exists exactly when its cause
//! does, and poke the [`Wake`] after the commit. A [`Runner`] claims what is due, hands the payload to the handler of
//! its kind and writes down how it went.
//!
//! # What a handler may rely on
//!
//! - **At least once.** A handler is idempotent: it runs again when the process dies, when the lease is lost, and when
//!   the database refuses to record its success.
//! - **One at a time, while leases hold.** A lease is renewed while its handler runs, on the same task: work that
//!   blocks the thread belongs in `spawn_blocking`. Whoever lost it is dropped, and can no longer finish or fail the
//!   job, because every such statement names the token of the lease (fencing).
//! - **Bounded.** Attempts are counted when a job is claimed, so a job that kills its process is counted too and ends
//!   as `dead`; so does a permanent failure, at once.
//! - **In order, if asked.** Of the jobs of one lane that are due, the earliest runs, and the next ones wait for its end.
//! - **Patient.** What waits for something that is down for all of its kind ([`JobError::outage`]) is not counted, and
//!   the kind rests a while.
//! - **Known kinds only.** A runner claims only the kinds it has handlers for: during a rolling upgrade the older copy
//!   leaves the newer one's jobs alone.
//!
//! Leases compare the clocks of the copies, which must agree well within the length of a lease.
//!
//! # The table
//!
//! This crate creates no table; the migration that does must match this exactly. Times are epoch milliseconds (UTC).
//!
//! | column | type | null | meaning |
//! |---|---|---|---|
//! | `id` | uuid, primary key | no | given by the caller; version 7, so that ids sort by time |
//! | `kind` | text | no | which handler runs it |
//! | `payload` | json or jsonb | no | what the handler gets: ids, never names or addresses |
//! | `state` | text | no | `ready`, `running`, `done` or `dead` |
//! | `dedupe_key` | text | yes | at most one unfinished job has a given key |
//! | `attempts` | integer | no | how often it was claimed since it was enqueued or retried |
//! | `max_attempts` | integer | no | after this many it is `dead`; at least 1 |
//! | `run_at` | bigint | no | not before this |
//! | `lease_until` | bigint | yes | set while `running`: after this anybody may claim it again |
//! | `lease_token` | uuid | yes | set while `running`: who holds it |
//! | `last_error` | text | yes | why the latest failed attempt failed |
//! | `created_at` | bigint | no | when it was enqueued |
//! | `lane` | uuid | yes | jobs of one lane run one after the other |
//! | `behind` | boolean, default false | no | stands behind another of its lane: claims pass it over unseen |
//! | `finished_at` | bigint | yes | set when `done` or `dead` |
//! | `trace` | text | yes | the trace in which it was made, as W3C's `traceparent` |
//!
//! Six partial indexes, the same on both databases. The predicate of `job_dedupe_key` must be this very one:
//! [`enqueue`] names it as its conflict target.
//!
//! ```sql
//! CREATE UNIQUE INDEX job_dedupe_key ON job (dedupe_key) WHERE state IN ('ready', 'running');
//! CREATE INDEX job_due ON job (kind, run_at, id) WHERE state = 'ready' AND NOT behind;
//! CREATE INDEX job_behind ON job (lane, id) WHERE state = 'ready' AND behind;
//! CREATE INDEX job_running ON job (lease_until, id) WHERE state = 'running';
//! CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
//! CREATE INDEX job_lane ON job (lane, id) WHERE state IN ('ready', 'running') AND lane IS NOT NULL;
//! ```

mod attempt;
mod backoff;
mod handlers;
mod job;
mod operate;
mod outage;
mod queries;
mod rest;
mod runner;
mod settings;
mod sweep;
mod wake;

pub use handlers::{Attempt, Handlers, JobError};
pub use job::{DEFAULT_MAX_ATTEMPTS, Job, NewJob, PAYLOAD_MAX_BYTES, State};
pub use operate::{
    Change, Counts, Filter, LIST_DEFAULT, LIST_MAX, PRUNE_BATCH, counts, discard, get, list, park, prune,
    retry,
};
pub use queries::{enqueue, enqueue_all};
pub use runner::Runner;
pub use settings::{Chance, Clock, Ids, RunnerSettings, Sources};
pub use wake::Wake;
