//! Jobs that keep an order, and what waits for something that is down.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use queue::{Handlers, JobError, State};
use uuid::Uuid;

use crate::support::{KIND, Scene};

on_both! {
    the_jobs_of_a_lane_run_one_after_the_other
    one_that_is_to_run_later_holds_nobody_up
    one_that_fails_by_itself_leaves_its_lane
    an_outage_is_waited_for_in_order_however_long_it_lasts
    many_are_written_at_once
}

const LANE: Uuid = Uuid::from_u64_pair(7, 7);

/// Handlers that note which job they ran, and fail while they are told to.
#[derive(Clone, Default)]
struct Log {
    ran: Arc<Mutex<Vec<Uuid>>>,
    down: Arc<AtomicBool>,
}

impl Log {
    fn handlers(&self, failure: JobError) -> Handlers {
        let log = self.clone();
        Handlers::new().on_job(KIND, move |id, _| {
            let (log, failure) = (log.clone(), failure.clone());
            async move {
                log.ran.lock().unwrap().push(id);
                if log.down.load(Ordering::SeqCst) { Err(failure) } else { Ok(()) }
            }
        })
    }

    fn ran(&self) -> Vec<Uuid> {
        std::mem::take(&mut *self.ran.lock().unwrap())
    }
}

async fn the_jobs_of_a_lane_run_one_after_the_other(scene: Scene) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(scene.enqueue(scene.new_job().in_lane(LANE)).await.unwrap());
    }
    let (began, go_on) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (ran, handlers) = (Arc::<Mutex<Vec<Uuid>>>::default(), (began.clone(), go_on.clone()));
    let note = Arc::clone(&ran);
    let handlers = Handlers::new().on_job(KIND, move |id, _| {
        let (note, (began, go_on)) = (Arc::clone(&note), handlers.clone());
        async move {
            note.lock().unwrap().push(id);
            began.add_permits(1);
            go_on.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let stop = tokio_util::sync::CancellationToken::new();
    let (runner, stopped) = (scene.runner(handlers), stop.clone());
    let running = tokio::spawn(async move { runner.run(stopped).await });
    for number in 1..=3 {
        began.acquire().await.unwrap().forget();
        // Four workers are there; another runner finds nothing to do either.
        assert_eq!(
            scene.runner(Log::default().handlers(JobError::transient("-"))).run_due().await.unwrap(),
            0
        );
        assert_eq!(*ran.lock().unwrap(), ids[..number]);
        go_on.add_permits(1);
        scene.wake.poke();
    }
    stop.cancel();
    running.await.unwrap();
}

async fn one_that_is_to_run_later_holds_nobody_up(scene: Scene) {
    let log = Log::default();
    let later = scene.new_job().in_lane(LANE).at(scene.now() + Duration::from_secs(60));
    let later = scene.enqueue(later).await.unwrap();
    let now = scene.enqueue(scene.new_job().in_lane(LANE)).await.unwrap();
    let runner = scene.runner(log.handlers(JobError::transient("-")));
    runner.run_due().await.unwrap();
    scene.pass(Duration::from_secs(60));
    runner.run_due().await.unwrap();
    assert_eq!(log.ran(), [now, later]);
}

async fn one_that_fails_by_itself_leaves_its_lane(scene: Scene) {
    let log = Log::default();
    let first = scene.enqueue(scene.new_job().in_lane(LANE)).await.unwrap();
    let runner = scene.runner(log.handlers(JobError::transient("this mailbox is full")));
    log.down.store(true, Ordering::SeqCst);
    runner.run_due().await.unwrap();
    log.down.store(false, Ordering::SeqCst);
    let second = scene.enqueue(scene.new_job().in_lane(LANE)).await.unwrap();
    runner.run_due().await.unwrap();
    assert_eq!(log.ran(), [first, second]);
    assert_eq!((scene.job(first).await.state, scene.job(first).await.attempts), (State::Ready, 1));
    scene.pass(Duration::from_secs(5));
    runner.run_due().await.unwrap();
    assert_eq!(scene.job(first).await.state, State::Done);
}

async fn an_outage_is_waited_for_in_order_however_long_it_lasts(scene: Scene) {
    let log = Log::default();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(scene.enqueue(scene.new_job().max_attempts(2)).await.unwrap());
        scene.pass(Duration::from_secs(1));
    }
    let runner = scene.runner(log.handlers(JobError::outage("no mail server")));
    log.down.store(true, Ordering::SeqCst);
    for _ in 0..100 {
        runner.run_due().await.unwrap();
        scene.pass(Duration::from_secs(60));
    }
    let tried = log.ran();
    assert_eq!(tried.len(), 100, "one is tried for all of its kind");
    assert!(tried.iter().all(|id| *id == ids[0]));
    let job = scene.job(ids[0]).await;
    assert_eq!(
        (job.state, job.attempts, job.last_error.as_deref()),
        (State::Ready, 0, Some("no mail server"))
    );
    log.down.store(false, Ordering::SeqCst);
    runner.run_due().await.unwrap();
    assert_eq!(log.ran(), ids);
}

async fn many_are_written_at_once(scene: Scene) {
    let jobs = (0..1_201).map(|number| scene.new_job().dedupe(format!("{}", number / 2)));
    let written = queue::enqueue_all(&scene.db, jobs.collect(), scene.now()).await.unwrap();
    assert_eq!(written, 601, "two have the same key each, but for the last");
    assert_eq!(queue::counts(&scene.db).await.unwrap().ready, 601);
    assert_eq!(queue::enqueue_all(&scene.db, Vec::new(), scene.now()).await.unwrap(), 0);
}
