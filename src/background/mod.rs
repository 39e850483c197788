//! What runs beside the requests: the job runner with every slice's handlers, the readers of the event log, and
//! scheduled work.
use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use queue::{Handlers, Runner, RunnerSettings, Sources};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts,
    app::App,
    backoffice, backup, checkout,
    clock::Clock,
    community,
    config::Config,
    db::Db,
    delivery,
    error::{Error, Result},
    events::{self, Reader},
    metrics, notifications, storefront, webhooks,
};

mod invariants;
mod lease;
mod park;
mod retention;
mod schedule;
mod wake;

pub use invariants::violations;
pub use park::{Parked, mailing, park};
pub use wake::Wake;

use schedule::Task;

/// Jobs that read whole files and run at once in this process.
const READING: usize = 2;
/// One of them that still runs after this counts as failed: longer than a scanner may take, and than reading the largest file
/// takes.
const LONGEST_READING: Duration = Duration::from_secs(12 * 60 * 60);

/// How long who waits for others to be done with the objects waits until the next look.
const BETWEEN_TURNS: Duration = Duration::from_secs(1);

/// Fan-outs that run at once in this process: they wait for each other with every batch, and a small one does not wait for the
/// end of a large one.
const TELLING: usize = 2;

/// The kinds of jobs that this build runs.
pub fn kinds(app: &App) -> Vec<&'static str> {
    let all = [handlers(app), read_files(app), tell_many(app), mail_to_many(app)];
    all.iter().flat_map(Handlers::kinds).collect()
}

/// The handlers of every job kind but those that [`read_files`], [`tell_many`] and [`mail_to_many`]; each slice adds its own.
fn handlers(app: &App) -> Handlers {
    let handlers = checkout::handle(accounts::handle(Handlers::new(), app), app);
    webhooks::handle(notifications::handle(handlers, app), app)
}

/// The handlers of jobs that read whole files. They take hours, and so have workers of their own: no payment and no mail
/// waits for them.
fn read_files(app: &App) -> Handlers {
    delivery::handle(Handlers::new(), app)
}

/// The handlers of jobs by which many are told something. A hundred thousand people take minutes, and nobody waits for it:
/// payments, receipts and what keeps an account safe do not stand behind them.
fn tell_many(app: &App) -> Handlers {
    notifications::handle_fan_outs(Handlers::new(), app)
}

/// The handlers of the mails of it, of which so many wait that no fan-out stands behind them either.
fn mail_to_many(app: &App) -> Handlers {
    notifications::handle_mail_to_many(Handlers::new(), app)
}

/// Everybody who follows the event log; each slice adds its own.
pub fn readers() -> Vec<Reader> {
    vec![
        backoffice::AUDIT_LOG,
        community::FULFILLED_WISHES,
        notifications::NOTIFICATIONS,
        webhooks::WEBHOOKS,
        webhooks::TOPIC,
    ]
}

/// The scheduled work of the store.
fn tasks(config: &Config) -> Vec<Task> {
    let mut tasks = vec![
        Task {
            name: "events",
            every: Duration::from_millis(250),
            // Each copy may: the rows of the sequencer and of the readers are locked while they are used.
            alone: false,
            woken: true,
            run: |app| follow_events(app).boxed(),
        },
        Task {
            name: "catalog index",
            every: Duration::from_millis(250),
            // Each copy has its own.
            alone: false,
            woken: false,
            run: |app| storefront::follow(app).boxed(),
        },
        Task {
            name: "order expiry",
            every: Duration::from_secs(1),
            // Each copy may: an order is locked while it expires, and without a lease an idle store writes nothing.
            alone: false,
            woken: false,
            run: |app| async { checkout::expire_due(app).await.map(drop) }.boxed(),
        },
        Task {
            name: "invariants",
            every: Duration::from_secs(15 * 60),
            alone: true,
            woken: false,
            run: |app| invariants::watch(app).boxed(),
        },
        Task {
            name: "all invariants",
            every: Duration::from_secs(60 * 60),
            alone: true,
            woken: false,
            run: |app| invariants::watch_all(app).boxed(),
        },
        Task {
            name: "reconcile",
            every: Duration::from_secs(5 * 60),
            alone: true,
            woken: false,
            run: |app| async { checkout::reconcile(app).await.map(drop) }.boxed(),
        },
        Task {
            name: "popularity",
            every: Duration::from_secs(60 * 60),
            alone: true,
            woken: false,
            run: |app| checkout::count_popularity(app).boxed(),
        },
        Task {
            name: "bought_together",
            every: Duration::from_secs(24 * 60 * 60),
            alone: true,
            woken: false,
            run: |app| checkout::count_bought_together(app).boxed(),
        },
        Task {
            name: "backup",
            every: Duration::from_secs(10 * 60),
            alone: true,
            woken: false,
            run: |app| over_objects(&app.db, &app.clock, || backup::run_due(app)).boxed(),
        },
        Task {
            name: "calendar",
            every: Duration::from_secs(60),
            alone: true,
            woken: false,
            run: |app| notifications::announce(app).boxed(),
        },
        Task {
            name: "measures",
            every: Duration::from_secs(15),
            // Each copy shows them to whoever scrapes it.
            alone: false,
            woken: false,
            run: |app| {
                invariants::fade(app.clock.now());
                metrics::measure(app).boxed()
            },
        },
        Task {
            name: "retention",
            every: Duration::from_secs(60 * 60),
            alone: true,
            woken: false,
            run: |app| retention::run(app).boxed(),
        },
    ];
    if config.delivery.gc_hours > 0 {
        tasks.push(Task {
            name: "objects",
            every: Duration::from_secs(u64::from(config.delivery.gc_hours) * 60 * 60),
            alone: true,
            woken: false,
            run: |app| over_objects(&app.db, &app.clock, || delivery::remove_garbage(app)).boxed(),
        });
    }
    tasks
}

