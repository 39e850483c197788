//! What fails is tried again, later and later, and is given up in the end.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use queue::{Attempt, Handlers, JobError, RunnerSettings, State};

use crate::support::{KIND, Scene};

on_both! {
    a_failed_job_backs_off_and_dies
    a_handler_is_told_of_the_last_attempt
    a_failed_job_can_succeed_later
    a_permanent_failure_dies_at_once
    a_panic_is_a_failure
    a_handler_that_takes_too_long_is_a_failure
    any_message_can_be_stored
}

fn failing(error: JobError) -> Handlers {
    Handlers::new().on(KIND, move |_| {
        let error = error.clone();
        async { Err(error) }
    })
}

async fn a_failed_job_backs_off_and_dies(scene: Scene) {
    let id = scene.enqueue(scene.new_job().max_attempts(3)).await.unwrap();
    let runner = scene.runner(failing(JobError::transient("no mail server")));
    for (attempt, wait) in [(1, 5), (2, 10)] {
        let wait = Duration::from_secs(wait);
        assert_eq!(runner.run_due().await.unwrap(), 1);
        let job = scene.job(id).await;
        assert_eq!((job.state, job.attempts, job.lease_until), (State::Ready, attempt, None));
        assert_eq!(job.run_at, scene.now() + wait);
        assert_eq!(job.last_error.as_deref(), Some("no mail server"));
        assert_eq!(runner.run_due().await.unwrap(), 0);
        scene.pass(wait);
    }
    assert_eq!(runner.run_due().await.unwrap(), 1);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts, job.finished_at), (State::Dead, 3, Some(scene.now())));
    scene.pass(Duration::from_secs(1_000_000));
    assert_eq!(runner.run_due().await.unwrap(), 0);
}

async fn a_handler_is_told_of_the_last_attempt(scene: Scene) {
    let id = scene.enqueue(scene.new_job().max_attempts(3)).await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    let runner = scene.runner(Handlers::new().on_attempt(KIND, move |attempt, _| {
        noted.lock().unwrap().push(attempt);
        async { Err(JobError::transient("no mail server")) }
    }));
    for _ in 0..3 {
        runner.run_due().await.unwrap();
        scene.pass(Duration::from_secs(60));
    }
    let attempt = |last| Attempt { id, last };
    assert_eq!(*told.lock().unwrap(), [attempt(false), attempt(false), attempt(true)]);
}

async fn a_failed_job_can_succeed_later(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(failing(JobError::transient("no mail server"))).run_due().await.unwrap();
    scene.pass(Duration::from_secs(5));
    scene.runner(Handlers::new().on(KIND, |_| async { Ok(()) })).run_due().await.unwrap();
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Done, 2));
}

async fn a_permanent_failure_dies_at_once(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(failing(JobError::permanent("no such order"))).run_due().await.unwrap();
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Dead, 1));
    assert_eq!(job.last_error.as_deref(), Some("no such order"));
}

async fn a_panic_is_a_failure(scene: Scene) {
    let first = scene.enqueue(scene.new_job()).await.unwrap();
    let second = scene.enqueue(scene.new_job()).await.unwrap();
    let runner = scene.runner(Handlers::new().on(KIND, |_| async { panic!("at the disco") }));
    assert_eq!(runner.run_due().await.unwrap(), 2);
    for id in [first, second] {
        let job = scene.job(id).await;
        assert_eq!((job.state, job.attempts), (State::Ready, 1));
        assert_eq!(job.last_error.as_deref(), Some("panicked: at the disco"));
    }
}

async fn a_handler_that_takes_too_long_is_a_failure(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let settings = RunnerSettings { longest: Duration::from_millis(1), ..RunnerSettings::default() };
    let runner = scene.runner_with(Handlers::new().on(KIND, |_| std::future::pending()), settings);
    assert_eq!(runner.run_due().await.unwrap(), 1);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.last_error.as_deref()), (State::Ready, Some("still running after 1ms")));
}

async fn any_message_can_be_stored(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let message = format!("\0é{}", "x".repeat(100_000));
    scene.runner(failing(JobError::transient(message))).run_due().await.unwrap();
    let stored = scene.job(id).await.last_error.unwrap();
    assert!(stored.starts_with("éx"));
    assert_eq!(stored.chars().count(), 1_000);
}
