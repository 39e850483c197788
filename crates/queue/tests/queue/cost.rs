//! What a claim costs does not grow with what it must not take: counted in steps of SQLite's machine, for time proves nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use queue::{Handlers, JobError, State};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::support::{KIND, Kind, Scene, on};

/// Steps are counted in so many.
const GRAIN: i32 = 100;
const LANE: Uuid = Uuid::from_u64_pair(7, 7);

/// Counts the steps that the scene's one connection makes from now on.
async fn count_steps(scene: &Scene) -> Arc<AtomicU64> {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let mut connection = scene.db.get_sqlite_connection_pool().acquire().await.unwrap();
    let mut handle = connection.lock_handle().await.unwrap();
    handle.set_progress_handler(GRAIN, move || {
        counted.fetch_add(GRAIN.unsigned_abs().into(), Ordering::Relaxed);
        true
    });
    drop(handle);
    steps
}

#[tokio::test]
async fn what_waits_for_something_that_is_down_costs_others_nothing() {
    on(Kind::Sqlite, async |scene: Scene| {
        let waiting = "INSERT INTO job (id, kind, payload, state, attempts, max_attempts, run_at, created_at) \
                       WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000) \
                       SELECT randomblob(16), 'mail', 'null', 'ready', 0, 15, n, n FROM number";
        scene.db.execute_unprepared(waiting).await.unwrap();
        let handlers = Handlers::new()
            .on("mail", |_| async { Err(JobError::outage("no mail server")) })
            .on(KIND, |_| async { Ok(()) });
        let runner = scene.runner(handlers);
        assert_eq!(runner.run_due().await.unwrap(), 1, "one is tried for all of its kind");
        let steps = count_steps(&scene).await;
        let id = scene.enqueue(scene.new_job()).await.unwrap();
        assert_eq!(runner.run_due().await.unwrap(), 1);
        assert_eq!(scene.job(id).await.state, State::Done);
        let steps = steps.load(Ordering::Relaxed);
        assert!(steps < 5_000, "{steps} steps for one job beside 100,000 that wait");
    })
    .await;
}

#[tokio::test]
async fn each_job_of_a_long_lane_costs_alike() {
    on(Kind::Sqlite, async |scene: Scene| {
        const JOBS: u64 = 2_000;
        let jobs = (0..JOBS).map(|_| scene.new_job().in_lane(LANE)).collect();
        queue::enqueue_all(&scene.db, jobs, scene.now()).await.unwrap();
        let steps = count_steps(&scene).await;
        let runner = scene.runner(Handlers::new().on(KIND, |_| async { Ok(()) }));
        assert_eq!(runner.run_due().await.unwrap() as u64, JOBS);
        let each = steps.load(Ordering::Relaxed) / JOBS;
        assert!(each < 3_000, "{each} steps for each of {JOBS} jobs of a lane");
    })
    .await;
}

#[tokio::test]
async fn a_lane_goes_on_when_whoever_was_first_ended_without_a_word() {
    on(Kind::Sqlite, async |scene: Scene| {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(scene.enqueue(scene.new_job().in_lane(LANE)).await.unwrap());
        }
        let down = Handlers::new().on(KIND, |_| async { Err(JobError::outage("no mail server")) });
        assert_eq!(scene.runner(down).run_due().await.unwrap(), 1);
        queue::discard(&scene.db, ids[0], scene.now()).await.unwrap();
        let runner = scene.runner(Handlers::new().on(KIND, |_| async { Ok(()) }));
        scene.pass(Duration::from_secs(60));
        assert_eq!(runner.run_due().await.unwrap(), 2);
        assert_eq!(scene.job(ids[2]).await.state, State::Done);
    })
    .await;
}
