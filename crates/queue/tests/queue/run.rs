//! What is due is run, once, in order, by whoever knows how.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use queue::{Handlers, JobError, NewJob, Runner, RunnerSettings, State, Wake};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{KIND, Scene, begin};

on_both! {
    a_job_is_done
    a_handler_is_told_the_same_id_in_every_attempt
    eight_workers_do_four_hundred_jobs_once_each
    a_scheduled_job_waits_for_its_time
    jobs_run_by_their_time_then_by_their_id
    jobs_enqueued_by_jobs_run_too
    a_kind_without_a_handler_is_left_alone
    a_poke_starts_a_job_at_once
}

/// Handlers that note the payloads they get.
fn noting() -> (Handlers, Arc<Mutex<Vec<Value>>>) {
    let notes: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&notes);
    let handlers = Handlers::new().on(KIND, move |payload| {
        kept.lock().unwrap().push(payload);
        async { Ok(()) }
    });
    (handlers, notes)
}

async fn a_job_is_done(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let (handlers, notes) = noting();
    assert_eq!(scene.runner(handlers).run_due().await.unwrap(), 1);
    assert_eq!(*notes.lock().unwrap(), [serde_json::json!({ "order": 7 })]);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts, job.lease_until), (State::Done, 1, None));
    assert_eq!(job.finished_at, Some(scene.now()));
}

async fn a_handler_is_told_the_same_id_in_every_attempt(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let ids: Arc<Mutex<Vec<Uuid>>> = Arc::default();
    let kept = Arc::clone(&ids);
    let handlers = Handlers::new().on_job(KIND, move |id, _| {
        kept.lock().unwrap().push(id);
        async { Err(JobError::transient("later")) }
    });
    let runner = scene.runner(handlers);
    for _ in 0..2 {
        assert_eq!(runner.run_due().await.unwrap(), 1);
        scene.pass(Duration::from_secs(60));
    }
    assert_eq!(*ids.lock().unwrap(), [id, id]);
}

async fn eight_workers_do_four_hundred_jobs_once_each(scene: Scene) {
    const JOBS: usize = 400;
    let tx = scene.begin().await;
    for n in 0..JOBS {
        queue::enqueue(&tx, NewJob::new(scene.id(), KIND, &n), scene.now()).await.unwrap();
    }
    tx.commit().await.unwrap();

    let (done, mut ran) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let mut processes = Vec::new();
    for _ in 0..2 {
        let done = done.clone();
        let handlers = Handlers::new().on(KIND, move |n| {
            let done = done.clone();
            async move { done.send(serde_json::from_value::<usize>(n)?).map_err(JobError::permanent) }
        });
        let settings = RunnerSettings { workers: 4, ..RunnerSettings::default() };
        let runner = Runner::new(scene.connect().await, handlers, settings, scene.sources(), Wake::new());
        let shutdown = shutdown.clone();
        processes.push(tokio::spawn(async move { runner.run(shutdown).await }));
    }
    let mut seen = BTreeSet::new();
    for _ in 0..JOBS {
        assert!(seen.insert(ran.recv().await.unwrap()), "a job ran twice");
    }
    shutdown.cancel();
    for process in processes {
        process.await.unwrap();
    }
    assert!(ran.try_recv().is_err(), "a job ran twice");
    assert_eq!(queue::counts(&scene.db).await.unwrap().done, JOBS as u64);
}

async fn a_scheduled_job_waits_for_its_time(scene: Scene) {
    let hour = Duration::from_secs(3600);
    let id = scene.enqueue(scene.new_job().at(scene.now() + hour)).await.unwrap();
    let (handlers, _) = noting();
    let runner = scene.runner(handlers);
    scene.pass(hour - Duration::from_millis(1));
    assert_eq!(runner.run_due().await.unwrap(), 0);
    scene.pass(Duration::from_millis(1));
    assert_eq!(runner.run_due().await.unwrap(), 1);
    assert_eq!(scene.job(id).await.state, State::Done);
}

async fn jobs_run_by_their_time_then_by_their_id(scene: Scene) {
    let later = scene.now() + Duration::from_secs(1);
    for (name, at) in [("c", later), ("a", scene.now()), ("d", later), ("b", scene.now())] {
        scene.enqueue(NewJob::new(scene.id(), KIND, &name).at(at)).await.unwrap();
    }
    scene.pass(Duration::from_secs(1));
    let (handlers, notes) = noting();
    assert_eq!(scene.runner(handlers).run_due().await.unwrap(), 4);
    assert_eq!(*notes.lock().unwrap(), ["a", "b", "c", "d"]);
}

async fn jobs_enqueued_by_jobs_run_too(scene: Scene) {
    let (second, inner) = (scene.id(), scene.clone());
    let handlers = Handlers::new().on("first", move |_| {
        let inner = inner.clone();
        async move {
            let tx = begin(&inner.db).await;
            queue::enqueue(&tx, NewJob::new(second, "second", &()), inner.now()).await?;
            Ok(tx.commit().await?)
        }
    });
    scene.enqueue(NewJob::new(scene.id(), "first", &())).await.unwrap();
    let runner = scene.runner(handlers.on("second", |_| async { Ok(()) }));
    assert_eq!(runner.run_due().await.unwrap(), 2);
    assert_eq!(scene.job(second).await.state, State::Done);
}

async fn a_kind_without_a_handler_is_left_alone(scene: Scene) {
    let id = scene.enqueue(NewJob::new(scene.id(), "of.a.newer.copy", &())).await.unwrap();
    let (handlers, _) = noting();
    assert_eq!(scene.runner(handlers).run_due().await.unwrap(), 0);
    assert_eq!(scene.runner(Handlers::new()).run_due().await.unwrap(), 0);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Ready, 0));
}

async fn a_poke_starts_a_job_at_once(scene: Scene) {
    let (done, mut ran) = mpsc::unbounded_channel::<Uuid>();
    let handlers = Handlers::new().on(KIND, move |id| {
        let done = done.clone();
        async move { done.send(serde_json::from_value(id)?).map_err(JobError::permanent) }
    });
    // It never polls: only the poke can tell it.
    let settings = RunnerSettings { poll: Duration::from_secs(1_000_000), ..RunnerSettings::default() };
    let (runner, shutdown) = (scene.runner_with(handlers, settings), CancellationToken::new());
    let process = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { runner.run(shutdown).await }
    });
    for _ in 0..3 {
        let id = scene.id();
        scene.enqueue(NewJob::new(id, KIND, &id)).await.unwrap();
        scene.wake.poke();
        assert_eq!(ran.recv().await, Some(id));
    }
    shutdown.cancel();
    process.await.unwrap();
}
