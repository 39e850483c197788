//! A job exists exactly when its cause does, and once.

use std::collections::HashSet;

use futures::future::join_all;
use queue::{Handlers, NewJob, PAYLOAD_MAX_BYTES, State};
use sea_orm::DbErr;

use crate::support::{KIND, Scene, begin};

on_both! {
    a_rolled_back_job_is_gone
    a_committed_job_waits
    a_key_admits_one_unfinished_job
    a_key_is_free_again_when_its_job_is_done
    of_many_at_once_one_gets_the_key
    jobs_without_a_key_do_not_collide
    a_long_payload_is_refused
    an_id_used_twice_is_an_error
}

async fn a_rolled_back_job_is_gone(scene: Scene) {
    let tx = scene.begin().await;
    let id = queue::enqueue(&tx, scene.new_job(), scene.now()).await.unwrap().unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(queue::get(&scene.db, id).await.unwrap(), None);
}

async fn a_committed_job_waits(scene: Scene) {
    let id = scene.enqueue(scene.new_job().dedupe("order:7").max_attempts(3)).await.unwrap();
    let job = scene.job(id).await;
    assert_eq!((job.kind.as_str(), job.state), (KIND, State::Ready));
    assert_eq!(job.payload, serde_json::json!({ "order": 7 }));
    assert_eq!((job.attempts, job.max_attempts), (0, 3));
    assert_eq!((job.run_at, job.created_at), (scene.now(), scene.now()));
    assert_eq!(job.dedupe_key.as_deref(), Some("order:7"));
    assert_eq!((job.lease_until, job.last_error, job.finished_at), (None, None, None));
}

async fn a_key_admits_one_unfinished_job(scene: Scene) {
    assert!(scene.enqueue(scene.new_job().dedupe("order:7")).await.is_some());
    assert_eq!(scene.enqueue(scene.new_job().dedupe("order:7")).await, None);
    assert!(scene.enqueue(scene.new_job().dedupe("order:8")).await.is_some());
}

async fn a_key_is_free_again_when_its_job_is_done(scene: Scene) {
    scene.enqueue(scene.new_job().dedupe("order:7")).await.unwrap();
    let runner = scene.runner(Handlers::new().on(KIND, |_| async { Ok(()) }));
    assert_eq!(runner.run_due().await.unwrap(), 1);
    assert!(scene.enqueue(scene.new_job().dedupe("order:7")).await.is_some());
}

async fn of_many_at_once_one_gets_the_key(scene: Scene) {
    let db = scene.connect().await;
    let tries = (0..8).map(|n| {
        let (scene, db) = (scene.clone(), if n % 2 == 0 { scene.db.clone() } else { db.clone() });
        async move {
            let tx = begin(&db).await;
            let id = queue::enqueue(&tx, scene.new_job().dedupe("order:7"), scene.now()).await.unwrap();
            tx.commit().await.unwrap();
            id
        }
    });
    assert_eq!(join_all(tries).await.into_iter().flatten().collect::<HashSet<_>>().len(), 1);
    assert_eq!(queue::counts(&scene.db).await.unwrap().ready, 1);
}

async fn jobs_without_a_key_do_not_collide(scene: Scene) {
    assert!(scene.enqueue(scene.new_job()).await.is_some());
    assert!(scene.enqueue(scene.new_job()).await.is_some());
}

async fn a_long_payload_is_refused(scene: Scene) {
    let job = NewJob::new(scene.id(), KIND, &"x".repeat(PAYLOAD_MAX_BYTES));
    let refused = queue::enqueue(&scene.db, job, scene.now()).await;
    assert!(matches!(refused, Err(DbErr::Json(_))), "{refused:?}");
}

async fn an_id_used_twice_is_an_error(scene: Scene) {
    let id = scene.id();
    let job = || NewJob::new(id, KIND, &());
    scene.enqueue(job()).await.unwrap();
    let refused = queue::enqueue(&scene.db, job(), scene.now()).await.unwrap_err();
    assert!(refused.sql_err().is_some(), "{refused:?}");
}
