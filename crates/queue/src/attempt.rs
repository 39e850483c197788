//! One claimed job through its handler, under a lease that is kept alive, to what is written about it.

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    backoff,
    handlers::{Attempt, Handlers, JobError},
    outage::Outage,
    queries::{self, Ask, Claimed},
    rest::Rests,
    settings::{RunnerSettings, Sources},
    sweep::Sweep,
};

/// A transaction of the queue that takes longer counts as a failed one: a connection can hang without an error.
const TRANSACTION_MAX: Duration = Duration::from_secs(10);
/// A lease is renewed when this fraction of it has gone.
const RENEW_FRACTION: u32 = 3;
/// What is kept of an error, in characters.
const ERROR_MAX_CHARS: usize = 1_000;

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The handler succeeded.
    Done,
    /// The handler failed, panicked or took too long.
    Failed(JobError),
    /// Somebody else holds the job now; nothing may be written.
    Lost,
    /// The process is going; the job is given back.
    Cut,
}

/// What every attempt of a runner shares.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) db: DatabaseConnection,
    pub(crate) handlers: Handlers,
    pub(crate) settings: RunnerSettings,
    pub(crate) sources: Sources,
    pub(crate) outage: Outage,
    pub(crate) rests: Rests,
    pub(crate) sweep: Sweep,
}

impl Bench {
    /// Claims up to `limit` jobs that are due, by one statement: for who was told that there are some.
    pub(crate) async fn claim_due(&self, limit: usize) -> Result<Vec<Claimed>, DbErr> {
        bounded(queries::claim_due(&self.db, &self.ask(&self.awake(), limit))).await
    }

    /// Claims up to `limit` jobs that are due, those of vanished processes first, and buries what vanished in its last attempt.
    pub(crate) async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, DbErr> {
        let kinds = self.awake();
        let ask = self.ask(&kinds, limit);
        let sweep = self.sweep.is_due(ask.now);
        let (claimed, buried) = bounded(async {
            let tx = self.begin().await?;
            if sweep {
                queries::step_up_all(&tx).await?;
            }
            let found = queries::claim(&tx, &ask).await?;
            tx.commit().await?;
            Ok(found)
        })
        .await?;
        for job in buried {
            tracing::error!(job = %job.id, kind = job.kind, attempts = job.attempts, "job dead: it never came back from its last attempt");
        }
        Ok(claimed)
    }

