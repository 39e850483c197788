//! A runner ends in order, and does not end because its database does.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use queue::{Handlers, JobError, Runner, RunnerSettings, State};
use sea_orm::ConnectionTrait;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::support::{KIND, Scene};

on_both! {
    what_runs_is_finished
    what_outlasts_the_grace_is_given_back
    what_was_claimed_but_not_started_is_given_back
    a_dead_database_is_waited_for
    the_end_of_a_job_is_written_when_the_database_is_back
}

async fn what_runs_is_finished(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let shutdown = CancellationToken::new();
    let told = shutdown.clone();
    let handlers = Handlers::new().on(KIND, move |_| {
        told.cancel();
        async {
            tokio::task::yield_now().await;
            Ok(())
        }
    });
    scene.runner(handlers).run(shutdown).await;
    assert_eq!(scene.job(id).await.state, State::Done);
}

async fn what_outlasts_the_grace_is_given_back(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let shutdown = CancellationToken::new();
    let told = shutdown.clone();
    let handlers = Handlers::new().on(KIND, move |_| {
        told.cancel();
        pending()
    });
    let settings = RunnerSettings { grace: Duration::ZERO, ..RunnerSettings::default() };
    scene.runner_with(handlers, settings).run(shutdown).await;
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts, job.lease_until), (State::Ready, 0, None));
}

async fn what_was_claimed_but_not_started_is_given_back(scene: Scene) {
    let first = scene.enqueue(scene.new_job()).await.unwrap();
    let second = scene.enqueue(scene.new_job()).await.unwrap();
    let shutdown = CancellationToken::new();
    let mut sources = scene.sources();
    let (ids, told) = (sources.ids, shutdown.clone());
    // The shutdown comes while the claim is made.
    sources.ids = Arc::new(move || {
        told.cancel();
        ids()
    });
    let handlers = Handlers::new().on(KIND, |_| async { panic!("started after the shutdown") });
    Runner::new(scene.db.clone(), handlers, RunnerSettings::default(), sources, scene.wake.clone())
        .run(shutdown)
        .await;
    for id in [first, second] {
        let job = scene.job(id).await;
        assert_eq!((job.state, job.attempts, job.last_error), (State::Ready, 0, None));
    }
}

async fn a_dead_database_is_waited_for(scene: Scene) {
    const LOOKS: usize = 5;
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    scene.db.execute_unprepared("ALTER TABLE job RENAME TO away").await.unwrap();
    let log = log::Lines::default();
    let _guard = tracing::subscriber::set_default(log.clone());

    let (looked_often, looks) = (Arc::new(Notify::new()), AtomicUsize::new(0));
    let mut sources = scene.sources();
    let (ids, often) = (sources.ids, Arc::clone(&looked_often));
    sources.ids = Arc::new(move || {
        if looks.fetch_add(1, Ordering::Relaxed) == LOOKS {
            often.notify_one();
        }
        ids()
    });
    let (done, mut ran) = mpsc::unbounded_channel();
    let handlers = Handlers::new().on(KIND, move |_| {
        let done = done.clone();
        async move { done.send(()).map_err(JobError::permanent) }
    });
    let settings = RunnerSettings { poll: Duration::from_millis(1), ..RunnerSettings::default() };
    let runner = Runner::new(scene.db.clone(), handlers, settings, sources, scene.wake.clone());
    let shutdown = CancellationToken::new();
    let process = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { runner.run(shutdown).await }
    });
    looked_often.notified().await;
    scene.db.execute_unprepared("ALTER TABLE away RENAME TO job").await.unwrap();
    ran.recv().await.unwrap();
    shutdown.cancel();
    process.await.unwrap();
    assert_eq!(scene.job(id).await.state, State::Done);
    assert_eq!(log.count("can't reach its database"), 1, "{log:?}");
    assert_eq!(log.count("reaches its database again"), 1, "{log:?}");
}

async fn the_end_of_a_job_is_written_when_the_database_is_back(scene: Scene) {
    const TRIES: usize = 5;
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let db = scene.db.clone();
    let handlers = Handlers::new().on(KIND, move |_| {
        let db = db.clone();
        async move {
            db.execute_unprepared("ALTER TABLE job RENAME TO away").await?;
            Ok(())
        }
    });
    // Chance is asked each time that the end is written.
    let (tried_often, tries) = (Arc::new(Notify::new()), AtomicUsize::new(0));
    let mut sources = scene.sources();
    let often = Arc::clone(&tried_often);
    sources.chance = Arc::new(move || {
        if tries.fetch_add(1, Ordering::Relaxed) == TRIES {
            often.notify_one();
        }
        1.0
    });
    let settings = RunnerSettings { poll: Duration::from_millis(1), ..RunnerSettings::default() };
    let runner = Runner::new(scene.db.clone(), handlers, settings, sources, scene.wake.clone());
    let shutdown = CancellationToken::new();
    let process = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { runner.run(shutdown).await }
    });
    tried_often.notified().await;
    scene.db.execute_unprepared("ALTER TABLE away RENAME TO job").await.unwrap();
    shutdown.cancel();
    process.await.unwrap();
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Done, 1));
}

/// What the queue logs on this thread.
mod log {
    use std::{
        fmt::{Debug, Write},
        sync::{Arc, Mutex},
    };

    use tracing::{
        Event, Metadata, Subscriber,
        field::{Field, Visit},
        span,
    };

    #[derive(Clone, Debug, Default)]
    pub(super) struct Lines(Arc<Mutex<Vec<String>>>);

    impl Lines {
        pub(super) fn count(&self, words: &str) -> usize {
            self.0.lock().unwrap().iter().filter(|line| line.contains(words)).count()
        }
    }

    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, "{field}={value:?} ").unwrap();
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target().starts_with("queue")
        }
        fn event(&self, event: &Event<'_>) {
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }
}