/// Runs what goes over all objects once nothing else does, in whichever process: a backup would miss what is removed while it
/// copies.
pub async fn over_objects<T, F>(db: &Db, clock: &Clock, work: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    loop {
        if let Some(done) = lease::turn((db, clock), "over objects", Duration::ZERO, work()).await? {
            return Ok(done);
        }
        tokio::time::sleep(BETWEEN_TURNS).await;
    }
}

/// Numbers what has committed, then lets every reader catch up. One that fails stops no other.
async fn follow_events(app: &App) -> Result<()> {
    events::number(&app.db).await?;
    let (mut outcome, mut some) = (Ok(()), false);
    for reader in readers() {
        match reader.catch_up(app).await {
            Ok(applied) => some |= applied > 0,
            Err(error) => {
                tracing::error!(reader = reader.name, %error, "a reader of the event log failed");
                outcome = Err(error);
            }
        }
    }
    if some {
        // What they have told accounts, and the mails of it.
        app.streams.ring().await;
        app.wake.jobs().poke();
        app.wake.poke_notices();
    }
    outcome
}

/// The runners of this process.
fn runners(app: &App) -> [Runner; 4] {
    let (clock, ids) = (app.clock.clone(), app.clock.clone());
    let sources = Sources {
        clock: Arc::new(move || clock.now()),
        ids: Arc::new(move || ids.new_id()),
        chance: Arc::new(crate::keys::chance),
    };
    let runner = |handlers, settings, wake: &queue::Wake| {
        Runner::new(app.db.writer().clone(), handlers, settings, sources.clone(), wake.clone())
    };
    let reading = RunnerSettings { workers: READING, longest: LONGEST_READING, ..RunnerSettings::default() };
    let telling = RunnerSettings { workers: TELLING, ..RunnerSettings::default() };
    [
        runner(handlers(app), RunnerSettings::default(), app.wake.jobs()),
        runner(read_files(app), reading, app.wake.reading()),
        runner(tell_many(app), telling, app.wake.telling()),
        runner(mail_to_many(app), RunnerSettings::default(), app.wake.mailing()),
    ]
}

/// Runs every job that is due, and what those enqueue for now, and says how many attempts were made: for tests that move the
/// clock.
pub async fn run_due(app: &App) -> Result<usize> {
    let runners = runners(app);
    let mut ran = 0;
    loop {
        let before = ran;
        for runner in &runners {
            ran += runner.run_due().await?;
        }
        if ran == before {
            return Ok(ran);
        }
    }
}

/// Runs jobs and scheduled work, and sends webhooks, until `stop` is cancelled.
pub async fn run(app: App, stop: CancellationToken) {
    let [jobs, reading, telling, mailing] = runners(&app);
    tokio::join!(
        jobs.run(stop.clone()),
        reading.run(stop.clone()),
        telling.run(stop.clone()),
        mailing.run(stop.clone()),
        schedule::run(&app, tasks(&app.config), &stop),
        webhooks::run(&app, &stop)
    );
}

/// Runs one piece of scheduled work now, as its turn would. False: it is another copy's turn.
pub async fn tick(app: &App, name: &str) -> Result<bool> {
    let task = tasks(&app.config).into_iter().find(|task| task.name == name);
    task.ok_or_else(|| Error::unexpected(format!("no scheduled work is called {name}")))?.turn(app).await
}