    /// The kinds whose surroundings are not known to be down.
    fn awake(&self) -> Vec<&'static str> {
        self.rests.awake(self.handlers.kinds(), (self.sources.clock)())
    }

    fn ask<'a>(&self, kinds: &'a [&'static str], limit: usize) -> Ask<'a> {
        let now = (self.sources.clock)();
        Ask { kinds, now, until: now + self.settings.lease, token: (self.sources.ids)(), limit }
    }

    /// Runs the job's handler until it ends, its lease is lost, it takes too long, or `cut` says so. The lease is
    /// renewed beside the handler, never in turns with it: both may want the one connection of a SQLite writer.
    pub(crate) async fn attempt(&self, job: &Claimed, cut: &CancellationToken) -> Verdict {
        tracing::debug!(max_attempts = job.max_attempts, "job started");
        let attempt = Attempt { id: job.id, last: job.attempts >= job.max_attempts };
        tokio::select! {
            biased;
            outcome = self.handlers.call(&job.kind, attempt, job.payload.clone()) => match outcome {
                Ok(()) => Verdict::Done,
                Err(error) => Verdict::Failed(error),
            },
            () = self.keep_lease(job) => Verdict::Lost,
            () = sleep(self.settings.longest) => {
                Verdict::Failed(JobError::transient(format_args!("still running after {:?}", self.settings.longest)))
            }
            () = cut.cancelled() => Verdict::Cut,
        }
    }

    /// Renews the lease again and again; returns only when it is lost.
    async fn keep_lease(&self, job: &Claimed) {
        loop {
            sleep(self.settings.lease / RENEW_FRACTION).await;
            let until = (self.sources.clock)() + self.settings.lease;
            let renewed = bounded(queries::renew(&self.db, job, until)).await;
            match renewed {
                Ok(true) => self.outage.over(),
                Ok(false) => return,
                Err(error) => self.outage.seen(&error),
            }
        }
    }

    /// Writes down how the attempt ended, if the lease still holds.
    pub(crate) async fn settle(&self, job: &Claimed, verdict: &Verdict) -> Result<(), DbErr> {
        if matches!(verdict, Verdict::Lost) {
            tracing::warn!("job's lease was lost while it ran; somebody else has it");
            return Ok(());
        }
        let now = (self.sources.clock)();
        let wait = backoff::wait(job.attempts, (self.sources.chance)());
        let held = bounded(async {
            // One statement: it needs no transaction around it.
            match verdict {
                Verdict::Done => queries::done(&self.db, job, now).await,
                Verdict::Failed(error) if error.outage => queries::wait(&self.db, job, storable(error)).await,
                Verdict::Failed(error) if last(job, error) => {
                    queries::dead(&self.db, job, now, storable(error)).await
                }
                Verdict::Failed(error) => queries::again(&self.db, job, now + wait, storable(error)).await,
                Verdict::Cut => queries::release(&self.db, job).await,
                Verdict::Lost => Ok(false),
            }
        })
        .await?;
        if let Some(lane) = job.lane.filter(|_| held && ends(verdict))
            && let Err(error) = bounded(queries::step_up(&self.db, lane)).await
        {
            tracing::warn!(%error, "the next job of a lane is found later");
        }
        match verdict {
            Verdict::Failed(error) if error.outage => self.rests.begin(&job.kind, now),
            Verdict::Done | Verdict::Failed(_) => self.rests.end(&job.kind),
            Verdict::Lost | Verdict::Cut => {}
        }
        match verdict {
            _ if !held => {
                tracing::warn!("job's lease was lost before its end could be written; somebody else has it")
            }
            Verdict::Done => tracing::info!("job done"),
            Verdict::Failed(error) if error.outage => {
                tracing::warn!(%error, "job waits: what it needs is down")
            }
            Verdict::Failed(error) if last(job, error) => tracing::error!(%error, "job dead"),
            Verdict::Failed(error) => {
                tracing::warn!(%error, ?wait, "job failed; it is tried again")
            }
            Verdict::Cut => tracing::info!("job given back unfinished"),
            Verdict::Lost => {}
        }
        Ok(())
    }

    /// Settles, through an outage of up to one lease; after that somebody else may have the job anyway. One last try
    /// is made after `cut`.
    pub(crate) async fn settle_patiently(&self, job: &Claimed, verdict: &Verdict, cut: &CancellationToken) {
        let end = Instant::now() + self.settings.lease;
        loop {
            let last_try = cut.is_cancelled() || Instant::now() >= end;
            match self.settle(job, verdict).await {
                Ok(()) => return self.outage.over(),
                Err(error) => self.outage.seen(&error),
            }
            if last_try {
                tracing::warn!(
                    "how the job ended could not be written; it runs again when its lease is over"
                );
                return;
            }
            tokio::select! {
                () = sleep(self.settings.poll) => {}
                () = cut.cancelled() => {}
            }
        }
    }

    /// A transaction that may write from its first statement; PostgreSQL ignores the mode.
    #[expect(clippy::disallowed_methods, reason = "the one place where the runner begins a transaction")]
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.db.begin_with_options(options).await
    }
}

/// No transaction of the queue hangs forever.
async fn bounded<T>(transaction: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let late = |_| DbErr::Custom(format!("no answer within {TRANSACTION_MAX:?}"));
    timeout(TRANSACTION_MAX, transaction).await.map_err(late)?
}

/// Whether the job makes way for the next of its lane: in all other cases it stays the first.
fn ends(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Done => true,
        Verdict::Failed(error) => !error.outage,
        Verdict::Lost | Verdict::Cut => false,
    }
}

/// Whether this failure is the job's last.
fn last(job: &Claimed, error: &JobError) -> bool {
    !error.retry || job.attempts >= job.max_attempts
}

/// The error as it can be stored: of bounded length, and without NUL, which PostgreSQL's text can't hold.
fn storable(error: &JobError) -> String {
    error.message.chars().filter(|c| *c != '\0').take(ERROR_MAX_CHARS).collect()
}
