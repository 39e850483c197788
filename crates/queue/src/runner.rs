//! The loop that claims what is due whenever a worker is idle, and ends in order.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::{
    attempt::{Bench, Verdict},
    handlers::Handlers,
    outage::Outage,
    queries::Claimed,
    rest::Rests,
    settings::{RunnerSettings, Sources},
    sweep::Sweep,
    wake::Wake,
};

/// The shortest poll; anything less is a busy loop.
const POLL_MIN: Duration = Duration::from_millis(1);
/// How long a shutdown waits, after its grace, for jobs to be given back.
const RELEASE_MAX: Duration = Duration::from_secs(5);

/// Runs jobs in this process. Any number of runners, in any number of processes, may share one table.
#[derive(Clone, Debug)]
pub struct Runner {
    bench: Arc<Bench>,
    wake: Wake,
}

impl Runner {
    /// A runner over a connection that may write (on SQLite: the pool of the one writer).
    pub fn new(
        db: DatabaseConnection,
        handlers: Handlers,
        mut settings: RunnerSettings,
        sources: Sources,
        wake: Wake,
    ) -> Self {
        settings.workers = settings.workers.max(1);
        settings.batch = settings.batch.max(1);
        settings.poll = settings.poll.max(POLL_MIN);
        Self {
            bench: Arc::new(Bench {
                db,
                handlers,
                settings,
                sources,
                outage: Outage::default(),
                rests: Rests::default(),
                sweep: Sweep::default(),
            }),
            wake,
        }
    }

    /// Runs jobs until `shutdown`; then takes no more, gives back what it claimed but did not start, waits for what
    /// runs up to the grace of its settings, drops the rest and gives those back too. A dead database makes it wait;
    /// nothing makes it return early.
    pub async fn run(&self, shutdown: CancellationToken) {
        let settings = &self.bench.settings;
        let cut = CancellationToken::new();
        let mut running = JoinSet::new();
        let mut poll = interval_at(Instant::now() + settings.poll, settings.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What vanished is looked for at each poll; whoever pokes has enqueued something that is due.
        let (mut may_be_due, mut may_have_vanished) = (true, true);
        while !shutdown.is_cancelled() {
            let room = settings.workers.saturating_sub(running.len()).min(settings.batch);
            if may_be_due && room > 0 {
                let claimed = match may_have_vanished {
                    true => self.bench.claim(room).await,
                    false => self.bench.claim_due(room).await,
                };
                match claimed {
                    Ok(jobs) => {
                        may_have_vanished = false;
                        self.bench.outage.over();
                        may_be_due = jobs.len() == room;
                        self.start(jobs, &mut running, &shutdown, &cut);
                        if may_be_due {
                            while let Some(ended) = running.try_join_next() {
                                may_be_due |= report(ended);
                            }
                            continue;
                        }
                    }
                    Err(error) => {
                        self.bench.outage.seen(&error);
                        tokio::select! {
                            () = sleep(settings.poll) => continue,
                            () = shutdown.cancelled() => break,
                        }
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(ended) = running.join_next() => may_be_due |= report(ended),
                () = self.wake.poked() => may_be_due = true,
                _ = poll.tick() => (may_be_due, may_have_vanished) = (true, true),
            }
        }
        self.finish(running, cut).await;
    }

    /// Starts the jobs of a claim, or, when a shutdown came while it was made, gives them back.
    fn start(
        &self,
        jobs: Vec<Claimed>,
        running: &mut JoinSet<bool>,
        shutdown: &CancellationToken,
        cut: &CancellationToken,
    ) {
        for job in jobs {
            let (bench, cut, too_late) = (Arc::clone(&self.bench), cut.clone(), shutdown.is_cancelled());
            let traced = traced(&job);
            let span = span(&job, &traced);
            let work = async move {
                let verdict =
                    if too_late { Verdict::Cut } else { attempted(&bench, &job, &traced, &cut).await };
                bench.settle_patiently(&job, &verdict, &cut).await;
                job.lane.is_some()
            };
            running.spawn(work.instrument(span));
        }
    }

    /// The end of a run: first with patience, then without.
    async fn finish(&self, mut running: JoinSet<bool>, cut: CancellationToken) {
        if timeout(self.bench.settings.grace, drain(&mut running)).await.is_ok() {
            return;
        }
        tracing::warn!(
            jobs = running.len(),
            "jobs still run after the grace of the shutdown; they are given back"
        );
        cut.cancel();
        if timeout(RELEASE_MAX, drain(&mut running)).await.is_err() {
            tracing::warn!(
                jobs = running.len(),
                "jobs could not be given back; they run again when their leases are over"
            );
        }
    }

    /// Runs everything that is due, one job after the other by `run_at`, with what those jobs enqueue for now, and
    /// answers how many attempts were made. For tests that move the clock, and for one-off commands.
    ///
    /// # Errors
    ///
    /// The first thing the database says; a job that fails is no error.
    pub async fn run_due(&self) -> Result<usize, DbErr> {
        let never = CancellationToken::new();
        let mut ran = 0;
        while let Some(job) = self.bench.claim(1).await?.pop() {
            let traced = traced(&job);
            let attempt = async {
                let verdict = attempted(&self.bench, &job, &traced, &never).await;
                self.bench.settle(&job, &verdict).await
            };
            attempt.instrument(span(&job, &traced)).await?;
            ran += 1;
        }
        Ok(ran)
    }
}

/// What every log line of an attempt says; never the payload.
fn span(job: &Claimed, traced: &traces::Span) -> Span {
    let trace = traced.trace();
    tracing::info_span!("job", id = %job.id, kind = job.kind, attempts = job.attempts, trace)
}

/// An attempt as a part of the trace in which the job was made.
fn traced(job: &Claimed) -> traces::Span {
    traces::Span::job(&job.kind, job.id.to_string(), job.attempts.into(), job.trace.as_deref())
}

async fn attempted(bench: &Bench, job: &Claimed, traced: &traces::Span, cut: &CancellationToken) -> Verdict {
    let verdict = traced.around(bench.attempt(job, cut)).await;
    if matches!(verdict, Verdict::Failed(_)) {
        traced.failed();
    }
    verdict
}

async fn drain(running: &mut JoinSet<bool>) {
    while let Some(ended) = running.join_next().await {
        report(ended);
    }
}

/// Whether another job may have waited for this one to end. A handler's panic never gets here; one of its destructors' may.
fn report(ended: Result<bool, JoinError>) -> bool {
    ended.unwrap_or_else(|error| {
        tracing::error!(%error, "an attempt ended without a word; its job runs again when its lease is over");
        false
    })
}
