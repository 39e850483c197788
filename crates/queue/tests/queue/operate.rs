//! What operators see and do.

use std::time::Duration;

use queue::{Change, Counts, Filter, Handlers, JobError, NewJob, State};
use uuid::Uuid;

use crate::support::{KIND, Scene};

on_both! {
    a_dead_job_gets_new_attempts
    only_a_dead_job_is_retried
    a_retry_yields_to_a_newer_job_with_its_key
    a_discarded_job_never_runs
    only_what_waits_or_died_is_discarded
    lists_go_from_new_to_old_page_by_page
    counts_are_by_state
    pruning_removes_old_done_jobs_alone
}

fn dying() -> Handlers {
    Handlers::new().on(KIND, |_| async { Err(JobError::permanent("no such order")) })
}

fn doing() -> Handlers {
    Handlers::new().on(KIND, |_| async { Ok(()) })
}

async fn dead_job(scene: &Scene, job: NewJob) -> Uuid {
    let id = scene.enqueue(job).await.unwrap();
    scene.runner(dying()).run_due().await.unwrap();
    assert_eq!(scene.job(id).await.state, State::Dead);
    id
}

async fn a_dead_job_gets_new_attempts(scene: Scene) {
    let id = dead_job(&scene, scene.new_job()).await;
    scene.pass(Duration::from_secs(60));
    assert_eq!(queue::retry(&scene.db, id, scene.now()).await.unwrap(), Change::Made);
    let job = scene.job(id).await;
    assert_eq!((job.state, job.attempts, job.run_at, job.finished_at), (State::Ready, 0, scene.now(), None));
    assert_eq!(job.last_error.as_deref(), Some("no such order"));
    assert_eq!(scene.runner(doing()).run_due().await.unwrap(), 1);
    assert_eq!(scene.job(id).await.state, State::Done);
}

async fn only_a_dead_job_is_retried(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    let retry = async |id| queue::retry(&scene.db, id, scene.now()).await.unwrap();
    assert_eq!(retry(id).await, Change::WrongState(State::Ready));
    scene.runner(doing()).run_due().await.unwrap();
    assert_eq!(retry(id).await, Change::WrongState(State::Done));
    assert_eq!(retry(scene.id()).await, Change::Missing);
}

async fn a_retry_yields_to_a_newer_job_with_its_key(scene: Scene) {
    let id = dead_job(&scene, scene.new_job().dedupe("order:7")).await;
    scene.enqueue(scene.new_job().dedupe("order:7")).await.unwrap();
    assert_eq!(queue::retry(&scene.db, id, scene.now()).await.unwrap(), Change::KeyTaken);
    scene.runner(doing()).run_due().await.unwrap();
    assert_eq!(queue::retry(&scene.db, id, scene.now()).await.unwrap(), Change::Made);
}

async fn a_discarded_job_never_runs(scene: Scene) {
    let dead = dead_job(&scene, scene.new_job()).await;
    let ready = scene.enqueue(scene.new_job()).await.unwrap();
    for (id, error) in [(dead, "discarded; before: no such order"), (ready, "discarded")] {
        assert_eq!(queue::discard(&scene.db, id, scene.now()).await.unwrap(), Change::Made);
        let job = scene.job(id).await;
        assert_eq!((job.state, job.finished_at), (State::Done, Some(scene.now())));
        assert_eq!(job.last_error.as_deref(), Some(error));
    }
    assert_eq!(scene.runner(doing()).run_due().await.unwrap(), 0);
}

async fn only_what_waits_or_died_is_discarded(scene: Scene) {
    let id = scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(doing()).run_due().await.unwrap();
    let discard = async |id| queue::discard(&scene.db, id, scene.now()).await.unwrap();
    assert_eq!(discard(id).await, Change::WrongState(State::Done));
    assert_eq!(discard(scene.id()).await, Change::Missing);
}

async fn lists_go_from_new_to_old_page_by_page(scene: Scene) {
    let dead = dead_job(&scene, scene.new_job()).await;
    let other = scene.enqueue(NewJob::new(scene.id(), "other", &())).await.unwrap();
    let ready = scene.enqueue(scene.new_job()).await.unwrap();
    let ids = async |filter: Filter| {
        let jobs = queue::list(&scene.db, &filter).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Filter::default()).await, [ready, other, dead]);
    assert_eq!(ids(Filter { limit: 2, ..Filter::default() }).await, [ready, other]);
    assert_eq!(ids(Filter { after: Some(other), ..Filter::default() }).await, [dead]);
    assert_eq!(ids(Filter { state: Some(State::Dead), ..Filter::default() }).await, [dead]);
    assert_eq!(ids(Filter { kind: Some("other".into()), ..Filter::default() }).await, [other]);
    assert_eq!(ids(Filter { limit: 0, ..Filter::default() }).await, [ready]);
}

async fn counts_are_by_state(scene: Scene) {
    assert_eq!(queue::counts(&scene.db).await.unwrap(), Counts::default());
    dead_job(&scene, scene.new_job()).await;
    scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(doing()).run_due().await.unwrap();
    let since = scene.now();
    scene.enqueue(scene.new_job().at(since + Duration::from_secs(9))).await.unwrap();
    scene.enqueue(scene.new_job()).await.unwrap();
    let counts = queue::counts(&scene.db).await.unwrap();
    assert_eq!(counts, Counts { ready: 2, running: 0, done: 1, dead: 1, oldest_ready: Some(since) });
}

async fn pruning_removes_old_done_jobs_alone(scene: Scene) {
    let dead = dead_job(&scene, scene.new_job()).await;
    let old = scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(doing()).run_due().await.unwrap();
    scene.pass(Duration::from_secs(1));
    let border = scene.now();
    let young = scene.enqueue(scene.new_job()).await.unwrap();
    scene.runner(doing()).run_due().await.unwrap();
    let ready = scene.enqueue(scene.new_job()).await.unwrap();
    scene.pass(Duration::from_secs(1));
    assert_eq!(queue::prune(&scene.db, border).await.unwrap(), 1);
    assert_eq!(queue::get(&scene.db, old).await.unwrap(), None);
    for id in [dead, young, ready] {
        scene.job(id).await;
    }
}
