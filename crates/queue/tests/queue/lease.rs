//! A lease is all that holds a job: kept alive it lasts, lost it binds nobody.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use queue::{Handlers, JobError, RunnerSettings, State};
use sea_orm::ConnectionTrait;
use tokio::sync::{mpsc, oneshot};

use crate::support::{KIND, Scene};

on_both! {
    an_expired_lease_is_claimed_again_and_its_old_holder_can_not_finish
    an_expired_lease_is_claimed_again_and_its_old_holder_can_not_fail
    a_running_job_is_nobody_elses
    a_long_handler_keeps_its_lease
    a_handler_whose_lease_is_taken_is_dropped
    a_job_that_kills_its_process_dies_in_the_end
}

type Outcome = Result<(), JobError>;

/// A handler that says when it starts and ends as it is told.
fn told() -> (Handlers, mpsc::UnboundedReceiver<()>, oneshot::Sender<Outcome>) {
    let (started, starts) = mpsc::unbounded_channel();
    let (end, outcome) = oneshot::channel();
    let outcome = Arc::new(Mutex::new(Some(outcome)));
    let handlers = Handlers::new().on(KIND, move |_| {
        let outcome = outcome.lock().unwrap().take().expect("one attempt");
        started.send(()).unwrap();
        async { outcome.await.unwrap() }
    });
    (handlers, starts, end)
}

async fn an_expired_lease_is_claimed_again_and_its_old_holder_can_not_finish(scene: Scene) {
    expired(scene, Ok(())).await;
}

async fn an_expired_lease_is_claimed_again_and_its_old_holder_can_not_fail(scene: Scene) {
    expired(scene, Err(JobError::permanent("too late to say so"))).await;
}

async fn expired(scene: Scene, late: Outcome) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let (handlers, mut old_starts, old_end) = told();
    let old = scene.runner(handlers);
    let old = tokio::spawn(async move { old.run_due().await.unwrap() });
    old_starts.recv().await.unwrap();

    scene.pass(RunnerSettings::default().lease + Duration::from_millis(1));
    let (handlers, mut new_starts, new_end) = told();
    let new = scene.runner(handlers);
    let new = tokio::spawn(async move { new.run_due().await.unwrap() });
    new_starts.recv().await.unwrap();

    old_end.send(late).unwrap();
    old.await.unwrap();
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts, job.last_error), (State::Running, 2, None));

    new_end.send(Ok(())).unwrap();
    new.await.unwrap();
    assert_eq!(scene.job(id).await.state, State::Done);
}

async fn a_running_job_is_nobody_elses(scene: Scene) {
    scene.enqueue(scene.new_job()).await.unwrap();
    let (handlers, mut starts, end) = told();
    let first = scene.runner(handlers);
    let first = tokio::spawn(async move { first.run_due().await.unwrap() });
    starts.recv().await.unwrap();
    scene.pass(RunnerSettings::default().lease);
    let second = scene.runner(Handlers::new().on(KIND, |_| async { panic!("claimed twice") }));
    assert_eq!(second.run_due().await.unwrap(), 0);
    end.send(Ok(())).unwrap();
    assert_eq!(first.await.unwrap(), 1);
}

async fn a_long_handler_keeps_its_lease(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let inner = scene.clone();
    let handlers = Handlers::new().on(KIND, move |_| {
        let scene = inner.clone();
        async move {
            for _ in 0..3 {
                let before = scene.job(id).await.lease_until.unwrap();
                scene.pass(Duration::from_secs(1));
                while scene.job(id).await.lease_until.unwrap() == before {
                    tokio::task::yield_now().await;
                }
            }
            Ok(())
        }
    });
    let settings = RunnerSettings { lease: Duration::from_millis(6), ..RunnerSettings::default() };
    assert_eq!(scene.runner_with(handlers, settings).run_due().await.unwrap(), 1);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Done, 1));
}

async fn a_handler_whose_lease_is_taken_is_dropped(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let inner = scene.clone();
    let handlers = Handlers::new().on(KIND, move |_| {
        let db = inner.db.clone();
        async move {
            db.execute_unprepared("UPDATE job SET lease_token = NULL").await?;
            pending().await
        }
    });
    let settings = RunnerSettings { lease: Duration::from_millis(6), ..RunnerSettings::default() };
    assert_eq!(scene.runner_with(handlers, settings).run_due().await.unwrap(), 1);
    assert_eq!(scene.job(id).await.state, State::Running);
}

async fn a_job_that_kills_its_process_dies_in_the_end(scene: Scene) {
    let id = scene.enqueue(scene.new_job().max_attempts(2)).await.unwrap();
    for attempt in [1, 2] {
        let (handlers, mut starts, _end) = told();
        let runner = scene.runner(handlers);
        let process = tokio::spawn(async move { runner.run_due().await });
        starts.recv().await.unwrap();
        process.abort();
        assert!(process.await.unwrap_err().is_cancelled());
        let job = scene.job(id).await;
        assert_eq!((job.state, job.attempts), (State::Running, attempt));
        scene.pass(RunnerSettings::default().lease + Duration::from_millis(1));
    }
    let next = scene.runner(Handlers::new().on(KIND, |_| async { panic!("it would have died of it") }));
    assert_eq!(next.run_due().await.unwrap(), 0);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.finished_at), (State::Dead, Some(scene.now())));
    assert!(job.last_error.unwrap().contains("lease ran out"));
}
