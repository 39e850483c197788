//! `mist jobs`, by which an operator looks after what runs beside the requests.
use queue::NewJob;
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;

/// A receipt of an order that isn't there: no retry helps, so the job dies at once.
async fn dead_job(app: &TestApp) -> Uuid {
    let job = NewJob::new(app.clock.new_id(), "receipt_mail", &json!({"order_id": app.clock.new_id()}));
    let id = queue::enqueue(app.app.db.writer(), job, app.clock.now()).await.unwrap().unwrap();
    assert_eq!(app.run_jobs().await, 1);
    id
}

#[tokio::test]
async fn an_operator_sees_what_died_and_why() {
    let app = TestApp::new().await;
    let id = dead_job(&app).await;
    let (done, said) = app.run(&["jobs", "list", "--state", "dead"]).await;
    assert!(done && said.starts_with(&format!("{id}  dead     receipt_mail  2026-11-22T12:00:00Z  1/15  ")));
    assert!(said.trim_end().ends_with("not_found: There is nothing here by that name."), "{said}");
    assert_eq!(app.run(&["jobs", "list", "--kind", "other"]).await, (true, String::new()));
    assert_eq!(app.run(&["jobs", "list", "--state", "ready"]).await, (true, String::new()));
    let (done, said) = app.run(&["jobs", "list", "--state", "lost"]).await;
    assert!(!done && said.contains("a job is ready, running, done or dead"), "{said}");
    let (_, said) = app.run(&["jobs", "counts"]).await;
    assert_eq!(said, "ready    0\nrunning  0\ndone     0\ndead     1\n");
}

#[tokio::test]
async fn an_operator_retries_what_died() {
    let app = TestApp::new().await;
    let id = dead_job(&app).await;
    assert_eq!(
        app.run(&["jobs", "retry", &id.to_string()]).await,
        (true, format!("Job {id} is due again.\n"))
    );
    let (done, said) = app.run(&["jobs", "retry", &id.to_string()]).await;
    assert!(!done && said.contains(&format!("Job {id} is ready.")), "{said}");
    let nobody = app.clock.new_id();
    let (done, said) = app.run(&["jobs", "retry", &nobody.to_string()]).await;
    assert!(!done && said.contains(&format!("There is no job {nobody}.")), "{said}");
    dead_job(&app).await;
    assert_eq!(app.run(&["jobs", "retry", "--all-dead"]).await, (true, "1 jobs are due again.\n".to_owned()));
    assert!(!app.run(&["jobs", "retry"]).await.0, "it must say what to retry");
}

#[tokio::test]
async fn an_operator_discards_what_died() {
    let app = TestApp::new().await;
    let id = dead_job(&app).await;
    let (done, said) = app.run(&["jobs", "discard", &id.to_string()]).await;
    assert!(done && said == format!("Job {id} is discarded.\n"), "{said}");
    assert_eq!(queue::get(&app.app.db.read, id).await.unwrap().unwrap().state, queue::State::Done);
}
